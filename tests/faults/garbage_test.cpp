// Bytes on a client's port that are no request: closed, nothing minted.
#include "tests/faults/cluster.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace intd::test;

namespace {

using event = client_socket::event;

constexpr uint64_t mebibyte = 1'048'576;
constexpr uint64_t growth_max = (sanitized ? 256 : 32) * mebibyte;

const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// The beginning of a TLS 1.2 ClientHello.
std::string tls_hello() {
  std::string out{"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03", 11};
  for (int i = 0; i < 194; ++i)
    out += static_cast<char>(i * 7);
  return out;
}

// None is a request for an integer, and the server can tell at once.
std::vector<std::string> garbage() {
  return {tls_hello(),
          tls_hello() + request,
          std::string(1, '\0'),
          std::string(100'000, '\0'),
          "\r\n\r\n\r\n" + std::string(3, '\x01') + "\r\n\r\n",
          "*2\r\n$4\r\nINCR\r\n$8\r\nintegers\r\n",
          "PING\r\n\r\n",
          "GET\r\n\r\n",
          "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost a\r\n\r\n" + request,
          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n" + request,
          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n" + request,
          "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(100'000, 'a'),
          "GET /" + std::string(100'000, 'a') + " HTTP/1.1\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + request,
          std::string(100'000, '\xff')};
}

std::string random_bytes(std::mt19937_64& random) {
  std::string out(random() % 4'096 + 1, '\0');
  std::ranges::generate(out, [&random] {
    return static_cast<char>(random());
  });
  return out;
}

// Says it and returns the answer, up to the end that the server makes.
std::string say(server& node, const std::string& protocol,
                const std::string& bytes, bool half_close) {
  auto socket = client_socket::connect(node.port(protocol), in(soon));
  BOOST_TEST_REQUIRE(socket.has_value());
  std::ignore = socket->send(bytes, in(soon)); // It may be closed meanwhile.
  if (half_close)
    socket->end_output();
  std::string received;
  auto last = socket->receive_all(received, in(soon));
  BOOST_TEST((last == event::end || last == event::reset));
  return received;
}

bool no_integer(const std::string& answer) {
  return answer.find(" 200 ") == answer.npos;
}

server& start(cluster& all, const std::string& engine) {
  server_options options;
  options.engine = engine;
  options.config = "[timeouts]\nheader_ms = 500\n";
  auto& node = all.add(std::move(options));
  node.start();
  return node;
}

} // namespace

BOOST_AUTO_TEST_SUITE(garbage_test)

BOOST_AUTO_TEST_CASE(garbage_on_the_http_port_mints_nothing) {
  for (auto& engine : engines) {
    cluster all;
    auto& node = start(all, engine);
    auto before = std::stoll(next_integer(node));
    auto memory = node.child().memory();
    for (auto& bytes : garbage())
      BOOST_TEST_CONTEXT(bytes.substr(0, 40))
    BOOST_TEST(no_integer(say(node, "http", bytes, false)));
    BOOST_TEST(std::stoll(next_integer(node)) == before + 1);
    BOOST_TEST(node.child().memory() < memory + growth_max);
    stop_cleanly(node);
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_on_the_http_port_mint_nothing) {
  auto random = seeded();
  cluster all;
  auto& node = start(all, "memory");
  auto before = std::stoll(next_integer(node));
  auto memory = node.child().memory();
  for (int i = 0; i < 1'000; ++i)
    BOOST_TEST(no_integer(say(node, "http", random_bytes(random), true)));
  BOOST_TEST(std::stoll(next_integer(node)) == before + 1);
  BOOST_TEST(node.child().memory() < memory + growth_max);
  stop_cleanly(node);
}

// There, a connection is the request: whatever it says, it gets one integer.
BOOST_AUTO_TEST_CASE(whatever_the_tcp_port_is_told_it_answers_one_integer) {
  auto random = seeded();
  for (auto& engine : engines) {
    cluster all;
    auto& node = start(all, engine);
    auto said = garbage();
    said.push_back(request);
    for (int i = 0; i < 200; ++i)
      said.push_back(random_bytes(random));
    auto last = std::stoll(next_integer(node));
    auto memory = node.child().memory();
    for (auto& bytes : said) {
      auto answer = say(node, "tcp", bytes, false);
      ++last;
      // A reset may overtake the answer; the integer is spent all the same.
      BOOST_TEST((answer.empty() || answer == std::to_string(last) + "\n"));
    }
    BOOST_TEST(std::stoll(next_integer(node)) == last + 1);
    BOOST_TEST(node.child().memory() < memory + growth_max);
    stop_cleanly(node);
  }
}

BOOST_AUTO_TEST_SUITE_END()
