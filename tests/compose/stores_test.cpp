// The profiles of docker-compose.yml: a node on each store, in containers,
// whose store is killed and comes back. Where the machine reaches no registry
// of images, base-images has made the stores' from Debian's packages; then
// this shows the file and the node, not the official images.
#include "tests/compose/compose.hpp"
#include "tests/support/server.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace intd;
using namespace intd::test;

namespace {

struct fixture {
  void begin(const std::string& service,
             const std::vector<checker::progression>& stripes) {
    node = service;
    cluster.set_stripes(stripes);
    cluster.up({node});
    all = cluster.clients({node});
    more();
  }

  void more() {
    BOOST_TEST_REQUIRE(all->wait_for(100, soon));
  }

  // Kills a store's container, for which Docker does not start it again.
  checker::fault kill(const std::string& store, bool blocks) {
    checker::fault x{"store killed", node, now_ns(), 0, blocks, ""};
    x.evidence = compose::docker({"kill", cluster.container(store)});
    return x;
  }

  void start(const std::string& store, checker::fault x) {
    cluster.run({"start", store});
    BOOST_TEST(cluster.becomes_ready(node));
    x.end = now_ns();
    cluster.record(x);
    more();
  }

  void judge(std::chrono::nanoseconds budget) {
    checker::promise promised;
    promised.faults = {"store killed"};
    promised.budget = budget.count();
    promised.recovery = std::chrono::nanoseconds{soon}.count();
    promised.minimum = {{"node", node, 100}};
    cluster.judge(all->stop(), promised);
  }

  // With this store alone, which is killed and started again.
  void judge_on(const std::string& store) {
    begin("intd-" + store, {{1, 1}});
    start(store, kill(store, true));
    judge(soon);
  }

  compose cluster;
  std::string node;
  std::unique_ptr<load> all;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_node_in_a_container, fixture)

BOOST_AUTO_TEST_CASE(on_two_ticket_servers_goes_on_with_one) {
  begin("intd-mysql", {{1, 2}, {2, 2}});
  auto odd = kill("mariadb-odd", false);
  more();
  start("mariadb-odd", odd);
  auto even = kill("mariadb-even", false);
  more();
  start("mariadb-even", even);
  judge(10s);
}

BOOST_AUTO_TEST_CASE(on_redis_goes_on_above_when_it_is_back) {
  judge_on("redis");
}

#ifdef INTD_TEST_SUMMITDB
BOOST_AUTO_TEST_CASE(on_summitdb_goes_on_above_when_it_is_back) {
  judge_on("summitdb");
}
#endif

BOOST_AUTO_TEST_CASE(on_rqlite_goes_on_with_two_of_three) {
  begin("intd-rqlite", {{1, 1}});
  for (const auto* follower : {"rqlite-2", "rqlite-3"})
    BOOST_TEST_REQUIRE(cluster.says(follower, "successfully joined cluster"));
  auto leader = kill("rqlite-1", false);
  more();
  start("rqlite-1", leader);
  judge(soon);
}

BOOST_AUTO_TEST_SUITE_END()
