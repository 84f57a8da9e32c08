// Nodes that are killed under load, at times from a seed.
#include "tests/faults/cluster.hpp"
#include "tests/faults/disk_state.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <random>

using namespace intd::test;
namespace checker = intd::checker;

namespace {

// Small, so that crashes hit new ceilings too.
constexpr int64_t block = 100;
constexpr const char* config = "[[engine]]\nguard_block = 100\n";

constexpr size_t rounds = sanitized ? 15 : 120;

server_options options_of(const std::string& engine) {
  server_options out;
  out.engine = engine;
  out.config = config;
  return out;
}

void look(cluster& all, server& node) {
  for (auto& x : look_at_disk(node.options()))
    all.notes().bounds.push_back(std::move(x));
}

// At most so many answers between two kills.
size_t some(std::mt19937_64& random) {
  return std::uniform_int_distribution<size_t>{1,
                                               sanitized ? 60u : 300u}(random);
}

checker::promise promised(const std::vector<std::string>& nodes) {
  auto out = promise_of(nodes, {"http", "tcp"}, {"kill"});
  out.block = block;
  return out;
}

void kill_again_and_again(const std::string& engine) {
  auto random = seeded();
  cluster all;
  auto& node = all.add(options_of(engine));
  node.start();
  auto clients = all.clients();
  for (size_t i = 0; i < rounds; ++i) {
    BOOST_TEST_REQUIRE(clients->wait_for(some(random), soon));
    node.kill();
    look(all, node);
    node.start();
  }
  BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
  auto calls = clients->stop();
  stop_cleanly(node);
  all.judge(std::move(calls), promised({"n1"}));
}

// Node 1 on sqlite with the odd integers, node 2 on memory with the even ones.
void add_two(cluster& all) {
  for (int64_t i : {1, 2}) {
    auto options = options_of(engines[static_cast<size_t>(i - 1)]);
    options.name = "n" + std::to_string(i);
    options.stripe = {i, 2, 0};
    all.add(std::move(options)).start();
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(crash_test)

BOOST_AUTO_TEST_CASE(sqlite_survives_kill_9_without_a_duplicate) {
  kill_again_and_again("sqlite");
}

BOOST_AUTO_TEST_CASE(guarded_memory_survives_kill_9_without_a_duplicate) {
  kill_again_and_again("memory");
}

BOOST_AUTO_TEST_CASE(clients_that_know_two_nodes_do_not_feel_the_loss_of_one) {
  auto random = seeded();
  cluster all;
  add_two(all);
  auto clients = all.clients();
  for (size_t i = 0; i < (sanitized ? 4u : 14u); ++i) {
    BOOST_TEST_REQUIRE(clients->wait_for(some(random), soon));
    all.node(i % 2).kill();
    look(all, all.node(i % 2));
    BOOST_TEST_REQUIRE(clients->wait_for(some(random), soon));
    all.node(i % 2).start();
  }
  BOOST_TEST_REQUIRE(clients->wait_for(200, soon));
  auto calls = clients->stop();
  auto promise = promised({"n1", "n2"});
  promise.budget = std::chrono::nanoseconds{sanitized ? 10s : 3s}.count();
  all.judge(std::move(calls), promise);
}

BOOST_AUTO_TEST_CASE(nodes_killed_all_at_once_repeat_nothing) {
  auto random = seeded();
  cluster all;
  add_two(all);
  auto clients = all.clients();
  for (size_t i = 0; i < (sanitized ? 4u : 20u); ++i) {
    BOOST_TEST_REQUIRE(clients->wait_for(some(random), soon));
    for (size_t n : {0u, 1u})
      all.node(n).child().signal(SIGKILL);
    for (size_t n : {0u, 1u}) {
      all.node(n).kill();
      look(all, all.node(n));
    }
    for (size_t n : {0u, 1u})
      all.node(n).start();
  }
  BOOST_TEST_REQUIRE(clients->wait_for(200, soon));
  all.judge(clients->stop(), promised({"n1", "n2"}));
}

// What the kernel kept for a killed process, a dead machine has lost: the
// exact last integers, which nobody synced.
BOOST_AUTO_TEST_CASE(a_dead_machine_repeats_nothing_and_burns_a_block_at_most) {
  for (auto& engine : engines) {
    auto random = seeded();
    cluster all;
    auto& node = all.add(options_of(engine));
    node.start();
    auto clients = all.clients();
    for (size_t i = 0; i < (sanitized ? 4u : 10u); ++i) {
      BOOST_TEST_REQUIRE(clients->wait_for(some(random), soon));
      node.kill();
      std::filesystem::remove(node.options().state / "main.marks");
      look(all, node);
      node.start();
    }
    BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
    all.judge(clients->stop(), promised({"n1"}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
