// Nodes that die, freeze, slow down, are copied, or come back late, as plain
// processes: clients that know all nodes are served, and no integer comes
// twice.
#include "tests/faults/injection.hpp"
#include "tests/netns/cluster_network.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <string>

using namespace intd;
using namespace intd::test;

namespace {

constexpr size_t three = 3;

bool serves_itself(cluster_network& x, size_t i) {
  return x.node(i).wait_until_ready() && x.gets_stripe(i, soon);
}

struct formed : cluster_network {
  formed() : cluster_network(three) {
    form();
    all = clients();
    more();
  }

  void more(size_t count = 200) {
    BOOST_TEST_REQUIRE(all->wait_for(count, soon));
  }

  // The others have missed a node of which they had missed nothing before.
  void missed_by_others(size_t i) {
    for (size_t other = 0; other < three; ++other)
      if (other != i)
        BOOST_TEST_REQUIRE(
          node(other).child().wait_for_error(" is not there: ", soon));
  }

  std::unique_ptr<load> all;
};

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool contains(const checker::progression& x, const std::string& value) {
  return (std::stoll(value) - x.offset) % x.increment == 0;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(nodes, formed)

BOOST_AUTO_TEST_CASE(go_on_above_when_all_were_killed_at_once) {
  for (size_t i = 0; i < three; ++i)
    node(i).child().signal(SIGKILL);
  for (size_t i = 0; i < three; ++i)
    node(i).kill();
  for (size_t i = 0; i < three; ++i)
    node(i).launch();
  for (size_t i = 0; i < three; ++i)
    BOOST_TEST_REQUIRE(serves_itself(*this, i), node(i).log());
  more(1'000);
  judge(all->stop(), {"kill"});
}

BOOST_AUTO_TEST_CASE(serve_for_one_that_is_frozen) {
  auto begin = now_ns();
  node(1).child().signal(SIGSTOP);
  missed_by_others(1);
  const auto state = node(1).child().state();
  BOOST_TEST(state == 'T');
  // Whoever asks it waits for a second.
  more(30);
  node(1).child().signal(SIGCONT);
  record("frozen", 1, begin, true, std::string{"state "} + state);
  BOOST_TEST_REQUIRE(gets_stripe(1, soon));
  more(500);
  judge(all->stop(), {"frozen"});
}

// Its clients may wait for it; those of the others do not notice.
BOOST_AUTO_TEST_CASE(are_not_held_up_by_one_whose_disk_is_slow) {
  std::ignore = all->stop();
  std::vector<std::unique_ptr<load>> others;
  for (const size_t i : {0U, 2U})
    others.push_back(clients_of(i));
  auto its = clients_of(1);
  for (auto& x : others)
    BOOST_TEST_REQUIRE(x->wait_for(100, soon));
  auto begin = now_ns();
  injection slow{node(1), "fdatasync,fsync", "delay_enter=2000000"};
  BOOST_TEST_REQUIRE(slow.wait_for("DELAYED", soon));
  const auto answered = its->answered();
  const auto before = std::chrono::steady_clock::now();
  for (auto& x : others)
    BOOST_TEST_REQUIRE(x->wait_for(2'000, soon));
  const auto took = std::chrono::steady_clock::now() - before;
  // One by one they would have waited for 2 s each.
  BOOST_TEST((took < 20s));
  BOOST_TEST_REQUIRE(its->wait_for(1, soon));
  BOOST_TEST(its->answered() > answered);
  slow.detach();
  record("slow disk", 1, begin, true,
         std::to_string(slow.fired()) + " calls were delayed");
  BOOST_TEST_REQUIRE(its->wait_for(100, soon));
  std::vector<checker::call> calls;
  others.push_back(std::move(its));
  for (auto& x : others)
    for (auto& call : x->stop())
      calls.push_back(std::move(call));
  judge(std::move(calls), {"slow disk"});
}

// Only the store's file: what the node keeps of its cluster is on the same
// disk, and one that hangs altogether is missed by its peers.
BOOST_AUTO_TEST_CASE(are_not_missed_while_a_call_of_their_engine_hangs) {
  const auto own = stripe_of(1);
  auto its = clients_of(1);
  BOOST_TEST_REQUIRE(its->wait_for(100, soon));
  const auto begin = now_ns();
  injection slow{
    node(1), "fdatasync",  "delay_enter=10000000",
    {},      threads::all, node(1).options().state / "integers.db-wal"};
  BOOST_TEST_REQUIRE(slow.wait_for("fdatasync(", soon));
  const auto hangs = now_ns();
  BOOST_TEST_REQUIRE(its->wait_for(100, soon));
  more();
  const auto served = now_ns();
  // All this while it was in that one call, and it stays there.
  BOOST_TEST_REQUIRE(slow.fired() == 0U);
  BOOST_TEST_REQUIRE(slow.wait_for("DELAYED", soon));
  for (const size_t i : {0U, 2U})
    BOOST_TEST(!says(node(i).log(), " is not there: "), node(i).log());
  slow.detach();
  record("hanging call", 1, begin, false,
         std::to_string(slow.fired()) + " calls were delayed");
  BOOST_TEST_REQUIRE(gets_stripe(1, soon), node(1).log());
  BOOST_TEST_REQUIRE(its->wait_for(100, soon));
  auto calls = its->stop();
  size_t of_peers = 0;
  for (const auto& call : calls)
    if (call.begin > hangs && call.end < served)
      for (const auto& value : call.values) {
        BOOST_TEST(!contains(*own, value));
        ++of_peers;
      }
  BOOST_TEST(of_peers >= 50U);
  for (auto& call : all->stop())
    calls.push_back(std::move(call));
  judge(std::move(calls), {"hanging call"});
}

BOOST_AUTO_TEST_CASE(are_restarted_in_turn_and_no_client_notices) {
  for (size_t i = 0; i < three; ++i) {
    const auto how = node(i).stop(10s);
    BOOST_TEST_REQUIRE(how.has_value());
    BOOST_TEST((how->status == 0));
    more();
    node(i).start();
    BOOST_TEST_REQUIRE(gets_stripe(i, soon), node(i).log());
    more();
  }
  judge(all->stop(), {"stop"});
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(a_node)

BOOST_AUTO_TEST_CASE(whose_stripe_overlaps_is_refused_and_told_why) {
  cluster_network x{2};
  for (size_t i = 0; i < 2; ++i) {
    auto& options = x.node(i).options();
    const std::string first = "bootstrap = true\n";
    if (const auto at = options.config.find(first); at != std::string::npos)
      options.config.erase(at, first.size());
    options.flags
      = {"-set-offset", "1", "-set-increment", std::to_string(2 + i)};
    x.node(i).launch();
  }
  for (size_t i = 0; i < 2; ++i)
    BOOST_TEST_REQUIRE(x.node(i).wait_until_ready(), x.node(i).log());
  BOOST_TEST_REQUIRE((x.gets_stripe(0, 5s) || x.gets_stripe(1, 5s)),
                     x.node(0).log() << x.node(1).log());
  const size_t loser = x.stripe_of(0) ? 1 : 0;
  BOOST_TEST(!x.stripe_of(loser).has_value());
  BOOST_TEST(x.stripe_of(1 - loser).has_value());
  const auto winner = "n" + std::to_string(1 - loser);
  const auto seen = x.readyz(loser);
  const auto told = x.intctl(loser, {"status"});
  for (const auto& text : {x.node(loser).log(), seen, told})
    for (const auto& part : {std::string{"1 mod 2"}, std::string{"1 mod 3"},
                             winner, std::string{"another stripe"}})
      BOOST_TEST(says(text, part), part << " in " << text);
  // Through the other one it answers all the same.
  BOOST_TEST(x.mints(loser));
  auto load = x.clients();
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  x.judge(load->stop(), {}, {loser});
}

BOOST_AUTO_TEST_CASE(that_is_a_copy_of_one_that_lives_is_refused) {
  cluster_network x{three, cluster_network::start::alone};
  for (size_t i = 0; i < 2; ++i) {
    x.node(i).launch();
    BOOST_TEST_REQUIRE(serves_itself(x, i), x.node(i).log());
  }
  std::filesystem::copy(x.node(1).options().state, x.node(2).options().state,
                        std::filesystem::copy_options::recursive);
  // With the same name, as copies have it.
  auto& config = x.node(2).options().config;
  config.replace(config.find("n2"), 2, "n1");
  // Each is the first process of its machine.
  auto& wrapper = x.node(2).options().wrapper;
  wrapper.insert(wrapper.end(), {"unshare", "--pid", "--fork", "--kill-child"});
  x.node(2).launch();
  BOOST_TEST_REQUIRE(
    x.node(2).child().wait_for_error("is running already", soon));
  BOOST_TEST_REQUIRE(x.node(2).wait_until_ready(), x.node(2).log());
  BOOST_TEST(!x.gets_stripe(2, 2s));
  BOOST_TEST(x.stripe_of(1).has_value());
  auto load = x.clients_of(0);
  auto its = x.clients_of(1);
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  BOOST_TEST_REQUIRE(its->wait_for(200, soon));
  auto calls = load->stop();
  for (auto& call : its->stop())
    calls.push_back(std::move(call));
  x.judge(std::move(calls), {}, {2});
}

BOOST_AUTO_TEST_CASE(whose_stripe_was_given_away_is_refused_when_it_returns) {
  cluster_network x{4, cluster_network::start::alone};
  for (size_t i = 0; i < three; ++i) {
    x.node(i).launch();
    BOOST_TEST_REQUIRE(serves_itself(x, i), x.node(i).log());
  }
  const auto its = x.stripe_of(2);
  auto load = x.clients();
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  x.node(2).kill();
  for (size_t i = 0; i < 2; ++i)
    BOOST_TEST_REQUIRE(
      x.node(i).child().wait_for_error(" is not there: ", soon));
  // As an operator finds it among the keys in the data.
  auto calls = load->stop();
  int64_t greatest = 0;
  for (const auto& call : calls)
    for (const auto& value : call.values)
      greatest = std::max(greatest, int64_t{std::stoll(value)});
  const auto above = std::to_string(greatest);
  BOOST_TEST(x.intctl(0, {"adopt", "n2", "-dead", "-above", above}) == "");
  x.node(3).launch();
  BOOST_TEST_REQUIRE(serves_itself(x, 3), x.node(3).log());
  BOOST_TEST((x.stripe_of(3)->offset == its->offset
              && x.stripe_of(3)->increment == its->increment));
  load = x.clients("late");
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  x.node(2).launch();
  BOOST_TEST_REQUIRE(
    x.node(2).child().wait_for_error("new state directory", soon),
    x.node(2).log());
  BOOST_TEST_REQUIRE(x.node(2).wait_until_ready(), x.node(2).log());
  BOOST_TEST(!x.gets_stripe(2, 2s));
  BOOST_TEST_REQUIRE(load->wait_for(200, soon));
  for (auto& call : load->stop())
    calls.push_back(std::move(call));
  x.judge(std::move(calls), {"kill"}, {2});
}

BOOST_AUTO_TEST_SUITE_END()
