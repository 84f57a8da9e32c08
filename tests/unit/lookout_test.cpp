#include "engines/lookout.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>

using namespace intd;
using namespace std::chrono_literals;

namespace {

using std::chrono::microseconds;

// Goes on by a microsecond each time it is read.
struct hand_clock {
  using duration = microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<hand_clock>;

  static time_point now() {
    return time_point{now_ += 1us};
  }

  static inline microseconds now_{0};
};

struct fixture {
  // Waits for something that comes after `time`; returns whether it was seen.
  bool wait(microseconds time) {
    const auto begin = hand_clock::now_;
    asked = 0;
    const bool seen = x.sees([this, begin, time] {
      ++asked;
      return hand_clock::now_ - begin >= time;
    });
    looked_out = asked > 1;
    if (!seen) {
      hand_clock::now_ = std::max(hand_clock::now_, begin + time);
      x.came();
    }
    return seen;
  }

  basic_lookout<hand_clock> x{100us};
  int asked = 0;
  bool looked_out = false;
};

} // namespace

BOOST_AUTO_TEST_SUITE(lookout_tests)

BOOST_FIXTURE_TEST_CASE(what_is_there_is_seen_at_once, fixture) {
  BOOST_TEST(wait(0us));
  BOOST_TEST(asked == 1);
}

BOOST_FIXTURE_TEST_CASE(what_comes_in_time_is_seen, fixture) {
  BOOST_TEST(wait(50us));
  BOOST_TEST(looked_out);
}

BOOST_FIXTURE_TEST_CASE(it_looks_out_no_longer_than_it_may, fixture) {
  const auto begin = hand_clock::now_;
  BOOST_TEST(!x.sees([] {
    return false;
  }));
  BOOST_TEST((hand_clock::now_ - begin).count() >= 100);
  BOOST_TEST((hand_clock::now_ - begin).count() < 110);
}

BOOST_FIXTURE_TEST_CASE(without_a_time_it_does_not_look_out, fixture) {
  x = basic_lookout<hand_clock>{};
  BOOST_TEST(!wait(1us));
  BOOST_TEST(asked == 1);
}

BOOST_FIXTURE_TEST_CASE(where_waits_are_long_it_does_not_look_out, fixture) {
  for (int i = 0; i < 10; ++i)
    wait(1'000us);
  BOOST_TEST(!wait(1'000us));
  BOOST_TEST(!looked_out);
}

BOOST_FIXTURE_TEST_CASE(where_waits_are_short_again_it_looks_out, fixture) {
  for (int i = 0; i < 10; ++i)
    wait(1'000us);
  for (int i = 0; i < 10; ++i)
    wait(50us);
  BOOST_TEST(wait(50us));
  BOOST_TEST(looked_out);
}

BOOST_FIXTURE_TEST_CASE(one_long_wait_among_short_ones_changes_little,
                        fixture) {
  for (int i = 0; i < 10; ++i)
    wait(50us);
  wait(1'000us);
  wait(50us);
  BOOST_TEST(wait(50us));
  BOOST_TEST(looked_out);
}

BOOST_FIXTURE_TEST_CASE(waits_that_take_turns_are_told_apart, fixture) {
  for (int i = 0; i < 10; ++i) {
    wait(50us);
    wait(1'000us);
  }
  BOOST_TEST(wait(50us));
  BOOST_TEST(looked_out);
  BOOST_TEST(!wait(1'000us));
  BOOST_TEST(!looked_out);
}

// Whoever is told of what nobody waited for learns nothing of it.
BOOST_FIXTURE_TEST_CASE(what_was_not_waited_for_teaches_nothing, fixture) {
  for (int i = 0; i < 10; ++i)
    wait(1'000us);
  for (int i = 0; i < 10; ++i) {
    x.came();
    wait(0us);
  }
  BOOST_TEST(!wait(50us));
  BOOST_TEST(!looked_out);
  for (int i = 0; i < 10; ++i)
    wait(50us);
  hand_clock::now_ += 1'000us;
  for (int i = 0; i < 10; ++i)
    x.came();
  BOOST_TEST(wait(50us));
}

BOOST_AUTO_TEST_SUITE_END()
