#include "actors/http/client.hpp"

#include "tests/support/fake_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace intd;
using namespace std::chrono_literals;

namespace {

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

struct fixture : test::desk_fixture {
  fixture() : desk_fixture(http::clients()) {
    // nop
  }

  explicit fixture(const front_end_options& limits)
    : desk_fixture(http::clients(), limits) {
    // nop
  }

  // Lets the client look at its timeouts twice, `quiet` apart.
  void pass(std::chrono::milliseconds quiet) {
    who->sweep(std::chrono::steady_clock::time_point{1h});
    who->sweep(std::chrono::steady_clock::time_point{1h} + quiet);
  }

  bool ended() {
    run();
    return ends.first.ended();
  }
};

// The bodies of a series of answers, each followed by a comma.
std::string bodies(std::string text) {
  std::string all;
  while (!text.empty()) {
    auto head_end = text.find("\r\n\r\n");
    auto field = text.find("Content-Length: ");
    BOOST_REQUIRE(head_end != std::string::npos);
    BOOST_REQUIRE(field < head_end);
    auto size = std::stoul(text.substr(field + 16));
    all += text.substr(head_end + 4, size) + ",";
    text.erase(0, head_end + 4 + size);
  }
  return all;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_request_is_answered_and_the_next_one_taken, fixture) {
  for (int64_t i = 1; i <= 3; ++i) {
    say(get);
    BOOST_REQUIRE(desk.mints.size() == 1u);
    desk.answer(i);
    BOOST_TEST(bodies(heard()) == std::to_string(i) + ",");
  }
  BOOST_TEST(!ended());
}

BOOST_FIXTURE_TEST_CASE(a_request_in_single_bytes_is_one_request, fixture) {
  for (char c : get)
    say({&c, 1});
  BOOST_TEST(desk.mints.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(pipelined_answers_keep_the_order_of_requests, fixture) {
  say(get + "GET /ping HTTP/1.1\r\nHost: a\r\n\r\n" + get + get);
  BOOST_REQUIRE(desk.mints.size() == 3u);
  BOOST_TEST(heard().empty());
  auto first = desk.mints[0];
  auto third = desk.mints[2];
  third.from->minted(third.request, 30);
  third.from->settle();
  BOOST_TEST(heard().empty());
  desk.mints.pop_back();
  desk.answer(10);
  BOOST_TEST(bodies(heard()) == "10,pong,");
  desk.answer(20);
  BOOST_TEST(bodies(heard()) == "20,30,");
}

BOOST_FIXTURE_TEST_CASE(head_mints_nothing, fixture) {
  say("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(desk.mints.empty());
  BOOST_TEST(heard().starts_with("HTTP/1.1 200 OK\r\n"));
}

BOOST_FIXTURE_TEST_CASE(a_half_closed_client_gets_its_integer, fixture) {
  say(get);
  ends.first.end_sending();
  run();
  BOOST_TEST(!ended());
  desk.answer(7);
  BOOST_TEST(bodies(heard()) == "7,");
  BOOST_TEST(ended());
  BOOST_TEST(desk.gone == 1);
}

BOOST_FIXTURE_TEST_CASE(a_client_that_left_is_forgotten_without_harm, fixture) {
  say(get + get);
  ends.first.hang_up();
  run();
  desk.answer(1);
  desk.answer(2);
  run();
  BOOST_TEST(desk.gone == 1);
}

BOOST_FIXTURE_TEST_CASE(http_1_0_ends_after_its_answer, fixture) {
  say("GET / HTTP/1.0\r\n\r\n" + get);
  BOOST_TEST(desk.mints.size() == 1u);
  desk.answer(5);
  BOOST_TEST(bodies(heard()) == "5,");
  BOOST_TEST(ended());
}

BOOST_FIXTURE_TEST_CASE(garbage_is_refused_and_mints_nothing, fixture) {
  say(get + "\x16\x03\x01 garbage\r\n\r\n" + get);
  BOOST_TEST(desk.mints.size() == 1u);
  desk.answer(1);
  auto text = heard();
  BOOST_TEST(text.find("HTTP/1.1 400 ") != std::string::npos);
  BOOST_TEST(text.find("HTTP/1.1 200 ") == 0u);
  BOOST_TEST(ended());
}

BOOST_AUTO_TEST_CASE(a_head_over_its_limit_is_refused) {
  front_end_options limits;
  limits.header_max = 200;
  fixture f{limits};
  f.say("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(300, 'x'));
  BOOST_TEST(f.heard().starts_with("HTTP/1.1 431 "));
  BOOST_TEST(f.ended());
}

BOOST_AUTO_TEST_CASE(a_body_over_its_limit_is_refused) {
  front_end_options limits;
  limits.body_max = 10;
  fixture f{limits};
  f.say("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n");
  BOOST_TEST(f.heard().starts_with("HTTP/1.1 413 "));
  BOOST_TEST(f.desk.mints.empty());
}

BOOST_AUTO_TEST_CASE(requests_past_the_pipeline_limit_wait_in_the_kernel) {
  front_end_options limits;
  limits.pipeline_max = 2;
  fixture f{limits};
  for (int i = 0; i < 5; ++i)
    f.ends.first.send(get);
  f.run();
  BOOST_TEST(f.desk.mints.size() == 2u);
  for (int64_t i = 1; i <= 5; ++i) {
    BOOST_REQUIRE(!f.desk.mints.empty());
    BOOST_TEST(f.desk.mints.size() <= 2u);
    f.desk.answer(i);
    f.run();
  }
  BOOST_TEST(bodies(f.heard()) == "1,2,3,4,5,");
}

BOOST_AUTO_TEST_CASE(what_was_held_back_is_answered_after_a_half_close) {
  front_end_options limits;
  limits.pipeline_max = 1;
  fixture f{limits};
  for (int i = 0; i < 3; ++i)
    f.ends.first.send(get);
  f.ends.first.end_sending();
  f.run();
  for (int64_t i = 1; i <= 3; ++i) {
    BOOST_REQUIRE(f.desk.mints.size() == 1u);
    f.desk.answer(i);
    f.run();
  }
  BOOST_TEST(bodies(f.heard()) == "1,2,3,");
  BOOST_TEST(f.ended());
}

BOOST_AUTO_TEST_CASE(a_client_that_never_reads_costs_bounded_memory) {
  front_end_options limits;
  limits.output_max = 4'096;
  fixture f{limits};
  size_t most = 0;
  size_t minted = 0;
  for (int i = 0; i < 20'000; ++i) {
    f.ends.first.send(get);
    f.run();
    while (!f.desk.mints.empty()) {
      f.desk.answer(static_cast<int64_t>(++minted));
      most = std::max(most, f.who->output_size());
    }
  }
  BOOST_TEST(minted < 20'000u);
  BOOST_TEST(most > 4'096u);
  // One read's worth of requests may be on its way past the limit.
  BOOST_TEST(most < 400'000u);
  f.pass(limits.write_timeout + 1ms);
  BOOST_TEST(f.desk.gone == 1);
}

BOOST_FIXTURE_TEST_CASE(a_slow_head_times_out, fixture) {
  say("GET / HTTP/1.1\r\nHo");
  pass(desk.limits.header_timeout - 1ms);
  BOOST_TEST(heard().empty());
  who->sweep(std::chrono::steady_clock::time_point{1h}
             + desk.limits.header_timeout + 1ms);
  BOOST_TEST(heard().starts_with("HTTP/1.1 408 "));
  BOOST_TEST(ended());
}

BOOST_FIXTURE_TEST_CASE(a_trickle_of_bytes_does_not_extend_the_time, fixture) {
  say("GET / HT");
  who->sweep(std::chrono::steady_clock::time_point{1h});
  say("T");
  who->sweep(std::chrono::steady_clock::time_point{1h}
             + desk.limits.header_timeout + 1ms);
  BOOST_TEST(heard().starts_with("HTTP/1.1 408 "));
}

BOOST_FIXTURE_TEST_CASE(an_idle_client_is_closed_in_time, fixture) {
  say(get);
  desk.answer(1);
  pass(desk.limits.idle_timeout - 1ms);
  BOOST_TEST(!ended());
  who->sweep(std::chrono::steady_clock::time_point{1h}
             + desk.limits.idle_timeout + 1ms);
  BOOST_TEST(ended());
}

BOOST_FIXTURE_TEST_CASE(a_waiting_client_is_not_idle, fixture) {
  say(get);
  pass(desk.limits.idle_timeout + desk.limits.header_timeout);
  desk.answer(9);
  BOOST_TEST(bodies(heard()) == "9,");
}

BOOST_FIXTURE_TEST_CASE(a_draining_client_gets_what_it_asked_for, fixture) {
  say(get);
  ends.first.send(get); // Arrived, not read yet.
  who->drain();
  BOOST_TEST(desk.mints.size() == 2u);
  desk.answer(1);
  desk.answer(2);
  auto text = heard();
  BOOST_TEST(bodies(text) == "1,2,");
  BOOST_TEST(text.find("Connection: close") != std::string::npos);
  BOOST_TEST(ended());
}

BOOST_FIXTURE_TEST_CASE(an_idle_client_is_drained_at_once, fixture) {
  who->drain();
  BOOST_TEST(ended());
}

BOOST_FIXTURE_TEST_CASE(a_refusal_never_holds_an_integer, fixture) {
  say(get);
  auto [from, request] = desk.mints.front();
  from->refused(request, {ec::unavailable, "store gone"});
  from->settle();
  auto text = heard();
  BOOST_TEST(text.starts_with("HTTP/1.1 503 "));
  BOOST_TEST(text.find("Retry-After: 1\r\n") != std::string::npos);
  BOOST_TEST(text.find("store gone") != std::string::npos);
  BOOST_TEST(!ended());
}

BOOST_FIXTURE_TEST_CASE(readiness_is_asked_of_the_desk, fixture) {
  say("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_REQUIRE(desk.reports.size() == 1u);
  auto [from, request] = desk.reports.front();
  from->reported(request, {{{{"main", {1, 1}, true, ""}}}, {}});
  from->settle();
  BOOST_TEST(heard().starts_with("HTTP/1.1 200 "));
}
