// The three nodes of docker-compose.yml, in containers of the image of the
// Dockerfile: what a user gets from `docker-compose up`, and what becomes of it
// when containers are killed, frozen, cut off, stopped and replaced.
#include "tests/compose/compose.hpp"
#include "tests/support/server.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

const std::vector<std::string> nodes{"intd-1", "intd-2", "intd-3"};

// The three nodes, ready, with clients that know them all.
struct fixture {
  fixture() {
    cluster.up(nodes);
    cluster.learn_stripes(nodes);
  }

  void begin() {
    all = cluster.clients(nodes);
    more();
  }

  // Some more integers for everybody, however slow the machine is.
  void more(size_t count = 300) {
    BOOST_TEST_REQUIRE(all->wait_for(count, soon));
  }

  void judge(const std::vector<std::string>& faults) {
    checker::promise promised;
    promised.faults = faults;
    promised.budget = std::chrono::nanoseconds{10s}.count();
    promised.recovery = std::chrono::nanoseconds{soon}.count();
    for (const auto& node : nodes)
      promised.minimum.push_back({"node", node, 10});
    cluster.judge(all->stop(), promised);
  }

  std::string state_of(const std::string& id, const std::string& what) {
    return compose::docker({"inspect", "--format", "{{." + what + "}}", id});
  }

  compose cluster;
  std::unique_ptr<load> all;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(three_nodes, fixture)

BOOST_AUTO_TEST_CASE(mint_each_in_its_stripe_and_none_twice) {
  begin();
  more(1'000);
  cluster.expect_own_stripes();
  judge({});
}

BOOST_AUTO_TEST_CASE(run_as_nobody_special_and_publish_clients_ports_alone) {
  for (const auto& node : nodes) {
    const auto id = cluster.container(node);
    const auto user = compose::docker({"exec", id, "id", "-un"});
    BOOST_TEST(user == "intd");
    const auto published = compose::docker({"port", id});
    BOOST_TEST(published
               == "8080/tcp -> 127.0.0.1:"
                 + std::to_string(cluster.port(node)));
    // The root of the file system is the image, and stays as it is.
    BOOST_TEST(state_of(id, "HostConfig.ReadonlyRootfs") == "true");
  }
}

BOOST_AUTO_TEST_CASE(go_on_while_one_is_killed_and_docker_brings_it_back) {
  begin();
  const auto id = cluster.container("intd-2");
  const auto pid = std::stoi(state_of(id, "State.Pid"));
  BOOST_TEST_REQUIRE(::kill(pid, SIGKILL) == 0);
  const auto died = cluster.gone("intd-2", "kill",
                                 "signal 9 to process " + std::to_string(pid));
  more();
  cluster.wait_until_ready("intd-2", died);
  BOOST_TEST(state_of(id, "RestartCount") == "1");
  more();
  judge({"kill"});
}

BOOST_AUTO_TEST_CASE(go_on_while_one_is_paused) {
  begin();
  const auto id = cluster.container("intd-1");
  checker::fault pause{"pause", "intd-1", now_ns(), 0, true, ""};
  compose::docker({"pause", id});
  pause.evidence = state_of(id, "State.Status");
  BOOST_TEST(pause.evidence == "paused");
  // Whoever asks the paused node waits for a second.
  more(30);
  compose::docker({"unpause", id});
  pause.end = now_ns();
  cluster.record(pause);
  more();
  judge({"pause"});
}

BOOST_AUTO_TEST_CASE(go_on_while_one_is_cut_off) {
  begin();
  const auto id = cluster.container("intd-3");
  checker::fault cut{"cut", "intd-3", now_ns(), 0, true, ""};
  for (const auto* network : {"_clients", "_actors"})
    compose::docker({"network", "disconnect", cluster.project() + network, id});
  BOOST_TEST(!cluster.ready("intd-3"));
  cut.evidence = "not ready";
  more();
  compose::docker({"network", "connect", cluster.project() + "_clients", id});
  compose::docker({"network", "connect", "--alias", "intd-3.actors",
                   cluster.project() + "_actors", id});
  BOOST_TEST(cluster.becomes_ready("intd-3"));
  cut.end = now_ns();
  cluster.record(cut);
  more();
  judge({"cut"});
}

BOOST_AUTO_TEST_CASE(go_on_while_one_is_cut_off_from_its_peers) {
  begin();
  const auto id = cluster.container("intd-1");
  const auto network = cluster.project() + "_actors";
  checker::fault cut{"apart", "intd-1", now_ns(), 0, false, ""};
  compose::docker({"network", "disconnect", network, id});
  cut.evidence = state_of(id, "NetworkSettings.Networks");
  BOOST_TEST(cut.evidence.find("_actors") == std::string::npos);
  more(1'000);
  compose::docker(
    {"network", "connect", "--alias", "intd-1.actors", network, id});
  cut.end = now_ns();
  cluster.record(cut);
  more();
  judge({"apart"});
}

BOOST_AUTO_TEST_CASE(are_joined_by_replicas_while_they_mint) {
  begin();
  auto everybody = nodes;
  for (const auto& replica : cluster.scale(2))
    everybody.push_back(replica);
  auto later = cluster.clients(everybody);
  BOOST_TEST_REQUIRE(later->wait_for(500, soon));
  // Everybody's stripe, as the replicas have left them.
  cluster.learn_stripes(everybody);
  auto calls = all->stop();
  for (auto& x : later->stop())
    calls.push_back(std::move(x));
  checker::promise promised;
  for (const auto& node : everybody)
    promised.minimum.push_back({"node", node, 10});
  promised.budget = std::chrono::nanoseconds{10s}.count();
  cluster.judge(std::move(calls), promised);
}

BOOST_AUTO_TEST_CASE(go_on_above_when_taken_down_and_brought_up_again) {
  begin();
  auto before = all->stop();
  cluster.run({"down"});
  for (const auto& node : nodes)
    cluster.gone(node, "down", "docker-compose down");
  cluster.up(nodes);
  begin();
  auto after = all->stop();
  before.insert(before.end(), after.begin(), after.end());
  cluster.learn_stripes(nodes);
  cluster.judge(std::move(before), {});
}

BOOST_AUTO_TEST_CASE(are_restarted_in_turn_and_no_client_notices) {
  begin();
  for (const auto& node : nodes) {
    const auto id = cluster.container(node);
    cluster.run({"stop", node});
    // It ended by itself, and cleanly.
    BOOST_TEST(state_of(id, "State.ExitCode") == "0");
    const auto ended = cluster.gone(node, "stop", "docker-compose stop");
    more();
    cluster.run({"start", node});
    cluster.wait_until_ready(node, ended);
    more();
  }
  judge({"stop"});
}

BOOST_AUTO_TEST_SUITE_END()
