// A cluster whose network breaks: apart, one way, flapping, and in the middle
// of a split. Every node that has a stripe mints from it, with whomever it can
// speak or cannot; whoever has none waits; and no integer comes twice.
#include "tests/netns/cluster_network.hpp"

#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

constexpr size_t three = 3;

// Every node under load of its own clients, who know no other node.
struct formed : cluster_network {
  formed() : cluster_network(three) {
    form();
    for (size_t i = 0; i < three; ++i)
      loads.push_back(clients_of(i));
    all_go_on();
  }

  // Each node answers its own clients.
  void all_go_on(size_t more = 100) {
    for (size_t i = 0; i < three; ++i)
      BOOST_TEST_REQUIRE(loads[i]->wait_for(more, soon), node(i).log());
  }

  void judge_all(const std::vector<std::string>& faults) {
    std::vector<checker::call> calls;
    for (auto& x : loads)
      for (auto& call : x->stop())
        calls.push_back(std::move(call));
    judge(std::move(calls), faults);
  }

  // The node has missed another one; until now it has missed none.
  void notices(size_t i) {
    BOOST_TEST_REQUIRE(node(i).child().wait_for_error(" is not there: ", soon));
  }

  std::string seen_apart(size_t one, size_t other) {
    return net().connects(one, other, node(other).port("http"))
      ? ""
      : "no connection";
  }

  std::vector<std::unique_ptr<load>> loads;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_cluster, formed)

BOOST_AUTO_TEST_CASE(cut_in_two_mints_on_both_sides) {
  auto begin = now_ns();
  net().cut_off(0);
  auto evidence = seen_apart(0, 1) + seen_apart(2, 0);
  for (size_t i = 0; i < three; ++i)
    notices(i);
  all_go_on(1'000);
  net().heal();
  record("partition", 0, begin, false, evidence);
  all_go_on();
  judge_all({"partition"});
}

BOOST_AUTO_TEST_CASE(of_nodes_that_are_all_alone_mints_at_each) {
  auto begin = now_ns();
  for (size_t i = 0; i < three; ++i)
    net().cut_off(i);
  auto evidence = seen_apart(0, 1) + seen_apart(1, 2);
  for (size_t i = 0; i < three; ++i)
    notices(i);
  all_go_on(1'000);
  net().heal();
  record("partition", 1, begin, false, evidence);
  all_go_on();
  judge_all({"partition"});
}

BOOST_AUTO_TEST_CASE(that_hears_but_is_not_heard_mints_on) {
  for (const auto& [from, to] : {std::pair<size_t, size_t>{0, 1}, {2, 0}}) {
    auto begin = now_ns();
    net().cut_one_way(from, to);
    auto evidence = seen_apart(from, to);
    notices(to);
    all_go_on(500);
    net().heal();
    record("one way", from, begin, false, evidence);
    all_go_on();
  }
  judge_all({"one way"});
}

BOOST_AUTO_TEST_CASE(mints_within_five_seconds_of_the_last_flap) {
  auto random = seeded();
  std::uniform_int_distribution<size_t> any{0, three - 1};
  for (int flap = 0; flap < 20; ++flap) {
    auto begin = now_ns();
    auto i = any(random);
    net().unplug(i);
    auto evidence = mints(i) ? "" : "out of reach";
    net().plug(i);
    record("flap", i, begin, true, evidence);
  }
  const auto healed = in(5s);
  for (size_t i = 0; i < three; ++i)
    while (!mints(i))
      BOOST_TEST_REQUIRE((std::chrono::steady_clock::now() < healed),
                         node(i).log());
  all_go_on();
  judge_all({"flap"});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_node_that_joins)

BOOST_AUTO_TEST_CASE(while_nobody_is_reached_waits_and_joins_then) {
  cluster_network x{2, cluster_network::start::alone};
  x.node(0).start();
  BOOST_TEST_REQUIRE(x.gets_stripe(0, soon));
  x.net().cut_off(1);
  x.node(1).start();
  // Alone it never takes a stripe of its own making, however long it waits.
  BOOST_TEST(!x.gets_stripe(1, 3s));
  BOOST_TEST(!x.mints(1));
  BOOST_TEST(x.mints(0));
  x.net().heal();
  BOOST_TEST(x.gets_stripe(1, soon), x.node(1).log());
  auto load = x.clients();
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  x.judge(load->stop(), {});
}

// Each start may die before or after it was given its half: it is given the
// same one again, and no other.
BOOST_AUTO_TEST_CASE(is_killed_again_and_again_and_given_one_stripe) {
  auto random = seeded();
  std::uniform_int_distribution<int> lives_ms{1, 400};
  cluster_network x{2, cluster_network::start::alone};
  x.node(0).start();
  BOOST_TEST_REQUIRE(x.gets_stripe(0, soon));
  for (int i = 0; i < 20; ++i) {
    auto& child = x.node(1).launch();
    std::ignore = child.wait(std::chrono::milliseconds{lives_ms(random)});
    x.node(1).kill();
  }
  x.node(1).start();
  BOOST_TEST_REQUIRE(x.gets_stripe(1, soon), x.node(1).log());
  BOOST_TEST(x.stripe_of(0)->increment == 2);
  BOOST_TEST(x.stripe_of(1)->increment == 2);
  auto load = x.clients();
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  x.judge(load->stop(), {});
}

BOOST_AUTO_TEST_SUITE_END()
