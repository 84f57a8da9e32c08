// What a router does when a stripe fails, or is slow.
#include "tests/actors/router_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

BOOST_AUTO_TEST_SUITE(router_failover_tests)

BOOST_FIXTURE_TEST_CASE(what_another_stripe_could_serve_fails_over,
                        router_fixture) {
  start(2);
  int64_t expected = 2'000;
  for (auto code :
       {ec::unavailable, ec::timeout, ec::in_use, ec::corrupt, ec::wrong_owner,
        ec::exhausted, ec::overloaded, ec::draining}) {
    BOOST_TEST_CONTEXT(to_string(code)) {
      desks["a"].codes = {code};
      check_served(reserve(), expected++);
      advance(milliseconds{350});
      BOOST_TEST(mint() < 2'000); // Back at the first.
    }
  }
}

BOOST_FIXTURE_TEST_CASE(what_no_stripe_could_serve_is_answered,
                        router_fixture) {
  start(2);
  for (auto code : {ec::invalid_key, ec::invalid_count, ec::invalid_stripe}) {
    desks["a"].codes = {code};
    check_refused(reserve(), code);
  }
  BOOST_TEST(desks["b"].asked == 0u);
}

BOOST_FIXTURE_TEST_CASE(each_stripe_is_tried_once, router_fixture) {
  start(3);
  desks["a"].codes = {ec::overloaded};
  desks["b"].codes = {ec::overloaded};
  desks["c"].codes = {ec::unavailable};
  check_refused(reserve(), ec::unavailable);
  for (auto& [name, d] : desks)
    BOOST_TEST(d.asked == 1u);
}

BOOST_FIXTURE_TEST_CASE(exhausted_is_answered_only_where_all_say_so,
                        router_fixture) {
  start(2);
  desks["a"].codes = {ec::exhausted};
  desks["b"].codes = {ec::exhausted};
  check_refused(reserve(), ec::exhausted);
  desks["a"].codes = {ec::exhausted};
  desks["b"].codes = {ec::overloaded};
  check_refused(reserve(), ec::overloaded);
  desks["a"].codes = {ec::overloaded};
  desks["b"].codes = {ec::exhausted};
  check_refused(reserve(), ec::overloaded);
  down("b", "gone");
  desks["a"].codes = {ec::exhausted};
  auto r = reserve();
  check_refused(r, ec::unavailable);
  BOOST_TEST(r->failure.context.find("b: gone") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_exhausted_key_does_not_set_a_stripe_aside,
                        router_fixture) {
  start(1);
  desks["a"].codes = {ec::exhausted, ec::overloaded};
  check_refused(reserve(), ec::exhausted);
  check_refused(reserve(), ec::overloaded);
  BOOST_TEST(mint() == 1'000);
}

BOOST_FIXTURE_TEST_CASE(a_stripe_that_fails_is_set_aside_and_probed,
                        router_fixture) {
  start(2);
  desks["a"].codes = {ec::unavailable, ec::unavailable};
  BOOST_TEST(mint() == 2'000);
  BOOST_TEST(!status()[0].healthy);
  BOOST_TEST(status()[0].reason == "unavailable: as told");
  advance(milliseconds{99});
  BOOST_TEST(mint() == 2'001);
  BOOST_TEST(desks["a"].asked == 1u);
  advance(milliseconds{1});
  BOOST_TEST(mint() == 2'002); // Probed in vain: now aside for 200 ms.
  BOOST_TEST(desks["a"].asked == 2u);
  advance(milliseconds{199});
  BOOST_TEST(mint() == 2'003);
  BOOST_TEST(desks["a"].asked == 2u);
  advance(milliseconds{1});
  BOOST_TEST(mint() == 1'000);
  BOOST_TEST(status()[0].healthy);
  BOOST_TEST(mint() == 1'001);
}

BOOST_FIXTURE_TEST_CASE(a_slow_stripe_is_left_for_another, router_fixture) {
  start(2);
  desks["a"].holds = true;
  auto r = reserve();
  advance(milliseconds{1'900});
  BOOST_TEST(r->answers == 0u);
  advance(milliseconds{200});
  check_served(r, 2'000);
  BOOST_TEST(!status()[0].healthy);
  // What it answers in the end is a gap.
  flush("a");
  BOOST_TEST(r->answers == 1u);
  BOOST_TEST(!status()[0].healthy);
}

BOOST_FIXTURE_TEST_CASE(a_slow_answer_is_welcome_before_the_deadline,
                        router_fixture) {
  start(2);
  desks["a"].holds = true;
  desks["b"].holds = true;
  auto r = reserve();
  advance(milliseconds{2'100});
  BOOST_TEST(desks["b"].asked == 1u);
  flush("a");
  check_served(r, 1'000);
  flush("b");
  BOOST_TEST(r->answers == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_slow_stripe_is_waited_for_when_the_rest_fails,
                        router_fixture) {
  start(2);
  desks["a"].holds = true;
  desks["b"].codes = {ec::unavailable};
  auto r = reserve();
  advance(milliseconds{3'000});
  BOOST_TEST(r->answers == 0u);
  flush("a");
  check_served(r, 1'000);
}

BOOST_FIXTURE_TEST_CASE(the_only_stripe_may_take_its_time, router_fixture) {
  start(1);
  desks["a"].holds = true;
  auto r = reserve();
  advance(milliseconds{4'500});
  BOOST_TEST(r->answers == 0u);
  BOOST_TEST(status()[0].healthy);
  flush("a");
  check_served(r, 1'000);
}

BOOST_FIXTURE_TEST_CASE(past_the_deadline_the_answer_is_timeout,
                        router_fixture) {
  start(1);
  desks["a"].holds = true;
  auto r = reserve();
  advance(milliseconds{4'900});
  BOOST_TEST(r->answers == 0u);
  advance(milliseconds{200});
  check_refused(r, ec::timeout);
  flush("a");
  BOOST_TEST(r->answers == 1u); // A gap.
  BOOST_TEST(!status()[0].healthy);
}

BOOST_FIXTURE_TEST_CASE(late_integers_never_reach_another_request,
                        router_fixture) {
  start(1);
  desks["a"].holds = true;
  auto first = reserve();
  advance(milliseconds{5'300}); // Timed out, and no longer aside.
  check_refused(first, ec::timeout);
  auto second = reserve(); // Takes over what the first has left.
  flush("a");
  check_served(second, 1'001);
  BOOST_TEST(first->answers == 1u);
}

BOOST_FIXTURE_TEST_CASE(news_of_a_loss_fail_over_what_is_in_flight,
                        router_fixture) {
  start(3);
  desks["a"].holds = true;
  auto first = reserve();
  down("a", "store gone"); // Its actor lives on, and answers nothing.
  check_served(first, 2'000);
  desks["b"].holds = true;
  auto second = reserve();
  kill(engines["b"]);
  check_served(second, 3'000);
  BOOST_TEST(status()[0].reason == "store gone");
  BOOST_TEST(!status()[1].healthy);
  BOOST_TEST(mint() == 3'001);
}

BOOST_FIXTURE_TEST_CASE(a_loss_without_another_stripe_is_told_at_once,
                        router_fixture) {
  start(1);
  desks["a"].holds = true;
  auto r = reserve();
  down("a", "store gone");
  check_refused(r, ec::unavailable);
  BOOST_TEST(r->failure.context == "engine a: store gone");
}

BOOST_FIXTURE_TEST_CASE(a_successor_takes_over_a_stripe, router_fixture) {
  start(1);
  desks["a"].holds = true;
  auto r = reserve();
  auto predecessor = engines["a"];
  up("a", 1); // No word of a loss came before.
  check_refused(r, ec::unavailable);
  desks["a"].holds = false;
  BOOST_TEST(mint() == 1'000);
  kill(predecessor); // This is no news of the successor.
  BOOST_TEST(status()[0].healthy);
  BOOST_TEST(mint() == 1'001);
}

BOOST_FIXTURE_TEST_CASE(a_stripe_comes_back_healthy, router_fixture) {
  start(2);
  desks["a"].codes = {ec::unavailable};
  BOOST_TEST(mint() == 2'000);
  down("a", "gone");
  up("a", 1);
  BOOST_TEST(mint() == 1'000);
}

BOOST_AUTO_TEST_SUITE_END()
