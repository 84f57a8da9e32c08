// What an engine actor does when its engine fails, and at its end.
#include "tests/actors/engine_actor_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;

BOOST_FIXTURE_TEST_SUITE(engine_actor_tests, engine_actor_fixture)

BOOST_AUTO_TEST_CASE(an_engine_that_does_not_open_ends_its_actor) {
  store->open_faults = {ec::wrong_owner};
  auto x = start();
  BOOST_TEST(heard.opened == 0u);
  auto late = reserve(x, 1);
  settle();
  check_refused(late, ec::unavailable);
}

BOOST_AUTO_TEST_CASE(the_reason_why_it_does_not_open_is_told) {
  store->open_faults = {ec::wrong_owner};
  auto supervisor = sys.spawn(probe, &heard);
  auto x = sys.spawn(own_engine,
                     engine_actor_options{"mine", mine, opener(store), 10},
                     supervisor);
  auto w = sys.spawn(watcher, x, &ends); // Watches before it runs.
  sched.prioritize(w);
  settle();
  BOOST_REQUIRE(ends.size() == 1u);
  BOOST_TEST((ends[0] == error{ec::wrong_owner, "scripted open"}));
  kill(supervisor);
}

BOOST_AUTO_TEST_CASE(a_fatal_error_answers_everybody_and_ends_the_actor) {
  auto x = start();
  store->faults = {{ec::unavailable, false, false}};
  auto a = reserve(x, 1);
  auto b = reserve(x, 2, "b");
  auto c = reserve(x, 3, "c");
  settle();
  check_refused(a, ec::unavailable);
  check_refused(b, ec::unavailable);
  check_refused(c, ec::unavailable);
  BOOST_REQUIRE(ends.size() == 1u);
  BOOST_TEST((ends[0] == error{ec::unavailable, "scripted fault"}));
  BOOST_TEST(store->destroyed == 1u);
  BOOST_TEST(store->closes == 0u);
}

BOOST_AUTO_TEST_CASE(an_engine_in_doubt_is_never_asked_again) {
  auto x = start();
  store->faults = {{ec::timeout, true, false}};
  auto a = reserve(x, 1);
  auto b = reserve(x, 1, "b");
  settle();
  check_refused(a, ec::timeout);
  check_refused(b, ec::timeout);
  BOOST_TEST(store->reserves.size() == 1u);
}

BOOST_AUTO_TEST_CASE(requests_left_in_the_mailbox_are_answered_too) {
  auto x = start();
  store->faults = {{ec::corrupt, false, false}};
  auto flushed = reserve(x, 1);
  std::vector<reply_ptr<reserved>> late;
  std::vector<reply_ptr<int64_t>> late_lasts;
  // These arrive while the engine is at the store.
  store->on_reserve = [&] {
    for (int i = 0; i < 5; ++i) {
      late.push_back(reserve(x, 1));
      late_lasts.push_back(ask<int64_t>(x, last_atom_v, std::string{"a"}));
    }
    while (sched.jobs.size() > 0)
      sched.try_run_once(); // The engine actor itself is on the stack.
  };
  settle();
  check_refused(flushed, ec::corrupt);
  BOOST_TEST(late.size() == 5u);
  for (const auto& r : late)
    check_refused(r, ec::unavailable);
  for (const auto& r : late_lasts)
    check_refused(r, ec::unavailable);
}

