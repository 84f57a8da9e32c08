// Nodes that die at each step: of minting under load, and of their first start.
#include "tests/faults/cluster.hpp"
#include "tests/faults/disk_state.hpp"
#include "tests/faults/injection.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace intd::test;
namespace checker = intd::checker;

namespace {

// Every reservation raises the ceiling, so that each one takes every step.
constexpr const char* config = "[[engine]]\nguard_block = 1\n";

server_options options_of(const std::string& engine) {
  server_options out;
  out.engine = engine;
  out.config = config;
  return out;
}

std::string death_at(const std::string& calls, size_t n) {
  return calls + " " + std::to_string(n);
}

// Lets the node die at its n-th call from now on, and starts it again.
void die_at(cluster& all, const std::string& calls, size_t n) {
  auto& node = all.node(0);
  auto what = "signal=KILL:when=" + std::to_string(n);
  auto begin = now_ns();
  injection fault{node, calls, what};
  auto how = node.wait_for_end(death_at(calls, n), begin, soon);
  BOOST_TEST_REQUIRE(how.has_value(), calls << " " << n << " never came");
  BOOST_TEST(to_string(*how) == "signal 9");
  for (auto& x : look_at_disk(node.options()))
    all.notes().bounds.push_back(std::move(x));
  node.start();
}

// The steps of one reservation: written, synced, answered. Calls of the event
// loop's thread and of the engine's are counted apart.
void sweep_minting(const std::string& engine, size_t last) {
  cluster all;
  all.add(options_of(engine)).start();
  auto clients = all.clients();
  std::vector<std::string> faults;
  for (auto* calls : {"pwrite64", "fdatasync,fsync", "sendto,sendmsg"})
    for (size_t n = 1; n <= last; ++n) {
      BOOST_TEST_REQUIRE(clients->wait_for(10, soon));
      die_at(all, calls, n);
      faults.push_back(death_at(calls, n));
    }
  BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
  auto promise = promise_of({"n1"}, {"http", "tcp"}, faults);
  promise.block = 1;
  all.judge(clients->stop(), promise);
}

// Starts with an empty directory and dies at the n-th call, if it gets there.
bool dies_on_first_start(cluster& all, const std::string& engine,
                         const std::string& calls, size_t n) {
  auto options = options_of(engine);
  options.name = engine + "." + calls + "." + std::to_string(n);
  options.wrapper
    = injected_from_start(calls, "signal=KILL:when=" + std::to_string(n));
  auto& node = all.add(options);
  node.launch();
  bool died = !node.wait_until_ready();
  if (died)
    BOOST_TEST(to_string(node.child().wait(soon).value_or(ending{}))
               == "signal 9");
  node.kill();
  node.options().wrapper.clear();
  node.start();
  BOOST_TEST(!next_integer(node).empty());
  node.kill();
  return died;
}

void sweep_first_start(const std::string& engine) {
  cluster all;
  size_t deaths = 0;
  for (auto* calls : {"fsync,fdatasync", "rename,renameat2,link,linkat",
                      "pwrite64,write", "fallocate,ftruncate", "flock"})
    for (size_t n = 1; dies_on_first_start(all, engine, calls, n); ++n) {
      BOOST_TEST_REQUIRE(n < 40u);
      ++deaths;
    }
  BOOST_TEST_MESSAGE(engine << ": died at " << deaths << " steps");
  BOOST_TEST(deaths >= 6u);
}

} // namespace

BOOST_AUTO_TEST_SUITE(step_crash_test)

BOOST_AUTO_TEST_CASE(sqlite_repeats_nothing_whichever_step_it_dies_at) {
  sweep_minting("sqlite", sanitized ? 3 : 8);
}

BOOST_AUTO_TEST_CASE(memory_repeats_nothing_whichever_step_it_dies_at) {
  sweep_minting("memory", sanitized ? 3 : 5);
}

BOOST_AUTO_TEST_CASE(a_node_that_died_in_its_first_start_starts_again) {
  for (auto& engine : engines)
    sweep_first_start(engine);
}

BOOST_AUTO_TEST_SUITE_END()
