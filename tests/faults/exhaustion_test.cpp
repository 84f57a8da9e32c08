// The end of all integers.
#include "tests/faults/cluster.hpp"
#include "tests/support/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

using namespace intd::test;

namespace {

constexpr int64_t top = std::numeric_limits<int64_t>::max();

http_answer get(server& node) {
  auto client = http_client::connect(node.port("http"), in(soon));
  BOOST_TEST_REQUIRE(client.has_value());
  auto answer = client->get("/", in(soon));
  BOOST_TEST_REQUIRE(answer.has_value(), node.log());
  return *answer;
}

// Nothing, and an end that is not a reset.
void require_exhausted(server& node) {
  auto answer = get(node);
  BOOST_TEST(answer.status == 503);
  BOOST_TEST(answer.field("content-type") == "application/problem+json");
  BOOST_TEST(answer.body.find("exhausted") != std::string::npos, answer.body);
  auto socket = client_socket::connect(node.port("tcp"), in(soon));
  BOOST_TEST_REQUIRE(socket.has_value());
  std::string said;
  BOOST_TEST(
    (socket->receive_all(said, in(soon)) == client_socket::event::end));
  BOOST_TEST(said == "");
}

void mint_the_last(const std::string& engine, intd::checker::progression x,
                   const std::vector<std::string>& last) {
  cluster all;
  server_options options;
  options.engine = engine;
  options.stripe = x;
  options.flags = {"-set-last-int", std::to_string(top - 4)};
  auto& node = all.add(options);
  node.start();
  for (auto& wanted : last)
    BOOST_TEST(get(node).body == wanted);
  for (int i = 0; i < 3; ++i)
    require_exhausted(node);
  stop_cleanly(node);
  // Neither a restart nor a crash brings any back.
  node.options().flags.clear();
  for (int i = 0; i < 2; ++i) {
    node.start();
    require_exhausted(node);
    node.kill();
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(exhaustion_test)

BOOST_AUTO_TEST_CASE(the_last_integers_are_given_and_then_none) {
  for (auto& engine : engines)
    mint_the_last(engine, {1, 1, 0},
                  {"9223372036854775804", "9223372036854775805",
                   "9223372036854775806", "9223372036854775807"});
}

BOOST_AUTO_TEST_CASE(a_stripe_ends_at_its_own_last_integer) {
  // 2^63 - 1 is 1 modulo 3.
  for (auto& engine : engines)
    mint_the_last(engine, {3, 3, 0}, {"9223372036854775806"});
}

// A crash near the end must not burn what is left.
BOOST_AUTO_TEST_CASE(a_crash_near_the_end_leaves_what_was_not_given) {
  for (auto& engine : engines) {
    cluster all;
    server_options options;
    options.engine = engine;
    options.flags = {"-set-last-int", std::to_string(top - 4)};
    auto& node = all.add(options);
    node.start();
    BOOST_TEST(get(node).body == std::to_string(top - 3));
    node.kill();
    node.options().flags.clear();
    node.start();
    BOOST_TEST(std::stoll(get(node).body) >= top - 2);
    node.kill();
  }
}

BOOST_AUTO_TEST_SUITE_END()
