// The randomness of tests: from a seed that is shown, and can be given back
// in INTD_SEED.
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <cstdlib>
#include <random>

namespace intd::test {

/// Makes a generator; its seed is printed when the test fails.
inline std::mt19937_64 seeded() {
  const char* given = std::getenv("INTD_SEED");
  const uint64_t seed
    = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  BOOST_TEST_MESSAGE("INTD_SEED=" << seed);
  return std::mt19937_64{seed};
}

} // namespace intd::test
