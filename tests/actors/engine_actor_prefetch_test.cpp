// Integers that a reservation takes along for those who ask next.
#include "tests/actors/engine_actor_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace intd;
using namespace intd::test;

namespace {

struct prefetch_fixture : engine_actor_fixture {
  // Four integers more for each that is waited for.
  engine_actor start_ahead() {
    return start(1'000, 4);
  }

  // Two at once, 2 and 5; 8 to 29 are taken along.
  engine_actor start_with_eight() {
    auto x = start_ahead();
    auto first = reserve(x, 1);
    auto second = reserve(x, 1);
    settle();
    check_served(first, {{2, 3, 1}});
    check_served(second, {{5, 3, 1}});
    return x;
  }

  size_t round_trips() const {
    return store->reserves.size();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(engine_actor_prefetch_tests, prefetch_fixture)

BOOST_AUTO_TEST_CASE(a_lone_request_takes_nothing_along) {
  auto x = start_ahead();
  for (int64_t i = 0; i < 3; ++i) {
    auto one = reserve(x, 1);
    settle();
    check_served(one, {{2 + 3 * i, 3, 1}});
  }
  BOOST_TEST(round_trips() == 3u);
  BOOST_TEST(store->marks["a"] == 8);
}

BOOST_AUTO_TEST_CASE(what_was_taken_along_needs_no_round_trip) {
  auto x = start_with_eight();
  BOOST_TEST(store->reserves.at(0).second == 10);
  auto third = reserve(x, 1);
  settle();
  auto rest = reserve(x, 7);
  settle();
  check_served(third, {{8, 3, 1}});
  check_served(rest, {{11, 3, 7}});
  BOOST_TEST(round_trips() == 1u);
  auto next = reserve(x, 1);
  settle();
  check_served(next, {{32, 3, 1}});
  BOOST_TEST(round_trips() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_short_comes_from_the_store) {
  auto x = start_with_eight();
  auto many = reserve(x, 9);
  settle();
  // Eight that were there, one by a round trip.
  check_served(many, {{8, 3, 9}});
  BOOST_TEST(round_trips() == 2u);
  BOOST_TEST(store->reserves.at(1).second == 1);
}

BOOST_AUTO_TEST_CASE(a_key_has_what_was_taken_along_for_it_alone) {
  auto x = start_with_eight();
  auto other = reserve(x, 1, "b");
  settle();
  check_served(other, {{2, 3, 1}});
}

BOOST_AUTO_TEST_CASE(the_last_integer_is_the_last_that_was_given) {
  auto x = start_with_eight();
  auto last = ask<int64_t>(x, last_atom_v, std::string{"a"});
  settle();
  BOOST_TEST(last->value.value() == 5);
}

BOOST_AUTO_TEST_CASE(once_raised_nothing_below_is_given) {
  auto x = start_with_eight();
  auto raised
    = ask<caf::ok_atom>(x, raise_atom_v, std::string{"a"}, int64_t{100});
  auto next = reserve(x, 1);
  settle();
  BOOST_TEST(raised->value.has_value());
  check_served(next, {{101, 3, 1}});
}

BOOST_AUTO_TEST_CASE(where_the_store_is_above_what_was_kept_is_dropped) {
  auto x = start_with_eight();
  // Above what was given, below what the store recorded.
  auto raised
    = ask<caf::ok_atom>(x, raise_atom_v, std::string{"a"}, int64_t{20});
  auto next = reserve(x, 1);
  settle();
  check_refused(raised, ec::too_small);
  check_served(next, {{32, 3, 1}});
}

BOOST_AUTO_TEST_CASE(an_engine_that_failed_takes_nothing_to_its_next_life) {
  auto x = start_with_eight();
  store->faults.push_back({ec::unavailable});
  auto lost = reserve(x, 1, "b");
  settle();
  check_refused(lost, ec::unavailable);
  BOOST_TEST(ends.size() == 1u);
  auto y = start_ahead();
  auto next = reserve(y, 1);
  settle();
  check_served(next, {{32, 3, 1}});
}

BOOST_AUTO_TEST_CASE(a_store_that_gives_less_leaves_nobody_without) {
  store->run_max = 3;
  auto x = start_ahead();
  auto first = reserve(x, 2);
  auto second = reserve(x, 2);
  settle();
  check_served(first, {{2, 3, 2}});
  check_served(second, {{8, 3, 2}});
}

BOOST_AUTO_TEST_CASE(at_the_end_every_integer_is_given) {
  mine = {1, 1};
  store->marks["a"] = max_integer - 5;
  auto x = start_ahead();
  auto first = reserve(x, 2);
  settle();
  check_served(first, {{max_integer - 4, 1, 2}});
  auto second = reserve(x, 3);
  settle();
  check_served(second, {{max_integer - 2, 1, 3}});
  auto none = reserve(x, 1);
  settle();
  check_refused(none, ec::exhausted);
}

BOOST_AUTO_TEST_CASE(a_demand_too_great_to_multiply_takes_nothing_along) {
  mine = {1, 1};
  auto x = start(1'000, max_integer - 1);
  auto first = reserve(x, 3);
  settle();
  check_served(first, {{1, 1, 3}});
  BOOST_TEST(store->reserves.at(0).second == 3);
}

BOOST_AUTO_TEST_SUITE_END()
