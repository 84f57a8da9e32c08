// A mint client before nodes that fail as the test says, on a simulated system:
// nobody is given an integer twice, and nobody is left without an answer.
#include "actors/mint_client/mint_client.hpp"

#include "tests/support/results.hpp"
#include "tests/support/simulated_system.hpp"
#include "tests/support/small_node.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <map>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

using namespace std::chrono_literals;

// A node, and how it fares.
struct node_script {
  bool reachable = true;
  // Answers with this where it is not `none`.
  ec code = ec::none;
  // Answers nothing at all, and mints all the same.
  bool silent = false;
  int64_t most = 1'000;
  int64_t next = 1;
  std::vector<int64_t> asked;
  node_actor handle;
  size_t dials = 0;
  std::deque<caf::typed_response_promise<reserved>> unanswered;
};

caf::result<reserved> reserve_at(node_actor::pointer self, node_script* x,
                                 int64_t count) {
  x->asked.push_back(count);
  if (x->code != ec::none)
    return to_caf({x->code, "as told"});
  if (count > x->most)
    return to_caf({ec::invalid_count, "too many"});
  run given{x->next, 1, count};
  x->next += count;
  if (x->silent) {
    x->unanswered.push_back(self->make_response_promise<reserved>());
    return caf::delegated<reserved>{};
  }
  return reserved{{given}};
}

node_actor::behavior_type scripted_node(node_actor::pointer self,
                                        node_script* x) {
  return node_that([self, x](int64_t count) {
    return reserve_at(self, x, count);
  });
}

using scripts = std::map<std::string, node_script>;

dialer_actor::behavior_type scripted_dialer(dialer_actor::pointer self,
                                            scripts* all) {
  return {
    [self, all](dial_atom,
                const std::string& where) -> caf::result<node_actor> {
      auto& x = all->at(where);
      ++x.dials;
      if (!x.reachable)
        return to_caf({ec::unavailable, where + ": as told"});
      if (!x.handle)
        x.handle = self->spawn(scripted_node, &x);
      return x.handle;
    },
  };
}

struct fixture : simulated_system {
  fixture() {
    options.request_timeout = 1'000ms;
    options.node_timeout = 300ms;
    options.backoff_min = 10ms;
    options.backoff_max = 40ms;
    options.waiting_max = 8;
    options.count_max = 1'000;
    nodes["a:1"].next = 1'000;
    nodes["b:1"].next = 2'000;
  }

  ~fixture() {
    kill(x);
    for (auto& [name, node] : nodes) {
      node.unanswered.clear();
      end(name);
    }
  }

  void start(std::vector<std::string> names) {
    options.nodes = std::move(names);
    x = sys.spawn(mint_client, options, sys.spawn(scripted_dialer, &nodes));
    settle();
  }

  void end(const std::string& name) {
    if (auto handle = std::exchange(nodes[name].handle, nullptr))
      kill(handle);
  }

  reply_ptr<int64_t> next(const std::string& key = "k") {
    return ask<int64_t>(x, next_atom_v, key);
  }

  reply_ptr<reserved> reserve(int64_t count, const std::string& key = "k") {
    return ask<reserved>(x, reserve_atom_v, key, count);
  }

  template <class T>
  static void check_refused(const reply_ptr<T>& r, ec code,
                            const std::string& text = "") {
    BOOST_TEST(r->answers == 1u);
    BOOST_TEST(!r->value);
    BOOST_TEST(r->failure.code == code);
    BOOST_TEST(r->failure.context.find(text) != std::string::npos,
               r->failure.context);
  }

  static void check_given(const reply_ptr<int64_t>& r, int64_t value) {
    BOOST_TEST(r->answers == 1u);
    BOOST_TEST(r->value.value_or(0) == value, to_string(r->failure));
  }

  scripts nodes;
  mint_client_options options;
  mint_client_actor x;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_mint_client, fixture)

