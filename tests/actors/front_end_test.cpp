#include "actors/front_end.hpp"

#include "actors/tcp/client.hpp"
#include "tests/actors/front_end_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace std::chrono_literals;
using fixture = test::front_end_fixture;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string body_of(const std::string& answer) {
  auto end = answer.find("\r\n\r\n");
  return end == std::string::npos ? "" : answer.substr(end + 4);
}

} // namespace

BOOST_FIXTURE_TEST_CASE(one_turn_of_the_loop_asks_once, fixture) {
  std::vector<test::peer> clients;
  for (int i = 0; i < 5; ++i)
    clients.push_back(connect());
  for (auto& x : clients)
    x.send(get);
  settle();
  BOOST_REQUIRE(play.asked.size() == 1u);
  BOOST_TEST(play.asked.front().key == "integers");
  BOOST_TEST(play.asked.front().count == 5);
  answer();
  std::vector<std::string> integers;
  for (auto& x : clients)
    integers.push_back(body_of(hear(x)));
  std::sort(integers.begin(), integers.end());
  BOOST_TEST((integers == std::vector<std::string>{"1", "2", "3", "4", "5"}));
}

BOOST_FIXTURE_TEST_CASE(a_batch_at_the_router_holds_nobody_back, fixture) {
  auto one = connect();
  auto two = connect();
  one.send(get);
  settle();
  two.send(get);
  settle();
  BOOST_TEST(play.asked.size() == 2u);
  answer();
  answer();
  BOOST_TEST(body_of(hear(one)) == "1");
  BOOST_TEST(body_of(hear(two)) == "2");
}

BOOST_FIXTURE_TEST_CASE(an_error_answers_the_whole_batch, fixture) {
  auto one = connect();
  auto two = connect();
  one.send(get);
  two.send(get);
  settle();
  refuse({ec::unavailable, "store gone"});
  BOOST_TEST(hear(one).starts_with("HTTP/1.1 503 "));
  BOOST_TEST(hear(two).starts_with("HTTP/1.1 503 "));
  one.send(get);
  settle();
  answer();
  BOOST_TEST(body_of(hear(one)) == "1");
}

BOOST_FIXTURE_TEST_CASE(an_integer_for_a_client_that_left_goes_to_no_other,
                        fixture) {
  auto one = connect();
  auto two = connect();
  one.send(get);
  two.send(get);
  settle();
  one.hang_up();
  settle();
  answer();
  BOOST_TEST(body_of(hear(two)) == "2");
}

BOOST_AUTO_TEST_CASE(past_the_limit_of_waiting_requests_the_answer_is_503) {
  front_end_options options;
  options.waiting_max = 2;
  fixture f{http::clients(), options};
  auto client = f.connect();
  client.send(get + get + get);
  f.settle();
  BOOST_REQUIRE(f.play.asked.size() == 1u);
  BOOST_TEST(f.play.asked.front().count == 2);
  f.answer();
  auto text = f.hear(client);
  BOOST_TEST(text.find("overloaded") != std::string::npos);
  client.send(get);
  f.settle();
  BOOST_TEST(f.play.asked.size() == 1u);
  f.answer();
  BOOST_TEST(body_of(f.hear(client)) == "3");
}

BOOST_AUTO_TEST_CASE(a_connection_over_the_limit_is_turned_away) {
  front_end_options options;
  options.connections_max = 1;
  fixture f{http::clients(), options};
  auto one = f.connect();
  auto two = f.connect();
  BOOST_TEST(f.hear(two).starts_with("HTTP/1.1 503 "));
  BOOST_TEST(two.ended());
  one.hang_up();
  f.settle();
  auto three = f.connect();
  three.send(get);
  f.settle();
  BOOST_REQUIRE(f.play.asked.size() == 1u);
  f.answer();
  BOOST_TEST(body_of(f.hear(three)) == "1");
}

BOOST_FIXTURE_TEST_CASE(readiness_comes_from_the_router, fixture) {
  auto client = connect();
  client.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(hear(client).find("\"ready\":true") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(idle_clients_are_closed_on_the_simulated_clock,
                        fixture) {
  auto client = connect();
  world.advance(std::chrono::milliseconds{front_end_options{}.idle_timeout}
                - 1s);
  settle();
  BOOST_TEST(!client.ended());
  world.advance(2s);
  settle();
  BOOST_TEST(client.ended());
}

BOOST_FIXTURE_TEST_CASE(a_drain_answers_what_waits_and_then_ends, fixture) {
  auto busy = connect();
  auto idle = connect();
  busy.send(get);
  settle();
  auto drained = world.ask<caf::ok_atom>(front, drain_atom_v);
  settle();
  BOOST_TEST(idle.ended());
  BOOST_TEST(drained->answers == 0u);
  answer();
  BOOST_TEST(body_of(hear(busy)) == "1");
  BOOST_TEST(busy.ended());
  busy.hang_up();
  idle.hang_up();
  settle();
  BOOST_TEST(drained->answers == 1u);
  BOOST_TEST(drained->value.has_value());
}

BOOST_FIXTURE_TEST_CASE(a_client_that_does_not_hang_up_delays_no_drain,
                        fixture) {
  auto idle = connect();
  auto drained = world.ask<caf::ok_atom>(front, drain_atom_v);
  settle();
  world.advance(1s);
  settle();
  BOOST_TEST(drained->answers == 1u);
}

BOOST_AUTO_TEST_CASE(tcp_clients_share_batches_as_well) {
  fixture f{tcp::clients(), {}};
  auto [one, first] = test::peer::connect(f.io);
  auto [two, second] = test::peer::connect(f.io);
  f.source.inject(std::move(first));
  f.source.inject(std::move(second));
  f.settle();
  BOOST_REQUIRE(f.play.asked.size() == 1u);
  BOOST_TEST(f.play.asked.front().count == 2);
  f.answer();
  BOOST_TEST(f.hear(one) == "1\n");
  BOOST_TEST(f.hear(two) == "2\n");
}

BOOST_AUTO_TEST_CASE(tcp_clients_over_the_limit_get_no_byte) {
  front_end_options options;
  options.connections_max = 1;
  fixture f{tcp::clients(), options};
  auto one = f.connect();
  auto two = f.connect();
  BOOST_TEST(f.hear(two).empty());
  BOOST_TEST(two.ended());
  f.answer();
  BOOST_TEST(f.hear(one) == "1\n");
}
