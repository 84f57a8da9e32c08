// Three nodes of rqlite: whatever becomes of the leader, minting goes on by
// itself and no integer comes twice. What it costs is printed next to what a
// plain client of rqlite sees in the same seconds.
#include "engines/registry.hpp"
#include "tests/engines/rqlite_fleet.hpp"
#include "tests/servers/rqlite.hpp"
#include "tests/support/results.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace data = boost::unit_test::data;

namespace {

const sequence all{"integers", {1, 1}};

enum class fate { killed, stopped, frozen };

struct ending_of_leader {
  const char* name;
  fate what;

  friend std::ostream& operator<<(std::ostream& out,
                                  const ending_of_leader& x) {
    return out << x.name;
  }
};

const std::vector<ending_of_leader> endings{{"SIGKILL", fate::killed},
                                            {"SIGTERM", fate::stopped},
                                            {"SIGSTOP", fate::frozen}};

void inflict(store_server& node, fate what) {
  switch (what) {
    case fate::killed:
      return node.kill();
    case fate::stopped:
      return node.stop();
    case fate::frozen:
      return node.freeze();
  }
}

} // namespace

BOOST_DATA_TEST_CASE(minting_outlives_the_leader, data::make(endings), x) {
  rqlite_cluster cluster;
  cluster.start();
  fleet load;
  const auto open = rqlite_opening(cluster.dsn());
  load.add_engine(open, {1, 2}, 10);
  load.add_engine(open, {2, 2}, 1);
  load.add_engine(open, {3, 5}, 100);
  add_old_client(load, cluster.dsn());
  load.start();
  BOOST_REQUIRE(load.each_goes_on(20));
  const auto leader = cluster.leader();
  inflict(cluster.node(leader), x.what);
  BOOST_TEST(load.each_goes_on(20));
  // It comes back while the others mint.
  if (x.what == fate::frozen)
    cluster.node(leader).thaw();
  else
    cluster.node(leader).start();
  BOOST_TEST(load.each_goes_on(20));
  load.stop();
  load.judge();
  BOOST_TEST_MESSAGE(x.name << " of the leader: engines paused at most "
                            << load.longest_pause_of_engines().count()
                            << " ms, a plain client "
                            << load.longest_pause_of_clients().count()
                            << " ms; " << load.total() << " integers");
}

// Where it wants a password, release 4 points to https whatever it speaks.
BOOST_DATA_TEST_CASE(any_node_leads_to_the_leader, data::make({"", "alice"}),
                     user) {
  rqlite_cluster cluster{{user, *user == '\0' ? "" : "hunter2"}};
  cluster.start();
  int64_t before = 0;
  for (size_t i = 0; i < cluster.size(); ++i) {
    const auto engine = must(make_engine("rqlite", cluster.node(i).dsn()));
    const auto given = must(engine->reserve(all, 10)).first;
    BOOST_TEST(given == before + 1);
    before += 10;
    BOOST_TEST(must(engine->last(all)) == before);
  }
}

BOOST_AUTO_TEST_CASE(a_leader_that_stepped_down_points_on) {
  rqlite_cluster cluster;
  cluster.start();
  const auto leader = cluster.leader();
  const auto engine = must(make_engine("rqlite", cluster.node(leader).dsn()));
  BOOST_TEST(must(engine->reserve(all, 1)).first == 1);
  cluster.node(leader).freeze();
  static_cast<void>(cluster.leader_other_than(leader));
  cluster.node(leader).thaw();
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (cluster.rqlite(leader).leads()
         && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  cluster.node(leader).wait_until_it_answers();
  // The same engine, not opened anew.
  BOOST_TEST(must(engine->reserve(all, 1)).first == 2);
  BOOST_TEST(must(engine->last(all)) == 2);
}

BOOST_AUTO_TEST_CASE(a_frozen_follower_keeps_nobody_waiting) {
  rqlite_cluster cluster;
  cluster.start();
  const auto follower = (cluster.leader() + 1) % cluster.size();
  cluster.node(follower).freeze();
  const auto begin = std::chrono::steady_clock::now();
  // The frozen one is named first.
  const auto dsn = cluster.node(follower).dsn() + ","
    + cluster.node((follower + 1) % 3).dsn();
  std::vector<std::string> warnings;
  store_options options;
  options.warn = [&warnings](std::string_view text) {
    warnings.emplace_back(text);
  };
  const auto engine = must(make_engine("rqlite", dsn, options));
  BOOST_TEST(must(engine->reserve(all, 1)).first == 1);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 2s));
  BOOST_REQUIRE(warnings.size() == 1u);
  BOOST_TEST(warnings.front().find("the leader is") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(without_a_majority_nothing_is_minted) {
  rqlite_cluster cluster;
  cluster.start();
  const auto leader = cluster.leader();
  auto engine = must(make_engine("rqlite", cluster.dsn()));
  BOOST_TEST(must(engine->reserve(all, 1)).first == 1);
  for (size_t i = 0; i < cluster.size(); ++i)
    if (i != leader)
      cluster.node(i).kill();
  BOOST_TEST(is_fatal(code_of(engine->reserve(all, 1))));
  BOOST_TEST(is_fatal(code_of(make_engine("rqlite", cluster.dsn()))));
  cluster.start();
  static_cast<void>(cluster.leader());
  engine = must(make_engine("rqlite", cluster.dsn()));
  // The write without a majority may be carried out after all.
  BOOST_TEST(must(engine->reserve(all, 1)).first >= 2);
}
