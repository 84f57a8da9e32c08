// Clocks that jump by an hour or by ten years, both ways, by libfaketime: while
// a node runs and between two boots, the wall clock alone or the monotonic one
// with it. A monotonic clock that jumps is a broken one, and libfaketime's
// stops timers altogether: nothing is asked of it but that no integer comes
// twice.
#include "tests/faults/cluster.hpp"
#include "tests/support/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace intd::test;
namespace checker = intd::checker;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> jumps{"+1h", "-1h", "+10y", "-10y"};

// The variant for programs with threads.
std::string faketime_library() {
  for (auto& entry : fs::directory_iterator{"/usr/lib"}) {
    auto file = entry.path() / "faketime/libfaketimeMT.so.1";
    if (std::error_code ignored; fs::exists(file, ignored))
      return file;
  }
  BOOST_FAIL("libfaketime is not installed (Debian: libfaketime)");
  return {};
}

// A file that says by how much a node's clock is off.
class false_clock {
public:
  explicit false_clock(fs::path path) : path_(std::move(path)) {
    set("+0");
  }

  void set(const std::string& offset) const {
    auto draft = path_.string() + ".new";
    std::ofstream{draft} << offset << '\n';
    fs::rename(draft, path_);
  }

  [[nodiscard]] std::vector<std::string> environment(bool monotonic) const {
    return {"LD_PRELOAD=" + faketime_library(),
            "FAKETIME_TIMESTAMP_FILE=" + path_.string(), "FAKETIME_NO_CACHE=1",
            std::string{"DONT_FAKE_MONOTONIC="} + (monotonic ? "0" : "1"),
            // The sanitizer's library comes second then, and that is fine.
            "ASAN_OPTIONS=verify_asan_link_order=0"};
  }

private:
  fs::path path_;
};

// "Mon, 23 Nov 2026 16:22:41 GMT", as the node sees it.
std::string date_of(server& node) {
  auto client = http_client::connect(node.port("http"), in(soon));
  BOOST_TEST_REQUIRE(client.has_value());
  auto answer = client->get("/ping", in(soon));
  BOOST_TEST_REQUIRE(answer.has_value(), node.log());
  return answer->field("date");
}

// The proof that a jump came through: another hour.
std::string hour_of(server& node) {
  return date_of(node).substr(5, 14);
}

server& add(cluster& all, const std::string& engine, const false_clock& clock,
            bool monotonic) {
  server_options options;
  options.engine = engine;
  options.config = "[[engine]]\nguard_block = 100\n";
  options.environment = clock.environment(monotonic);
  return all.add(std::move(options));
}

// A client that says nothing is still connected after an hour that did not
// pass.
void require_idle_client(server& node, const false_clock& clock) {
  auto client = http_client::connect(node.port("http"), in(soon));
  BOOST_TEST_REQUIRE(client.has_value());
  BOOST_TEST_REQUIRE(client->get("/ping", in(soon)).has_value());
  // Before and after, long enough for the node to look at quiet clients.
  std::string nothing;
  for (auto* offset : {"+0", "+1h"}) {
    clock.set(offset);
    BOOST_TEST((client->socket().receive(nothing, in(1s))
                == client_socket::event::nothing));
  }
  BOOST_TEST(client->get("/ping", in(soon)).has_value());
}

// Jumps while clients are served, then between a kill and the next boot.
void jump(cluster& all, load& clients, const false_clock& clock,
          const std::string& by) {
  auto& node = all.node(0);
  auto before = hour_of(node);
  auto begin = now_ns();
  clock.set(by);
  BOOST_TEST_REQUIRE(clients.wait_for(50, soon), node.log());
  auto after = hour_of(node);
  BOOST_TEST(before != after);
  node.record(
    {"jump " + by, "n1", begin, now_ns(), false, before + " to " + after});
  node.kill();
  clock.set("+0");
  node.start();
  BOOST_TEST_REQUIRE(clients.wait_for(50, soon), node.log());
  BOOST_TEST(hour_of(node) != after);
}

void jump_about(const std::string& engine, bool monotonic) {
  cluster all;
  false_clock clock{all.directory() / "clock"};
  auto& node = add(all, engine, clock, monotonic);
  node.start();
  auto clients = all.clients();
  BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
  std::vector<std::string> faults;
  for (auto& by : jumps) {
    jump(all, *clients, clock, by);
    faults.push_back("jump " + by);
  }
  auto calls = clients->stop();
  auto promise = promise_of({"n1"}, {"http", "tcp"}, faults);
  promise.block = 100;
  all.judge(std::move(calls), promise);
  if (!monotonic)
    require_idle_client(node, clock);
}

} // namespace

BOOST_AUTO_TEST_SUITE(clock_test)

BOOST_AUTO_TEST_CASE(jumps_of_the_wall_clock_repeat_nothing) {
  for (auto& engine : engines)
    jump_about(engine, false);
}

BOOST_AUTO_TEST_CASE(jumps_of_every_clock_repeat_nothing) {
  for (auto& engine : engines)
    jump_about(engine, true);
}

BOOST_AUTO_TEST_CASE(no_call_fails_because_the_wall_clock_jumps) {
  for (auto& engine : engines) {
    cluster all;
    false_clock clock{all.directory() / "clock"};
    auto& node = add(all, engine, clock, false);
    node.start();
    auto clients = all.clients();
    for (auto& by : jumps) {
      clock.set(by);
      BOOST_TEST_REQUIRE(clients->wait_for(100, soon), node.log());
    }
    auto calls = clients->stop();
    for (auto& x : calls)
      BOOST_TEST((x.result == checker::outcome::ok), to_line(x));
    stop_cleanly(node);
    all.judge(std::move(calls), promise_of({"n1"}, {"http", "tcp"}, {}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
