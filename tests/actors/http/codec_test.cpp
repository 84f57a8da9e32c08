#include "actors/http/codec.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace intd;
using namespace intd::http;
using boost::beast::http::verb;

namespace {

struct parsed {
  boost::beast::error_code code;
  bool done = false;
  endpoint asks_for = endpoint::not_found;
  manner wanted;
};

parsed parse(std::string_view text, size_t header_max = 1'024,
             size_t body_max = 1'024) {
  request_parser parser{header_max, body_max};
  parsed out;
  parser.put(boost::asio::const_buffer(text.data(), text.size()), out.code);
  out.done = !out.code && parser.is_done();
  out.asks_for = parser.asks_for();
  if (out.done)
    out.wanted = parser.wanted();
  return out;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

} // namespace

BOOST_AUTO_TEST_CASE(targets_lead_to_endpoints) {
  BOOST_TEST((route(verb::get, "/") == endpoint::integer));
  BOOST_TEST((route(verb::get, "/?format=x") == endpoint::integer));
  BOOST_TEST((route(verb::get, "http://host:1/") == endpoint::integer));
  BOOST_TEST((route(verb::get, "http://host") == endpoint::integer));
  BOOST_TEST((route(verb::get, "/a://b/") == endpoint::not_found));
  BOOST_TEST((route(verb::head, "/") == endpoint::nothing));
  BOOST_TEST((route(verb::head, "/ping") == endpoint::ping));
  BOOST_TEST((route(verb::get, "/healthz") == endpoint::health));
  BOOST_TEST((route(verb::get, "/readyz") == endpoint::ready));
  BOOST_TEST((route(verb::post, "/") == endpoint::not_allowed));
  BOOST_TEST((route(verb::unknown, "/") == endpoint::not_allowed));
  BOOST_TEST((route(verb::get, "//") == endpoint::not_found));
  BOOST_TEST((route(verb::get, "") == endpoint::not_found));
}

BOOST_AUTO_TEST_CASE(keep_alive_follows_the_version_and_the_connection_field) {
  auto of = [](std::string_view text) {
    auto x = parse(text);
    BOOST_TEST(x.done);
    return x.wanted;
  };
  auto a = of("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(a.keep_alive);
  BOOST_TEST(a.http11);
  BOOST_TEST(
    !of("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keep_alive);
  BOOST_TEST(!of("GET / HTTP/1.0\r\n\r\n").keep_alive);
  auto b = of("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  BOOST_TEST(b.keep_alive);
  BOOST_TEST(!b.http11);
  BOOST_TEST(of("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").head);
}

BOOST_AUTO_TEST_CASE(bodies_are_skipped_up_to_their_limit) {
  BOOST_TEST(
    parse("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc").done);
  BOOST_TEST(parse("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
                   "\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
               .done);
  auto large = parse("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n",
                     1'024, 10);
  BOOST_TEST(status_of(large.code).code == 413);
}

BOOST_AUTO_TEST_CASE(what_is_no_request_has_its_status) {
  auto status = [](std::string_view text) {
    auto x = parse(text, 100);
    BOOST_TEST(!x.done);
    return status_of(x.code).code;
  };
  BOOST_TEST(status("GET / HTTP/1.1\r\n\r\n") == 400);
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n") == 400);
  BOOST_TEST(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
  BOOST_TEST(status("\x16\x03\x01\x02\r\n\r\n") == 400);
  BOOST_TEST(status("GET / HTTP/1.1\r\nContent-Length: 1\r\n"
                    "Transfer-Encoding: chunked\r\nHost: a\r\n\r\n")
             == 400);
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")
             == 417);
  BOOST_TEST(status("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(200, 'x'))
             == 431);
}

BOOST_AUTO_TEST_CASE(an_integer_is_the_whole_body_and_is_never_cached) {
  std::string out;
  append_integer(out, 9223372036854775807, {true, true, false});
  BOOST_TEST(out.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(has(out, "\r\nContent-Type: text/plain\r\n"));
  BOOST_TEST(has(out, "\r\nCache-Control: no-store\r\n"));
  BOOST_TEST(has(out, "\r\nContent-Length: 19\r\n"));
  BOOST_TEST(has(out, "\r\nDate: "));
  BOOST_TEST(!has(out, "Connection"));
  BOOST_TEST(body_of(out) == "9223372036854775807");
}

BOOST_AUTO_TEST_CASE(the_connection_field_says_what_will_happen) {
  std::string out;
  append_integer(out, 1, {false, true, false});
  BOOST_TEST(has(out, "\r\nConnection: close\r\n"));
  out.clear();
  append_integer(out, 1, {true, false, false});
  BOOST_TEST(has(out, "\r\nConnection: keep-alive\r\n"));
}

BOOST_AUTO_TEST_CASE(a_head_answer_has_no_body) {
  std::string out;
  append_text(out, "pong", {true, true, true});
  BOOST_TEST(has(out, "\r\nContent-Length: 4\r\n"));
  BOOST_TEST(body_of(out).empty());
}

BOOST_AUTO_TEST_CASE(problems_are_json_with_the_status_and_the_way_out) {
  std::string out;
  append_problem(out,
                 {status_of(ec::exhausted), "exhausted", "none \"left\"\xff"},
                 {true, true, false});
  BOOST_TEST(out.starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
  BOOST_TEST(has(out, "\r\nContent-Type: application/problem+json\r\n"));
  BOOST_TEST(has(out, "\r\nRetry-After: 1\r\n"));
  auto body = nlohmann::json::parse(body_of(out));
  BOOST_TEST(body["status"].get<int>() == 503);
  BOOST_TEST(body["code"].get<std::string>() == "exhausted");
  BOOST_TEST(body["title"].get<std::string>() == "Service Unavailable");
  BOOST_TEST(has(body["detail"].get<std::string>(), "\"left\""));
}

BOOST_AUTO_TEST_CASE(what_will_not_go_by_trying_again_is_a_conflict) {
  BOOST_TEST(status_of_order(ec::wrong_owner).code == 409);
  BOOST_TEST(status_of_order(ec::in_use).code == 409);
  BOOST_TEST(status_of_order(ec::timeout).code == 503);
  BOOST_TEST(status_of_order(ec::invalid_stripe).code == 400);
}

BOOST_AUTO_TEST_CASE(a_manner_survives_its_ticket) {
  for (uint32_t flags = 0; flags < 8; ++flags)
    BOOST_TEST(manner::from_flags(flags).flags() == flags);
}
