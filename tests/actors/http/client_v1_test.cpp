// The API below /v1/ at one client: what it holds back, and what it lets go.
#include "actors/http/client.hpp"
#include "tests/support/fake_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace intd;

namespace {

std::string next(const std::string& query) {
  return "GET /v1/a/next?" + query + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

const std::string ping = "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n";

front_end_options limits() {
  front_end_options x;
  x.count_max = 1'000;
  x.output_max = 10'000;
  x.admin_token = "t";
  return x;
}

struct fixture : test::desk_fixture {
  fixture() : desk_fixture(http::clients(), limits()) {
    // nop
  }

  // Counts the answers that came since the last look.
  size_t answers() {
    auto text = heard();
    size_t count = 0;
    for (size_t at = 0; (at = text.find("HTTP/1.1 ", at)) != std::string::npos;
         ++at)
      ++count;
    return count;
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(what_is_asked_for_reaches_the_desk, fixture) {
  say(next("count=7") + "GET /v1/b/last HTTP/1.1\r\nHost: a\r\n\r\n"
      + "PUT /v1/c/last HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n"
        "Content-Length: 2\r\n\r\n12");
  BOOST_REQUIRE(desk.keyed.size() == 1u);
  BOOST_TEST(desk.keyed[0].key == "a");
  BOOST_TEST(desk.keyed[0].request.count == 7u);
  BOOST_REQUIRE(desk.lasts.size() == 1u);
  BOOST_TEST(desk.lasts[0].key == "b");
  BOOST_REQUIRE(desk.raises.size() == 1u);
  BOOST_TEST(desk.raises[0].key == "c");
  BOOST_TEST(desk.raises[0].value == 12);
}

BOOST_FIXTURE_TEST_CASE(head_mints_nothing, fixture) {
  say("HEAD /v1/a/next HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(desk.keyed.empty());
  auto text = heard();
  BOOST_TEST(text.starts_with("HTTP/1.1 405 "));
  BOOST_TEST(text.find("\r\nAllow: GET, POST\r\n") != std::string::npos);
  BOOST_TEST(text.ends_with("\r\n\r\n"));
}

// 400 integers may take 8,000 bytes: two such lists are more than a connection
// may owe.
BOOST_FIXTURE_TEST_CASE(lists_that_are_due_count_as_output, fixture) {
  std::string many;
  for (int i = 0; i < 10; ++i)
    many += next("count=400");
  say(many);
  BOOST_TEST(desk.keyed.size() == 2u);
  for (int i = 0; i < 10; ++i) {
    BOOST_REQUIRE(!desk.keyed.empty());
    BOOST_TEST(desk.keyed.size() <= 2u);
    desk.answer({{1, 1, 400}});
    BOOST_TEST(answers() == 1u);
  }
  BOOST_TEST(desk.keyed.empty());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_takes_the_promise_back, fixture) {
  for (int i = 0; i < 10; ++i) {
    say(next("count=1000"));
    BOOST_REQUIRE(desk.keyed.size() == 1u);
    auto x = desk.keyed.front();
    desk.keyed.pop_front();
    x.from->refused(x.request, {ec::unavailable, "store gone"});
    x.from->settle();
    BOOST_TEST(answers() == 1u);
  }
}

BOOST_FIXTURE_TEST_CASE(runs_are_short_and_hold_nothing_back, fixture) {
  std::string many;
  for (int i = 0; i < 10; ++i)
    many += next("count=1000&format=run");
  say(many);
  BOOST_TEST(desk.keyed.size() == 10u);
}

BOOST_FIXTURE_TEST_CASE(lists_that_wait_for_their_turn_count_too, fixture) {
  say(next("format=run") + next("count=400") + next("count=400")
      + next("count=1"));
  BOOST_REQUIRE(desk.keyed.size() == 3u);
  auto first = desk.keyed.front();
  desk.keyed.pop_front();
  // Long integers, so that each list is as long as was promised.
  desk.answer({{max_integer - 400, 1, 400}});
  desk.answer({{max_integer - 400, 1, 400}});
  BOOST_TEST(answers() == 0u);
  BOOST_TEST(desk.keyed.empty());
  first.from->minted(first.request, first.key, {{1, 1, 1}});
  first.from->settle();
  BOOST_TEST(answers() == 3u);
  BOOST_TEST(desk.keyed.size() == 1u);
}

// An answer over the limit that the kernel takes at once leaves nothing to
// wait for: what was held back must go on by itself.
BOOST_FIXTURE_TEST_CASE(what_a_large_answer_held_back_goes_on, fixture) {
  say(next("count=1000") + ping + next("count=1000") + ping);
  BOOST_REQUIRE(desk.keyed.size() == 1u);
  desk.answer({{max_integer - 1'000, 1, 1'000}});
  BOOST_TEST(answers() == 2u);
  BOOST_REQUIRE(desk.keyed.size() == 1u);
  desk.answer({{max_integer - 1'000, 1, 1'000}});
  BOOST_TEST(answers() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_request_in_single_bytes_is_one_request, fixture) {
  std::string put = "PUT /v1/c/last HTTP/1.1\r\nHost: a\r\n"
                    "Authorization: Bearer t\r\nContent-Length: 3\r\n\r\n123";
  for (char c : put)
    say({&c, 1});
  BOOST_REQUIRE(desk.raises.size() == 1u);
  BOOST_TEST(desk.raises[0].value == 123);
}

BOOST_FIXTURE_TEST_CASE(long_targets_and_broken_ones_are_refused, fixture) {
  say(next("count=%zz"));
  BOOST_TEST(heard().starts_with("HTTP/1.1 400 "));
  say(next(std::string(desk.limits.header_max / 2, 'x') + "=1"));
  BOOST_TEST(heard().starts_with("HTTP/1.1 400 "));
  say(next(std::string(desk.limits.header_max, 'x')));
  BOOST_TEST(heard().starts_with("HTTP/1.1 431 "));
  BOOST_TEST(desk.keyed.empty());
}
