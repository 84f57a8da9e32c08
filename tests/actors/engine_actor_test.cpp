#include "tests/actors/engine_actor_fixture.hpp"
#include "tests/support/message_config.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/spawn_options.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::test;

BOOST_FIXTURE_TEST_SUITE(engine_actor_tests, engine_actor_fixture)

BOOST_AUTO_TEST_CASE(a_lone_request_leaves_at_once_without_a_timer) {
  auto x = start();
  auto one = reserve(x, 1);
  settle(); // No time passes.
  check_served(one, {{2, 3, 1}});
  BOOST_TEST(!sched.has_pending_timeout());
}

BOOST_AUTO_TEST_CASE(requests_that_wait_together_are_one_reservation) {
  auto x = start();
  auto first = reserve(x, 2);
  auto second = reserve(x, 1);
  auto third = reserve(x, 4);
  settle();
  BOOST_TEST(store->reserves.size() == 1u);
  BOOST_TEST(store->reserves.at(0).second == 7);
  check_served(first, {{2, 3, 2}});
  check_served(second, {{8, 3, 1}});
  check_served(third, {{11, 3, 4}});
}

BOOST_AUTO_TEST_CASE(each_key_is_a_reservation_of_its_own) {
  auto x = start();
  auto a = reserve(x, 2, "a");
  auto b = reserve(x, 1, "b");
  auto c = reserve(x, 3, "a");
  settle();
  BOOST_TEST(store->reserves.size() == 2u);
  check_served(a, {{2, 3, 2}});
  check_served(b, {{2, 3, 1}});
  check_served(c, {{8, 3, 3}});
}

BOOST_AUTO_TEST_CASE(a_later_reservation_gets_greater_integers) {
  auto x = start();
  auto first = reserve(x, 2);
  settle();
  auto second = reserve(x, 1);
  settle();
  check_served(first, {{2, 3, 2}});
  check_served(second, {{8, 3, 1}});
}

BOOST_AUTO_TEST_CASE(a_short_run_is_asked_for_again) {
  auto x = start();
  store->run_max = 2;
  auto first = reserve(x, 1);
  auto second = reserve(x, 4);
  settle();
  BOOST_TEST(store->reserves.size() == 3u);
  check_served(first, {{2, 3, 1}});
  check_served(second, {{5, 3, 4}});
}

BOOST_AUTO_TEST_CASE(a_sum_above_what_an_engine_takes_is_asked_for_in_parts) {
  auto x = start();
  mine = {1, 1};
  auto first = reserve(x, max_count);
  auto second = reserve(x, max_count);
  settle();
  BOOST_TEST(store->reserves.size() == 2u);
  check_served(first, {{2, 3, max_count}});
  BOOST_TEST(second->value.has_value());
}

BOOST_AUTO_TEST_CASE(an_exhausted_stripe_serves_in_order_what_is_left) {
  auto x = start();
  store->marks["a"] = max_integer - 8; // Two are left.
  auto first = reserve(x, 2);
  auto second = reserve(x, 1);
  auto other = reserve(x, 1, "b");
  settle();
  BOOST_REQUIRE(first->value);
  BOOST_TEST(first->value->runs.at(0).count == 2);
  check_refused(second, ec::exhausted);
  BOOST_TEST(other->value.has_value());
  BOOST_TEST(ends.empty());
  auto again = reserve(x, 1);
  settle();
  check_refused(again, ec::exhausted);
}

BOOST_AUTO_TEST_CASE(an_answer_never_carries_a_partial_result) {
  auto x = start();
  store->marks["a"] = max_integer - 8;
  auto first = reserve(x, 3);
  settle();
  check_refused(first, ec::exhausted);
}

BOOST_AUTO_TEST_CASE(a_bad_count_harms_nobody_else) {
  auto x = start();
  auto good = reserve(x, 1);
  auto none = reserve(x, 0);
  auto negative = reserve(x, -5);
  auto huge = reserve(x, max_count + 1);
  settle();
  check_served(good, {{2, 3, 1}});
  check_refused(none, ec::invalid_count);
  check_refused(negative, ec::invalid_count);
  check_refused(huge, ec::invalid_count);
}

BOOST_AUTO_TEST_CASE(a_bad_key_harms_nobody_else) {
  auto x = start();
  auto bad = reserve(x, 1, "no spaces");
  auto good = reserve(x, 1);
  settle();
  check_refused(bad, ec::invalid_key);
  check_served(good, {{2, 3, 1}});
  BOOST_TEST(ends.empty());
}

BOOST_AUTO_TEST_CASE(past_waiting_max_requests_are_overloaded_at_once) {
  auto x = start(2);
  auto first = reserve(x, 1);
  auto second = reserve(x, 1);
  auto third = reserve(x, 1);
  settle();
  check_served(first, {{2, 3, 1}});
  check_served(second, {{5, 3, 1}});
  check_refused(third, ec::overloaded);
  auto later = reserve(x, 1);
  settle();
  check_served(later, {{8, 3, 1}});
}

