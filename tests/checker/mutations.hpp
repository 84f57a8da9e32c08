// Ways in which a good history can be falsified, each with the invariant that
// must find it: what the checker is worth.
#pragma once

#include "tests/checker/history.hpp"

#include <random>
#include <string>
#include <vector>

namespace intd::checker {

struct mutation {
  std::string name;
  /// The invariant that finds it.
  std::string found_by;
  void (*apply)(history&, std::mt19937_64&);
};

[[nodiscard]] const std::vector<mutation>& mutations();

} // namespace intd::checker
