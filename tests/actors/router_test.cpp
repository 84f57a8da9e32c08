#include "tests/actors/router_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

namespace {

struct in_turn : router_fixture {
  in_turn() : router_fixture(strategy::round_robin) {
    // nop
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(router_tests)

BOOST_FIXTURE_TEST_CASE(without_a_stripe_a_request_fails_at_once,
                        router_fixture) {
  options.stripes = {{"a", {1, 3}}};
  start(0);
  auto r = reserve();
  check_refused(r, ec::unavailable);
  BOOST_TEST(r->failure.context == "no engine can mint: a: not open yet");
  down("b", "in_use: held by 42");
  BOOST_TEST(reserve()->failure.context
             == "no engine can mint: a: not open yet; b: in_use: held by 42");
  BOOST_TEST(!sched.has_pending_timeout());
}

BOOST_FIXTURE_TEST_CASE(a_stripe_that_is_announced_serves, router_fixture) {
  start(1);
  auto r = reserve(3);
  BOOST_TEST(r->answers == 1u);
  BOOST_REQUIRE(r->value);
  BOOST_TEST((r->value->runs == std::vector<run>{{1'000, 1, 3}}));
}

BOOST_FIXTURE_TEST_CASE(local_stays_with_the_first_stripe, router_fixture) {
  start(3);
  BOOST_TEST(mint() == 1'000);
  BOOST_TEST(mint() == 1'001);
}

BOOST_FIXTURE_TEST_CASE(preference_follows_the_options_not_the_start,
                        router_fixture) {
  options.stripes = {{"b", {2, 3}}, {"a", {1, 3}}};
  start(2);
  BOOST_TEST(mint() == 2'000);
}

BOOST_FIXTURE_TEST_CASE(round_robin_uses_all_in_turn, in_turn) {
  start(3);
  BOOST_TEST(mint() == 1'000);
  BOOST_TEST(mint() == 2'000);
  BOOST_TEST(mint() == 3'000);
  BOOST_TEST(mint() == 1'001);
}

BOOST_FIXTURE_TEST_CASE(at_rest_no_timer_runs, router_fixture) {
  start(1);
  BOOST_TEST(mint() == 1'000);
  advance(milliseconds{200});
  BOOST_TEST(!sched.has_pending_timeout());
}

BOOST_FIXTURE_TEST_CASE(past_waiting_max_a_request_is_overloaded,
                        router_fixture) {
  start(1);
  desks["a"].holds = true;
  std::vector<reply_ptr<reserved>> waiting;
  for (size_t i = 0; i < options.waiting_max; ++i)
    waiting.push_back(reserve());
  check_refused(reserve(), ec::overloaded);
  flush("a");
  for (const auto& r : waiting)
    BOOST_TEST(r->value.has_value());
  desks["a"].holds = false;
  BOOST_TEST(mint() > 0);
}

BOOST_FIXTURE_TEST_CASE(status_tells_every_stripe, router_fixture) {
  options.stripes = {{"c", {3, 3}}};
  start(2);
  down("b", "gone");
  BOOST_TEST(
    (status()
     == std::vector<stripe_status>{{"c", {3, 3}, false, "not open yet"},
                                   {"a", {1, 3}, true, ""},
                                   {"b", {2, 3}, false, "gone"}}));
}

BOOST_FIXTURE_TEST_CASE(last_is_the_greatest_of_all_stripes, router_fixture) {
  start(3);
  desks["a"].last = 7;
  desks["b"].last = 9;
  desks["c"].last_code = ec::unavailable;
  auto r = ask<int64_t>(x, last_atom_v, std::string{"k"});
  settle();
  BOOST_TEST(r->answers == 1u);
  BOOST_TEST(r->value.value() == 9);
  down("a", "gone");
  down("b", "gone");
  auto failed = ask<int64_t>(x, last_atom_v, std::string{"k"});
  down("c", "gone");
  auto none = ask<int64_t>(x, last_atom_v, std::string{"k"});
  settle();
  BOOST_TEST(failed->answers == 1u);
  BOOST_TEST(to_string(failed->failure.code) == "unavailable");
  BOOST_TEST(none->answers == 1u);
  BOOST_TEST(to_string(none->failure.code) == "unavailable");
}

BOOST_FIXTURE_TEST_CASE(a_raise_reaches_every_stripe, router_fixture) {
  start(3);
  auto raise = [this] {
    auto r = ask<caf::ok_atom>(x, raise_atom_v, std::string{"k"}, int64_t{50});
    settle();
    BOOST_TEST(r->answers == 1u);
    return r->value ? "ok" : std::string{to_string(r->failure.code)};
  };
  BOOST_TEST(raise() == "ok");
  for (auto& [name, d] : desks)
    BOOST_TEST((d.raised == std::vector<int64_t>{50}));
  desks["a"].raise_code = ec::too_small; // It is above: so much the better.
  BOOST_TEST(raise() == "ok");
  desks["b"].raise_code = ec::unavailable;
  BOOST_TEST(raise() == "unavailable");
  desks["b"].raise_code = ec::too_small;
  desks["c"].raise_code = ec::too_small;
  BOOST_TEST(raise() == "too_small");
}

BOOST_FIXTURE_TEST_CASE(a_raise_that_cannot_reach_all_changes_nothing,
                        router_fixture) {
  options.stripes = {{"a", {1, 3}}, {"b", {2, 3}}};
  start(1);
  auto r = ask<caf::ok_atom>(x, raise_atom_v, std::string{"k"}, int64_t{50});
  settle();
  BOOST_TEST(r->answers == 1u);
  BOOST_TEST(to_string(r->failure.code) == "unavailable");
  BOOST_TEST(desks["a"].raised.empty());
}

BOOST_FIXTURE_TEST_CASE(a_router_that_is_killed_answers_who_waits,
                        router_fixture) {
  start(1);
  desks["a"].holds = true;
  auto r = reserve();
  auto last = ask<int64_t>(x, last_atom_v, std::string{"k"});
  sched.try_run_once();
  sched.try_run_once(); // The question is on its way to the engine actor.
  kill(x);
  check_refused(r, ec::unavailable);
  BOOST_TEST(last->answers == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