BOOST_AUTO_TEST_CASE(an_exception_is_a_fatal_error) {
  auto x = start();
  store->faults = {{ec::exhausted, false, true}};
  auto a = reserve(x, 1);
  auto b = reserve(x, 1, "b");
  settle();
  check_refused(a, ec::unavailable);
  check_refused(b, ec::unavailable);
  BOOST_TEST(a->failure.context.find("scripted exception")
             != std::string::npos);
  BOOST_TEST(ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_killed_actor_still_answers_who_waits) {
  auto x = start();
  // The kill overtakes the flush.
  auto a = reserve(x, 1);
  auto b = reserve(x, 1);
  sched.try_run_once();
  sched.try_run_once();
  caf::anon_send_exit(x, caf::exit_reason::kill);
  settle();
  check_refused(a, ec::unavailable);
  check_refused(b, ec::unavailable);
  BOOST_TEST(store->reserves.empty());
}

BOOST_AUTO_TEST_CASE(integers_that_were_not_asked_for_are_never_answered) {
  std::vector<run> forgeries = {
    {1, 3, 1},           // Another stripe.
    {2, 1, 1},           // Another increment.
    {2, 3, 2},           // Too many.
    {2, 3, 0},           // None.
    {-1, 3, 1},          // Below 1, though -1 is 2 mod 3.
    {max_integer, 3, 1}, // 2^63 - 1 is 1 mod 3.
  };
  for (const auto& forged : forgeries) {
    BOOST_TEST_CONTEXT("run from " << forged.first) {
      ends.clear();
      auto x = start();
      store->forge = [forged](run) {
        return forged;
      };
      auto a = reserve(x, 1);
      settle();
      check_refused(a, ec::corrupt);
      BOOST_TEST(ends.size() == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_fatal_error_of_last_or_raise_ends_the_actor_too) {
  for (bool raising : {false, true}) {
    ends.clear();
    auto x = start();
    store->faults = {{ec::corrupt, false, false}};
    auto waiting = reserve(x, 1);
    auto told
      = raising ? nullptr : ask<int64_t>(x, last_atom_v, std::string{"a"});
    auto raised = raising
      ? ask<caf::ok_atom>(x, raise_atom_v, std::string{"a"}, int64_t{5})
      : nullptr;
    settle();
    check_refused(waiting, ec::corrupt);
    if (told)
      check_refused(told, ec::corrupt);
    if (raised)
      check_refused(raised, ec::corrupt);
    BOOST_TEST(ends.size() == 1u);
    BOOST_TEST(store->reserves.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_drain_serves_who_waits_then_closes) {
  auto x = start();
  auto waiting = reserve(x, 2);
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  auto late = reserve(x, 1);
  settle();
  check_served(waiting, {{2, 3, 2}});
  BOOST_TEST(drained->answers == 1u);
  BOOST_TEST(drained->value.has_value());
  BOOST_TEST(store->closes == 1u);
  BOOST_TEST(store->destroyed == 1u);
  check_refused(late, ec::unavailable);
  BOOST_TEST((ends == std::vector<error>{{}}));
}

BOOST_AUTO_TEST_CASE(a_drain_that_cannot_close_says_why) {
  auto x = start();
  store->close_fault = ec::unavailable;
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  settle();
  check_refused(drained, ec::unavailable);
  BOOST_TEST(drained->failure.context == "scripted close");
  BOOST_TEST(ends.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_drain_that_meets_a_fatal_error_does_not_close) {
  auto x = start();
  store->faults = {{ec::timeout, true, false}};
  auto waiting = reserve(x, 2);
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  settle();
  check_refused(waiting, ec::timeout);
  BOOST_TEST(drained->answers == 1u);
  BOOST_TEST(!drained->value);
  BOOST_TEST(store->closes == 0u);
}

// The gift is durable before the store hears of it, so even a store that could
// be asked again gives no more integers of the half that is another's.
BOOST_AUTO_TEST_CASE(a_split_that_the_store_did_not_record_is_kept_to) {
  const store_record kept{{2, 6}, 2, true};
  const split_request to{"r", "b", "b", "main", false};
  const auto x = start_ceding({{"r", "b", {5, 6}, 2, {}, false}, kept});
  store->faults = {{ec::overloaded, false, false}};
  const auto lost = ask<gift>(x, split_atom_v, to);
  settle();
  check_refused(lost, ec::overloaded);
  const auto minted = reserve(caf::actor_cast<engine_actor>(x), 2);
  settle();
  check_served(minted, {{2, 6, 2}});
  const auto again = ask<gift>(x, split_atom_v, to);
  settle();
  BOOST_TEST(again->value.has_value());
  BOOST_TEST((store->held == kept));
}

BOOST_AUTO_TEST_CASE(a_split_is_not_answered_by_an_engine_in_doubt) {
  const auto x = start_ceding(
    {{"r", "b", {5, 6}, 2, {}, false}, store_record{{2, 6}, 2, true}});
  store->faults = {{ec::timeout, true, false}};
  const auto lost
    = ask<gift>(x, split_atom_v, split_request{"r", "b", "b", "main", false});
  settle();
  check_refused(lost, ec::timeout);
  BOOST_TEST(!store->held);
  BOOST_TEST((ends == std::vector<error>{{ec::timeout, "scripted fault"}}));
}

BOOST_AUTO_TEST_SUITE_END()
