// The API below /v1/ through a front end: several keys and counts at once.
#include "tests/actors/front_end_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace std::chrono_literals;
using fixture = test::front_end_fixture;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::string request(const std::string& target,
                    const std::string& method = "GET") {
  return method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

std::string lines(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\nAccept: text/plain\r\n\r\n";
}

std::string put(const std::string& key, const std::string& value) {
  return "PUT /v1/" + key
    + "/last HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n"
      "Content-Length: "
    + std::to_string(value.size()) + "\r\n\r\n" + value;
}

// Statuses and bodies of a series of answers, e.g. "200 1|204 |".
std::string answers(std::string text) {
  std::string all;
  while (!text.empty()) {
    auto head_end = text.find("\r\n\r\n") + 4;
    BOOST_REQUIRE(head_end >= 4);
    auto head = text.substr(0, head_end);
    auto field = head.find("Content-Length: ");
    auto size
      = field == std::string::npos ? 0 : std::stoul(head.substr(field + 16));
    auto body = text.substr(head_end, size);
    all += head.substr(9, 4) + (head[9] == '2' ? body : "") + "|";
    text.erase(0, head_end + size);
  }
  return all;
}

struct admin_fixture : fixture {
  admin_fixture() : fixture(http::clients(), options()) {
    // nop
  }

  static front_end_options options() {
    front_end_options x;
    x.admin_token = "t";
    return x;
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(one_turn_of_the_loop_asks_once_for_each_key, fixture) {
  auto one = connect();
  auto two = connect();
  one.send(request("/v1/a/next?count=3") + request("/v1/b/next") + get);
  two.send(request("/v1/a/next") + request("/v1/integers/next?count=5") + get);
  settle();
  BOOST_REQUIRE(play.asked.size() == 3u);
  BOOST_TEST(play.asked[0].key == "a");
  BOOST_TEST(play.asked[0].count == 4);
  BOOST_TEST(play.asked[1].key == "b");
  BOOST_TEST(play.asked[1].count == 1);
  BOOST_TEST(play.asked[2].key == "integers");
  BOOST_TEST(play.asked[2].count == 7);
}

BOOST_FIXTURE_TEST_CASE(mixed_requests_are_answered_in_their_order, fixture) {
  auto client = connect();
  client.send(get + lines("/v1/integers/next?count=3") + get
              + lines("/v1/a/next?count=2") + request("/ping")
              + request("/v1/a/nothing") + request("/v1/integers/next"));
  settle();
  BOOST_REQUIRE(play.asked.size() == 2u);
  answer(); // Of a: 1, 2. The router's answers rise over all keys.
  BOOST_TEST(hear(client).empty());
  answer(); // Of integers: 3 to 8.
  BOOST_TEST(answers(hear(client))
             == "200 3|200 4\n5\n6\n|200 7|200 1\n2\n|200 pong|404 |"
                "200 {\"key\":\"integers\",\"integers\":[8]}|");
}

BOOST_FIXTURE_TEST_CASE(runs_are_cut_among_those_who_wait, fixture) {
  auto one = connect();
  auto two = connect();
  one.send(request("/v1/a/next?count=4&format=run"));
  two.send(request("/v1/a/next?count=6&format=run"));
  settle();
  BOOST_REQUIRE(play.asked.size() == 1u);
  play.next = [](test::script::question& x) {
    x.promise.deliver(reserved{{{1, 2, 3}, {20, 2, 7}}});
  };
  caf::anon_send(router, sweep_atom_v);
  settle();
  auto texts = answers(hear(one)) + answers(hear(two));
  // Whichever was read first was asked for first.
  BOOST_TEST((texts.find(R"([{"first":1,"increment":2,"count":3},)"
                         R"({"first":20,"increment":2,"count":1}])")
                != std::string::npos
              || texts.find(R"([{"first":1,"increment":2,"count":3},)"
                            R"({"first":20,"increment":2,"count":3}])")
                != std::string::npos),
             texts);
}

BOOST_FIXTURE_TEST_CASE(a_short_answer_gives_nobody_less_than_asked, fixture) {
  auto client = connect();
  client.send(get + request("/v1/integers/next?count=3") + get);
  settle();
  play.next = [](test::script::question& x) {
    x.promise.deliver(reserved{{{1, 1, 3}}});
  };
  caf::anon_send(router, sweep_atom_v);
  settle();
  BOOST_TEST(answers(hear(client)) == "200 1|503 |503 |");
}

BOOST_FIXTURE_TEST_CASE(an_error_of_one_key_is_not_another_keys, fixture) {
  auto client = connect();
  client.send(lines("/v1/a/next?count=2") + lines("/v1/b/next"));
  settle();
  refuse({ec::exhausted, "none left"});
  answer();
  BOOST_TEST(answers(hear(client)) == "503 |200 1\n|");
}

BOOST_AUTO_TEST_CASE(requests_of_every_kind_count_as_waiting) {
  auto options = admin_fixture::options();
  options.waiting_max = 3;
  fixture f{http::clients(), options};
  auto client = f.connect();
  client.send(request("/v1/a/next?count=10") + request("/v1/b/last")
              + put("c", "5") + get + request("/v1/d/next")
              + request("/v1/a/last") + put("a", "1"));
  f.settle();
  BOOST_REQUIRE(f.play.asked.size() == 1u);
  BOOST_TEST((f.play.told == std::vector<std::string>{"b"}));
  BOOST_TEST(f.play.raised.size() == 1u);
  f.answer();
  auto heard = answers(f.hear(client));
  BOOST_TEST(heard.ends_with("|200 0|204 |503 |503 |503 |503 |"), heard);
  // All of them have left: as many may come again.
  client.send(get + get + get);
  f.settle();
  BOOST_REQUIRE(f.play.asked.size() == 1u);
  BOOST_TEST(f.play.asked.front().count == 3);
}

BOOST_AUTO_TEST_CASE(no_more_is_asked_for_at_once_than_an_engine_gives) {
  front_end_options options;
  options.count_max = 4'294'967'295;
  fixture f{http::clients(), options};
  auto client = f.connect();
  auto most = request("/v1/a/next?count=4294967295&format=run");
  auto one = request("/v1/a/next?format=run");
  client.send(most + one + one + most + request("/v1/b/next?format=run"));
  f.settle();
  BOOST_REQUIRE(f.play.asked.size() == 2u);
  BOOST_TEST(f.play.asked[0].count == max_count);
  BOOST_TEST(f.play.asked[1].count == 1);
  f.answer();
  f.answer();
  auto heard = answers(f.hear(client));
  BOOST_TEST(heard.find("|503 |503 |200 ") != std::string::npos, heard);
  client.send(one);
  f.settle();
  BOOST_TEST(f.play.asked.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(the_last_integer_is_asked_for_once_a_turn, fixture) {
  auto one = connect();
  auto two = connect();
  play.last = 41;
  one.send(request("/v1/a/last") + request("/v1/a/last"));
  two.send(request("/v1/a/last") + request("/v1/b/last", "HEAD"));
  BOOST_TEST(answers(hear(one)) == "200 41|200 41|");
  BOOST_TEST(two.receive().find("Content-Length: 2\r\n") != std::string::npos);
  BOOST_TEST((play.told == std::vector<std::string>{"a", "b"}));
}

BOOST_FIXTURE_TEST_CASE(raising_comes_before_minting, admin_fixture) {
  auto client = connect();
  client.send(lines("/v1/a/next") + put("a", "1000"));
  settle();
  BOOST_REQUIRE(play.raised.size() == 1u);
  BOOST_TEST(play.raised[0].first == "a");
  BOOST_TEST(play.raised[0].second == 1'000);
  answer();
  BOOST_TEST(answers(hear(client)) == "200 1\n|204 |");
}

BOOST_FIXTURE_TEST_CASE(a_lower_last_integer_is_a_conflict, admin_fixture) {
  play.raise_fails = {ec::too_small, "it is 2000"};
  auto client = connect();
  client.send(put("a", "1000"));
  auto text = hear(client);
  BOOST_TEST(text.starts_with("HTTP/1.1 409 Conflict\r\n"));
  BOOST_TEST(text.find("\"code\":\"too_small\"") != std::string::npos);
  BOOST_TEST(text.find("it is 2000") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(without_a_token_nothing_is_raised, fixture) {
  auto client = connect();
  client.send(put("a", "1000") + request("/v1/a/last", "PUT"));
  BOOST_TEST(answers(hear(client)) == "403 |403 |");
  BOOST_TEST(play.raised.empty());
}

BOOST_FIXTURE_TEST_CASE(a_drain_answers_whatever_waits, admin_fixture) {
  auto client = connect();
  client.send(lines("/v1/a/next?count=2"));
  settle();
  client.send(lines("/v1/b/next") + request("/v1/a/last") + put("a", "9"));
  auto drained = world.ask<caf::ok_atom>(front, drain_atom_v);
  settle();
  BOOST_REQUIRE(play.asked.size() == 2u);
  BOOST_TEST(drained->answers == 0u);
  answer();
  answer();
  BOOST_TEST(answers(hear(client)) == "200 1\n2\n|200 3\n|200 0|204 |");
  BOOST_TEST(client.ended());
  client.hang_up();
  settle();
  BOOST_TEST(drained->answers == 1u);
}

BOOST_FIXTURE_TEST_CASE(integers_for_a_client_that_left_go_to_no_other,
                        fixture) {
  auto one = connect();
  one.send(request("/v1/a/next?count=5"));
  settle();
  auto two = connect();
  one.hang_up();
  two.send(lines("/v1/a/next?count=2"));
  settle();
  BOOST_REQUIRE(play.asked.size() == 2u);
  answer();
  answer();
  BOOST_TEST(answers(hear(two)) == "200 6\n7\n|");
}
