// Clients that are too many, too slow, or leave early.
#include "tests/faults/cluster.hpp"
#include "tests/support/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace intd::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using event = client_socket::event;

constexpr uint64_t mebibyte = 1'048'576;

// What a node's memory may grow by while it holds off one bad client.
constexpr uint64_t growth_max = (sanitized ? 256 : 32) * mebibyte;

client_socket connect(server& node, const std::string& protocol) {
  auto socket = client_socket::connect(node.port(protocol), in(soon));
  BOOST_TEST_REQUIRE(socket.has_value());
  return std::move(*socket);
}

server& start(cluster& all, const std::string& engine,
              const std::string& config = {}, rlim_t open_files = 0) {
  server_options options;
  options.engine = engine;
  options.config = config;
  options.open_files = open_files;
  auto& node = all.add(std::move(options));
  node.start();
  return node;
}

int64_t minted_now(server& node) {
  return std::stoll(next_integer(node));
}

// A request that goes on for ever.
char endless_request(size_t at) {
  constexpr std::string_view head = "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ";
  return at < head.size() ? head[at] : 'a';
}

struct slow_client {
  explicit slow_client(client_socket x) : socket(std::move(x)) {
    // nop
  }

  client_socket socket;
  size_t sent = 0;
  std::string received;
  bool over = false;

  // One more byte; what came back is kept.
  void drip() {
    char next = endless_request(sent++);
    bool taken = socket.send({&next, 1}, in(0ms));
    auto what = socket.receive(received, in(0ms));
    over = over || !taken || what == event::end || what == event::reset;
  }
};

std::vector<std::string> pipelined_answers(std::string bytes, size_t count) {
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i)
    if (auto answer = take_answer(bytes); answer && answer->status == 200)
      out.push_back(answer->body);
  BOOST_TEST(bytes == "");
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(clients_test)

BOOST_AUTO_TEST_CASE(out_of_descriptors_clients_are_served_and_none_is_spent) {
  for (auto& engine : engines) {
    cluster all;
    auto& node = start(all, engine, {}, 40);
    http_client first{connect(node, "http")};
    BOOST_TEST_REQUIRE(first.get("/", in(soon)).has_value());
    std::vector<http_client> crowd;
    for (int i = 0; i < 60; ++i)
      crowd.emplace_back(connect(node, "http"));
    BOOST_TEST_REQUIRE(node.child().wait_for_error("cannot accept", soon),
                       node.log());
    BOOST_TEST(node.child().open_files() == 40u);
    auto used = node.child().processor_time();
    // The last of the crowd waits in vain, and meanwhile nothing is spent.
    std::string nothing;
    BOOST_TEST(
      (crowd.back().socket().receive(nothing, in(1s)) == event::nothing));
    used = node.child().processor_time() - used;
    BOOST_TEST(used.count() < (sanitized ? 500 : 200));
    for (int i = 0; i < 100; ++i)
      BOOST_TEST_REQUIRE(first.get("/", in(soon)).has_value());
    crowd.erase(crowd.begin(), crowd.begin() + 45);
    for (auto& client : crowd) {
      auto answer = client.get("/", in(soon));
      BOOST_TEST_REQUIRE(answer.has_value());
      BOOST_TEST(answer->status == 200);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_request_that_drips_in_is_ended_by_the_header_timeout) {
  cluster all;
  auto& node = start(all, "memory", "[timeouts]\nheader_ms = 500\n");
  auto before = minted_now(node);
  std::vector<slow_client> slow;
  for (int i = 0; i < 50; ++i)
    slow.emplace_back(connect(node, "http"));
  http_client other{connect(node, "http")};
  size_t over = 0;
  int64_t served = 0;
  for (auto deadline = in(soon); over < slow.size();) {
    BOOST_TEST_REQUIRE((steady_clock::now() < deadline));
    over = 0;
    for (auto& client : slow) {
      if (!client.over)
        client.drip();
      over += client.over ? 1 : 0;
    }
    BOOST_TEST_REQUIRE(other.get("/", in(soon)).has_value());
    ++served;
    std::string pace;
    std::ignore = other.socket().receive(pace, in(50ms));
  }
  for (auto& client : slow)
    BOOST_TEST(client.received.substr(0, 12) == "HTTP/1.1 408");
  BOOST_TEST(minted_now(node) == before + served + 1);
}

BOOST_AUTO_TEST_CASE(a_client_that_never_reads_costs_little_and_is_ended) {
  cluster all;
  auto& node = start(all, "memory", "[timeouts]\nwrite_ms = 1000\n");
  auto before = minted_now(node);
  auto memory = node.child().memory();
  auto deaf = client_socket::connect(node.port("http"), in(soon), 4'096);
  BOOST_TEST_REQUIRE(deaf.has_value());
  std::string requests;
  for (int i = 0; i < 300'000; ++i)
    requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  // Ends once the node reads no more, or has ended the connection.
  BOOST_TEST(!deaf->send(requests, in(800ms)));
  auto most = node.child().memory();
  http_client other{connect(node, "http")};
  BOOST_TEST_REQUIRE(other.get("/", in(soon)).has_value());
  for (auto deadline = in(soon); deaf->send_some("x");) {
    most = std::max(most, node.child().memory());
    BOOST_TEST_REQUIRE((steady_clock::now() < deadline), "it is not ended");
    BOOST_TEST_REQUIRE(!node.child().wait(20ms).has_value());
  }
  BOOST_TEST(most < memory + growth_max);
  BOOST_TEST(minted_now(node) < before + 30'000);
}

BOOST_AUTO_TEST_CASE(a_half_closed_http_client_gets_its_integers) {
  for (auto& engine : engines) {
    cluster all;
    auto& node = start(all, engine);
    for (int i = 0; i < 100; ++i) {
      auto socket = connect(node, "http");
      auto count = static_cast<size_t>(1 + i % 5);
      std::string requests;
      for (size_t n = 0; n < count; ++n)
        requests += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      BOOST_TEST(socket.send(requests, in(soon)));
      socket.end_output();
      std::string received;
      BOOST_TEST((socket.receive_all(received, in(soon)) == event::end));
      BOOST_TEST_REQUIRE(pipelined_answers(received, count).size() == count);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_half_closed_tcp_client_gets_its_integer) {
  for (auto& engine : engines) {
    cluster all;
    auto& node = start(all, engine);
    int64_t last = 0;
    for (int i = 0; i < 100; ++i) {
      auto socket = connect(node, "tcp");
      socket.end_output();
      std::string received;
      BOOST_TEST((socket.receive_all(received, in(soon)) == event::end));
      BOOST_TEST_REQUIRE(received.ends_with('\n'));
      auto value = std::stoll(received);
      BOOST_TEST(value > last);
      last = value;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