BOOST_AUTO_TEST_CASE(the_supervisor_hears_of_opening_and_of_the_first_mint) {
  auto x = start();
  BOOST_TEST(heard.opened == 1u);
  auto told = ask<int64_t>(x, last_atom_v, std::string{"a"});
  settle();
  BOOST_TEST(*told->value == 0);
  BOOST_TEST(heard.proven == 0u);
  reserve(x, 1);
  settle();
  reserve(x, 1);
  settle();
  BOOST_TEST(heard.proven == 1u);
  BOOST_TEST(heard.opened == 1u);
}

BOOST_AUTO_TEST_CASE(
  requests_that_arrive_during_a_round_trip_wait_for_the_next) {
  auto x = start();
  std::vector<reply_ptr<reserved>> late;
  auto first = reserve(x, 1);
  store->on_reserve = [&] {
    if (!late.empty())
      return;
    for (int i = 0; i < 5; ++i)
      late.push_back(reserve(x, 2));
    while (sched.jobs.size() > 0)
      sched.try_run_once();
  };
  settle();
  check_served(first, {{2, 3, 1}});
  BOOST_TEST(store->reserves.size() == 2u);
  BOOST_TEST(store->reserves.back().second == 10);
  for (const auto& r : late)
    BOOST_TEST(r->value.has_value());
}

BOOST_AUTO_TEST_CASE(last_and_raise_are_answered_by_the_engine) {
  auto x = start();
  auto raised
    = ask<caf::ok_atom>(x, raise_atom_v, std::string{"a"}, int64_t{100});
  settle();
  BOOST_TEST(raised->value.has_value());
  auto minted = reserve(x, 1);
  auto told = ask<int64_t>(x, last_atom_v, std::string{"a"});
  settle();
  check_served(minted, {{101, 3, 1}});
  auto lower
    = ask<caf::ok_atom>(x, raise_atom_v, std::string{"a"}, int64_t{50});
  settle();
  check_refused(lower, ec::too_small);
  BOOST_TEST(ends.empty());
}

BOOST_AUTO_TEST_CASE(a_raise_that_is_answered_holds_for_all_later_mints) {
  auto x = start();
  auto before = reserve(x, 1); // Waits while the raise overtakes its flush.
  auto raised
    = ask<caf::ok_atom>(x, raise_atom_v, std::string{"a"}, int64_t{100});
  settle();
  auto after = reserve(x, 1);
  settle();
  BOOST_REQUIRE(before->value && raised->value && after->value);
  BOOST_TEST(after->value->runs.at(0).first > 100);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

// A store whose first round trip lasts until the gate opens.
struct gated_store {
  gated_store() {
    store->on_reserve = [this] {
      if (store->reserves.empty()) {
        entered.set_value();
        gate.get_future().wait();
      }
    };
  }

  std::function<result<engine_ptr>()> open() {
    return [this] {
      thread = std::this_thread::get_id();
      return opener(store)();
    };
  }

  scripted_store_ptr store = std::make_shared<scripted_store>();
  std::promise<void> entered;
  std::promise<void> gate;
  std::atomic<std::thread::id> thread;
};

} // namespace

// On a thread of its own, as a node runs it: what arrives while the store is
// busy leaves as one reservation.
BOOST_AUTO_TEST_CASE(a_detached_engine_actor_coalesces_what_waits) {
  constexpr int late_requests = 50;
  gated_store gated;
  news heard;
  message_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  auto supervisor = sys.spawn(probe, &heard);
  auto x = sys.spawn<caf::detached>(
    own_engine, engine_actor_options{"mine", {1, 1}, gated.open(), 1'000},
    supervisor);
  self->send(x, reserve_atom_v, std::string{"a"}, int64_t{1});
  gated.entered.get_future().wait();
  BOOST_TEST((gated.thread.load() != std::this_thread::get_id()));
  for (int i = 0; i < late_requests; ++i)
    self->send(x, reserve_atom_v, std::string{"a"}, int64_t{2});
  gated.gate.set_value();
  self->receive([](const reserved& r) {
    BOOST_TEST((r.runs == std::vector<run>{{1, 1, 1}}));
  });
  for (int i = 0; i < late_requests; ++i)
    self->receive([i](const reserved& r) {
      BOOST_TEST((r.runs == std::vector<run>{{2 + 2 * i, 1, 2}}));
    });
  self->request(x, caf::infinite, drain_atom_v)
    .receive([](caf::ok_atom) {},
             [](const caf::error&) {
               BOOST_ERROR("not drained");
             });
  BOOST_TEST(gated.store->reserves.size() == 2u);
  self->send_exit(supervisor, caf::exit_reason::kill);
}