BOOST_AUTO_TEST_CASE(asks_once_for_all_who_wait) {
  start({"a:1"});
  auto one = next();
  auto two = next();
  auto more = reserve(3);
  settle();
  BOOST_TEST((nodes["a:1"].asked == std::vector<int64_t>{5}));
  check_given(one, 1'000);
  check_given(two, 1'001);
  BOOST_REQUIRE(more->value);
  BOOST_TEST((more->value->runs == std::vector<run>{{1'002, 1, 3}}));
}

BOOST_AUTO_TEST_CASE(has_one_reservation_under_way_for_each_key) {
  start({"a:1"});
  nodes["a:1"].silent = true;
  auto first = next();
  settle();
  auto second = next();
  auto other = next("other");
  settle();
  BOOST_TEST((nodes["a:1"].asked == std::vector<int64_t>{1, 1}));
}

BOOST_AUTO_TEST_CASE(waits_for_a_node_to_be_reached) {
  nodes["a:1"].reachable = false;
  start({"a:1"});
  auto r = next();
  advance(200ms);
  BOOST_TEST(r->answers == 0u);
  nodes["a:1"].reachable = true;
  advance(50ms);
  check_given(r, 1'000);
}

BOOST_AUTO_TEST_CASE(says_at_the_deadline_why_no_node_is_reached) {
  nodes["a:1"].reachable = false;
  start({"a:1"});
  auto r = next();
  advance(999ms);
  BOOST_TEST(r->answers == 0u);
  advance(60ms);
  check_refused(r, ec::timeout, "a:1: as told");
  // It goes on dialing, and not without a pause.
  auto dials = nodes["a:1"].dials;
  advance(1'000ms);
  BOOST_TEST(nodes["a:1"].dials > dials + 10);
  BOOST_TEST(nodes["a:1"].dials < dials + 100);
  nodes["a:1"].reachable = true;
  auto later = next();
  advance(50ms);
  check_given(later, 1'000);
}

BOOST_AUTO_TEST_CASE(asks_the_next_node_at_once_where_one_fails) {
  for (auto code : {ec::unavailable, ec::timeout, ec::overloaded, ec::draining,
                    ec::corrupt}) {
    start({"a:1", "b:1"});
    nodes["a:1"].code = code;
    auto before = nodes["b:1"].next;
    auto r = next();
    settle();
    check_given(r, before);
    // And stays there.
    auto asked = nodes["a:1"].asked.size();
    auto later = next();
    settle();
    check_given(later, before + 1);
    BOOST_TEST(nodes["a:1"].asked.size() == asked);
    kill(x);
  }
}

BOOST_AUTO_TEST_CASE(asks_the_next_node_at_once_where_one_goes) {
  start({"a:1", "b:1"});
  nodes["a:1"].silent = true;
  auto r = next();
  settle();
  BOOST_TEST(r->answers == 0u);
  nodes["a:1"].unanswered.clear();
  end("a:1");
  check_given(r, 2'000);
  // What a minted is a gap.
  nodes["a:1"].silent = false;
  advance(100ms);
  end("b:1");
  auto later = next();
  settle();
  check_given(later, 1'001);
}

BOOST_AUTO_TEST_CASE(asks_the_next_node_where_one_is_slow) {
  start({"a:1", "b:1"});
  nodes["a:1"].silent = true;
  auto r = next();
  advance(299ms);
  BOOST_TEST(r->answers == 0u);
  advance(2ms);
  check_given(r, 2'000);
}

BOOST_AUTO_TEST_CASE(tries_on_until_the_deadline_where_all_fail) {
  start({"a:1", "b:1"});
  nodes["a:1"].code = nodes["b:1"].code = ec::unavailable;
  auto r = next();
  settle();
  BOOST_TEST(r->answers == 0u);
  auto lost = next();
  advance(300ms);
  nodes["b:1"].code = ec::none;
  advance(60ms);
  check_given(r, 2'000);
  check_given(lost, 2'001);
  nodes["b:1"].code = ec::unavailable;
  auto late = next();
  advance(1'060ms);
  check_refused(late, ec::timeout, "as told");
}

BOOST_AUTO_TEST_CASE(says_at_once_what_no_node_will_ever_mint) {
  start({"a:1", "b:1"});
  nodes["a:1"].code = nodes["b:1"].code = ec::exhausted;
  auto r = next();
  settle();
  check_refused(r, ec::exhausted, "as told");
}

BOOST_AUTO_TEST_CASE(serves_more_than_a_node_gives_at_once) {
  start({"a:1"});
  nodes["a:1"].most = 100;
  auto r = reserve(1'000);
  settle();
  BOOST_REQUIRE(r->value);
  BOOST_TEST((r->value->runs == std::vector<run>{{1'000, 1, 1'000}}));
}

BOOST_AUTO_TEST_CASE(turns_away_who_is_one_too_many) {
  nodes["a:1"].reachable = false;
  start({"a:1"});
  std::vector<reply_ptr<int64_t>> admitted;
  for (int i = 0; i < 8; ++i)
    admitted.push_back(next());
  auto ninth = next();
  settle();
  check_refused(ninth, ec::overloaded);
  // Those who gave up make room.
  advance(1'100ms);
  for (const auto& r : admitted)
    check_refused(r, ec::timeout);
  nodes["a:1"].reachable = true;
  auto later = next();
  advance(100ms);
  check_given(later, 1'000);
  BOOST_TEST((nodes["a:1"].asked == std::vector<int64_t>{1}));
}

BOOST_AUTO_TEST_CASE(refuses_what_nobody_may_ask) {
  start({"a:1"});
  auto none = reserve(0);
  auto many = reserve(max_count + 1);
  auto key = next("no key");
  settle();
  check_refused(none, ec::invalid_count);
  check_refused(many, ec::invalid_count);
  check_refused(key, ec::invalid_key);
  BOOST_TEST(nodes["a:1"].asked.empty());
}

BOOST_AUTO_TEST_CASE(leaves_nobody_without_an_answer_when_it_ends) {
  nodes["a:1"].reachable = false;
  start({"a:1"});
  auto one = next();
  auto several = reserve(2);
  settle();
  kill(x);
  check_refused(one, ec::unavailable);
  check_refused(several, ec::unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
