// Stops: in the middle of the load, and while the store hangs.
#include "tests/faults/cluster.hpp"
#include "tests/faults/injection.hpp"

#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <string>

using namespace intd::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds grace = sanitized ? 5s : 1s;

server_options options_of(const std::string& engine, int64_t block) {
  server_options out;
  out.engine = engine;
  out.config = "[[engine]]\nguard_block = " + std::to_string(block)
    + "\n[timeouts]\ngrace_ms = " + std::to_string(grace.count()) + "\n";
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(stop_test)

BOOST_AUTO_TEST_CASE(a_hanging_store_does_not_keep_a_node_from_ending) {
  for (auto& engine : engines) {
    cluster all;
    auto& node = all.add(options_of(engine, 1));
    node.start();
    auto clients = all.clients();
    BOOST_TEST_REQUIRE(clients->wait_for(20, soon));
    auto begin = now_ns();
    injection fault{node, "fdatasync,fsync", "delay_enter=60000000"};
    // It hangs once nothing more is answered.
    BOOST_TEST(!clients->wait_for(10'000'000, 500ms));
    auto asked = steady_clock::now();
    node.child().signal(SIGTERM);
    // The watchdog ends it. Traced, it is gone only once its tracer lets go of
    // every thread; its main thread is over before.
    BOOST_TEST(node.child().wait_for_error("ended as it was", soon));
    BOOST_TEST((steady_clock::now() - asked < grace + (sanitized ? 10s : 2s)));
    auto deadline = in(10s);
    while (node.child().state() != 'Z' && steady_clock::now() < deadline)
      std::ignore = node.child().wait(10ms);
    BOOST_TEST(node.child().state() == 'Z');
    fault.abandon();
    auto how = node.wait_for_end("hang", begin, soon);
    BOOST_TEST_REQUIRE(how.has_value(), node.log());
    BOOST_TEST(to_string(*how) == "exit status 1", node.log());
    node.start();
    BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
    auto calls = clients->stop();
    stop_cleanly(node);
    all.judge(std::move(calls), promise_of({"n1"}, {"http", "tcp"}, {"hang"}));
  }
}

// What waits is answered: nobody is cut off, and nothing is skipped.
BOOST_AUTO_TEST_CASE(a_stop_under_load_answers_what_waits_and_leaves_no_gap) {
  for (auto& engine : engines) {
    cluster all;
    auto& node = all.add(options_of(engine, 1'000));
    node.start();
    auto clients = all.clients();
    for (int i = 0; i < 10; ++i) {
      BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
      stop_cleanly(node);
      node.start();
    }
    BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
    auto calls = clients->stop();
    stop_cleanly(node);
    auto promise = promise_of({"n1"}, {"http", "tcp"}, {"stop"});
    promise.block = 1;
    all.judge(std::move(calls), promise);
  }
}

BOOST_AUTO_TEST_SUITE_END()
