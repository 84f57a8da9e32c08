#include "actors/stripe_ring.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using std::chrono::milliseconds;

namespace {

struct fixture {
  // Three stripes that are up: 0, 1, 2.
  explicit fixture(strategy s = strategy::local)
    : ring({s, milliseconds{100}, milliseconds{350}}) {
    for (int64_t i = 0; i < 3; ++i)
      ring.up("e" + std::to_string(i), {i + 1, 3});
  }

  stripe_ring::pick pick(const std::vector<size_t>& tried = {}) {
    auto x = ring.next(now, tried);
    BOOST_REQUIRE(x);
    return *x;
  }

  // The stripes that the next requests get, a digit each.
  std::string picks(size_t n, const std::vector<size_t>& tried = {}) {
    std::string result;
    for (size_t i = 0; i < n; ++i) {
      auto x = ring.next(now, tried);
      result += x ? std::to_string(x->index) : "-";
    }
    return result;
  }

  int64_t fail(const stripe_ring::pick& x) {
    auto time_aside = ring.failed(x, now, "broken");
    return time_aside ? time_aside->count() : 0;
  }

  stripe_ring ring;
  stripe_ring::time_point now{std::chrono::hours{1}};
};

struct in_turn : fixture {
  in_turn() : fixture(strategy::round_robin) {
    // nop
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(an_empty_ring_has_no_stripe) {
  stripe_ring ring{{}};
  BOOST_TEST(!ring.next({}, {}));
}

BOOST_FIXTURE_TEST_CASE(local_takes_the_first_healthy_stripe, fixture) {
  BOOST_TEST(picks(4) == "0000");
  ring.down(0, "gone");
  BOOST_TEST(picks(3) == "111");
  ring.down(1, "gone");
  BOOST_TEST(picks(3) == "222");
  ring.up("e0", {1, 3});
  BOOST_TEST(picks(2) == "00");
}

BOOST_FIXTURE_TEST_CASE(round_robin_takes_each_in_turn, in_turn) {
  BOOST_TEST(picks(7) == "0120120");
  ring.down(2, "gone");
  BOOST_TEST(picks(4) == "1010");
}

BOOST_FIXTURE_TEST_CASE(a_stripe_that_was_tried_is_not_chosen, in_turn) {
  BOOST_TEST(picks(4, {1}) == "0202");
  BOOST_TEST(picks(2, {0, 1, 2}) == "--");
}

BOOST_FIXTURE_TEST_CASE(a_stripe_that_fails_is_left_alone, fixture) {
  BOOST_TEST(fail(pick()) == 100);
  BOOST_TEST(!ring.entries()[0].healthy());
  BOOST_TEST(ring.entries()[0].reason == "broken");
  now += milliseconds{99};
  BOOST_TEST(picks(3) == "111");
}

BOOST_FIXTURE_TEST_CASE(one_request_probes_what_was_set_aside, fixture) {
  fail(pick());
  now += milliseconds{100};
  BOOST_TEST(picks(3) == "011");
}

BOOST_FIXTURE_TEST_CASE(a_probe_goes_even_where_another_is_preferred, fixture) {
  auto x = pick({0});
  BOOST_TEST(x.index == 1u);
  fail(x);
  BOOST_TEST(picks(2) == "00");
  now += milliseconds{100};
  BOOST_TEST(picks(2) == "10");
}

BOOST_FIXTURE_TEST_CASE(a_probe_that_succeeds_brings_the_stripe_back, fixture) {
  fail(pick());
  now += milliseconds{100};
  auto probe = pick();
  BOOST_TEST(ring.succeeded(probe));
  BOOST_TEST(!ring.succeeded(probe));
  BOOST_TEST(ring.entries()[0].healthy());
  BOOST_TEST(ring.entries()[0].reason == "");
  BOOST_TEST(picks(2) == "00");
  BOOST_TEST(fail(pick()) == 100);
}

BOOST_FIXTURE_TEST_CASE(the_time_aside_doubles_up_to_its_maximum, fixture) {
  for (int64_t expected : {100, 200, 350, 350}) {
    auto probe = pick();
    BOOST_TEST(probe.index == 0u);
    BOOST_TEST(fail(probe) == expected);
    now += milliseconds{expected - 1};
    BOOST_TEST(picks(1) == "1");
    now += milliseconds{1};
  }
}

BOOST_FIXTURE_TEST_CASE(failures_of_one_moment_count_once, fixture) {
  auto a = pick();
  auto b = pick();
  BOOST_TEST(fail(a) == 100);
  BOOST_TEST(fail(b) == 0);
  now += milliseconds{100};
  BOOST_TEST(fail(pick()) == 200);
}

BOOST_FIXTURE_TEST_CASE(a_late_success_does_not_end_the_time_aside, fixture) {
  auto slow = pick();
  fail(pick());
  BOOST_TEST(!ring.succeeded(slow));
  BOOST_TEST(picks(1) == "1");
}

BOOST_FIXTURE_TEST_CASE(failures_of_a_predecessor_do_not_count, fixture) {
  auto before = pick();
  ring.down(0, "gone");
  BOOST_TEST(fail(before) == 0);
  BOOST_TEST(ring.entries()[0].reason == "gone");
  ring.up("e0", {1, 3});
  BOOST_TEST(fail(before) == 0);
  BOOST_TEST(ring.entries()[0].healthy());
}

BOOST_FIXTURE_TEST_CASE(a_stripe_that_comes_up_is_healthy_at_once, fixture) {
  fail(pick());
  ring.down(0, "gone");
  ring.up("e0", {1, 3});
  BOOST_TEST(picks(2) == "00");
  BOOST_TEST(fail(pick()) == 100);
}

BOOST_FIXTURE_TEST_CASE(without_a_healthy_stripe_there_is_none, fixture) {
  fail(pick());
  fail(pick());
  fail(pick());
  BOOST_TEST(picks(1) == "-");
}

BOOST_FIXTURE_TEST_CASE(a_probe_is_joined_only_while_nothing_is_healthy,
                        fixture) {
  fail(pick());
  fail(pick());
  fail(pick());
  now += milliseconds{100};
  // Three probes, then requests that join the first of them.
  BOOST_TEST(picks(5) == "01200");
  now += milliseconds{99};
  BOOST_TEST(picks(1) == "0");
  now += milliseconds{1};
  BOOST_TEST(picks(1) == "-");
}

BOOST_AUTO_TEST_CASE(stripes_are_preferred_in_the_order_they_became_known) {
  stripe_ring ring{{}};
  BOOST_TEST(ring.know("first", {1, 2}, "not open yet") == 0u);
  BOOST_TEST(ring.know("second", {2, 2}, "not open yet") == 1u);
  BOOST_TEST(ring.up("second", {2, 2}) == 1u);
  BOOST_TEST(ring.up("third", {5, 9}) == 2u);
  BOOST_TEST(ring.next({}, {})->index == 1u);
  BOOST_TEST(ring.entries()[0].reason == "not open yet");
  BOOST_TEST(ring.up("first", {1, 2}) == 0u);
  BOOST_TEST(ring.next({}, {})->index == 0u);
  BOOST_TEST((ring.find("third") == std::optional<size_t>{2}));
  BOOST_TEST(!ring.find("fourth"));
}
