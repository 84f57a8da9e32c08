#include "actors/backoff.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <vector>

using intd::backoff;
using std::chrono::milliseconds;

namespace {

std::vector<int64_t> delays(backoff x, size_t n) {
  std::vector<int64_t> result;
  for (size_t i = 0; i < n; ++i)
    result.push_back(x.next().count());
  return result;
}

} // namespace

BOOST_AUTO_TEST_CASE(delays_double_up_to_the_maximum) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      backoff x{milliseconds{100}, milliseconds{1'500}, seed};
      for (int64_t step : {100, 200, 400, 800, 1'500, 1'500, 1'500}) {
        auto delay = x.next().count();
        BOOST_TEST(delay >= step / 2);
        BOOST_TEST(delay <= step);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(one_seed_gives_the_same_delays_and_two_do_not) {
  backoff a{milliseconds{100}, milliseconds{100'000}, 7};
  backoff b{milliseconds{100}, milliseconds{100'000}, 8};
  BOOST_TEST(delays(a, 10) == delays(a, 10), boost::test_tools::per_element());
  BOOST_TEST((delays(a, 10) != delays(b, 10)));
}

BOOST_AUTO_TEST_CASE(jitter_reaches_both_ends_of_its_range) {
  bool least = false;
  bool most = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    backoff x{milliseconds{10}, milliseconds{10}, seed};
    auto delay = x.next().count();
    least = least || delay == 5;
    most = most || delay == 10;
  }
  BOOST_TEST(least);
  BOOST_TEST(most);
}

BOOST_AUTO_TEST_CASE(a_reset_begins_with_the_minimum_again) {
  backoff x{milliseconds{10}, milliseconds{10'000}, 1};
  for (int i = 0; i < 8; ++i)
    static_cast<void>(x.next());
  BOOST_TEST(x.next().count() >= 1'000);
  x.reset();
  BOOST_TEST(x.next().count() <= 10);
}

BOOST_AUTO_TEST_CASE(odd_limits_are_brought_into_order) {
  backoff zero{milliseconds{0}, milliseconds{0}, 1};
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(zero.next().count() <= 1);
  backoff turned{milliseconds{100}, milliseconds{10}, 1};
  for (int i = 0; i < 10; ++i) {
    auto delay = turned.next().count();
    BOOST_TEST((delay >= 50 && delay <= 100));
  }
}

BOOST_AUTO_TEST_CASE(the_largest_delay_does_not_overflow) {
  backoff x{milliseconds{1}, milliseconds::max(), 1};
  for (int i = 0; i < 200; ++i)
    BOOST_TEST(x.next().count() >= 0);
}
