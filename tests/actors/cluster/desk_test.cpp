// The desk between the network and the router, on a simulated system.
#include "actors/cluster/desk.hpp"

#include "tests/support/results.hpp"
#include "tests/support/simulated_system.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

struct asked {
  std::string key;
  int64_t count = 0;
  caf::typed_response_promise<reserved> who;
};

// What a router was asked, and what it does next.
struct script {
  std::vector<asked> all;
  std::function<void()> act;
};

// Keeps what it is asked, and acts when it is told to sweep.
router_actor::behavior_type listening_router(router_actor::pointer self,
                                             script* told) {
  return {
    [self, told](reserve_atom, const std::string& key, int64_t count) {
      told->all.push_back(
        {key, count, self->make_response_promise<reserved>()});
      return caf::delegated<reserved>{};
    },
    [](last_atom, const std::string&) {
      return int64_t{77};
    },
    [](raise_atom, const std::string&, int64_t) {
      return caf::ok_atom_v;
    },
    [](up_atom, const std::string&, const stripe&, const engine_actor&) {},
    [](down_atom, const std::string&, const std::string&) {},
    [](status_atom) {
      return router_status{};
    },
    [told](sweep_atom) {
      told->act();
    },
  };
}

struct fixture : simulated_system {
  fixture() {
    options.count_max = 10;
    options.waiting_max = 4;
    start();
  }

  ~fixture() {
    all.clear();
    kill(x);
    kill(router);
  }

  void start() {
    x = caf::actor_cast<node_actor>(
      sys.spawn(desk, options, router, cluster_actor{}));
  }

  reply_ptr<reserved> reserve(const std::string& key, int64_t count) {
    return ask<reserved>(x, reserve_atom_v, key, count);
  }

  void answer(size_t i, const std::vector<run>& runs) {
    deliver(i, reserved{runs});
  }

  template <class Answer>
  void deliver(size_t i, Answer answer) {
    told.act = [this, i, answer] {
      told.all.at(i).who.deliver(answer);
    };
    caf::anon_send(router, sweep_atom_v);
    settle();
  }

  static void check_given(const reply_ptr<reserved>& r, int64_t first) {
    BOOST_TEST(r->answers == 1u);
    BOOST_REQUIRE(r->value);
    BOOST_TEST(r->value->runs.at(0).first == first);
  }

  static void check_refused(const reply_ptr<reserved>& r, ec code) {
    BOOST_TEST(r->answers == 1u);
    BOOST_TEST(!r->value);
    BOOST_TEST(r->failure.code == code);
  }

  script told;
  std::vector<asked>& all = told.all;
  desk_options options;
  router_actor router = sys.spawn(listening_router, &told);
  node_actor x;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_desk, fixture)

BOOST_AUTO_TEST_CASE(asks_once_for_all_who_wait) {
  auto a = reserve("k", 1);
  auto b = reserve("k", 2);
  settle();
  BOOST_TEST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].count == 3);
  auto c = reserve("k", 1);
  auto d = reserve("k", 1);
  settle();
  BOOST_TEST(all.size() == 1u);
  answer(0, {{10, 1, 3}});
  check_given(a, 10);
  check_given(b, 11);
  BOOST_TEST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[1].count == 2);
  answer(1, {{20, 2, 2}});
  check_given(c, 20);
  check_given(d, 22);
}

BOOST_AUTO_TEST_CASE(lets_no_key_wait_for_another) {
  auto a = reserve("a", 1);
  auto b = reserve("b", 1);
  settle();
  BOOST_TEST_REQUIRE(all.size() == 2u);
  answer(1, {{5, 1, 1}});
  check_given(b, 5);
  BOOST_TEST(a->answers == 0u);
  answer(0, {{6, 1, 1}});
  check_given(a, 6);
}

BOOST_AUTO_TEST_CASE(tells_everybody_of_a_failure) {
  auto a = reserve("k", 1);
  auto b = reserve("k", 1);
  settle();
  deliver(0, to_caf({ec::exhausted, "no more"}));
  check_refused(a, ec::exhausted);
  check_refused(b, ec::exhausted);
  auto c = reserve("k", 1);
  settle();
  answer(1, {{1, 1, 1}});
  check_given(c, 1);
}

BOOST_AUTO_TEST_CASE(refuses_what_nobody_may_ask) {
  auto none = reserve("k", 0);
  auto many = reserve("k", 11);
  auto minus = reserve("k", -1);
  auto key = reserve("no key", 1);
  auto last = ask<int64_t>(x, last_atom_v, std::string{"no key"});
  settle();
  check_refused(none, ec::invalid_count);
  check_refused(many, ec::invalid_count);
  check_refused(minus, ec::invalid_count);
  check_refused(key, ec::invalid_key);
  BOOST_TEST(last->failure.code == ec::invalid_key);
  BOOST_TEST(all.empty());
}

BOOST_AUTO_TEST_CASE(turns_away_who_is_one_too_many) {
  std::vector<reply_ptr<reserved>> admitted;
  for (int i = 0; i < 4; ++i)
    admitted.push_back(reserve(i % 2 == 0 ? "a" : "b", 1));
  auto fifth = reserve("a", 1);
  settle();
  check_refused(fifth, ec::overloaded);
  answer(0, {{1, 1, 2}});
  answer(1, {{1, 1, 2}});
  for (const auto& r : admitted)
    BOOST_TEST(r->value.has_value());
  auto sixth = reserve("a", 1);
  settle();
  answer(2, {{3, 1, 1}});
  check_given(sixth, 3);
}

BOOST_AUTO_TEST_CASE(passes_on_who_asks_for_the_last_integer) {
  auto r = ask<int64_t>(x, last_atom_v, std::string{"k"});
  settle();
  BOOST_TEST(r->value.value_or(0) == 77);
}

BOOST_AUTO_TEST_CASE(says_where_it_is_in_no_cluster) {
  auto ping = ask<node_report>(x, ping_atom_v, node_report{});
  auto claim = ask<caf::ok_atom>(x, claim_atom_v, node_report{});
  auto split = ask<sent_gift>(x, split_atom_v, split_request{});
  auto hand = ask<caf::ok_atom>(x, hand_atom_v, sent_gift{});
  settle();
  BOOST_TEST(ping->failure.code == ec::unavailable);
  BOOST_TEST(claim->failure.code == ec::unavailable);
  BOOST_TEST(split->failure.code == ec::unavailable);
  BOOST_TEST(hand->failure.code == ec::unavailable);
}

BOOST_AUTO_TEST_CASE(answers_what_waits_before_it_ends) {
  auto a = reserve("k", 1);
  settle();
  caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  settle();
  auto b = reserve("k", 1);
  settle();
  check_refused(b, ec::draining);
  answer(0, {{9, 1, 1}});
  check_given(a, 9);
  auto c = reserve("k", 1);
  settle();
  check_refused(c, ec::unavailable);
}

BOOST_AUTO_TEST_CASE(leaves_nobody_without_an_answer_when_it_is_killed) {
  auto a = reserve("k", 1);
  settle();
  kill(x);
  check_refused(a, ec::unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
