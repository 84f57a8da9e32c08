#include "actors/http/v1.hpp"

#include "tests/support/seed.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

using namespace intd;
using namespace intd::http;
using boost::beast::http::verb;
using action = v1_request::action;
using json = nlohmann::json;

namespace {

constexpr v1_rules rules{1'000, "s3cret"};
constexpr manner kept{true, true, false};

v1_request taken(const v1_message& message, const v1_rules& by = rules) {
  auto read = read_v1(message, by);
  BOOST_TEST_REQUIRE(read.has_value(), message.target);
  return *read;
}

v1_request taken(const std::string& target) {
  return taken({verb::get, target, {}, {}, {}});
}

problem refused(const v1_message& message, int status,
                const v1_rules& by = rules) {
  auto read = read_v1(message, by);
  BOOST_TEST_REQUIRE(!read.has_value(), message.target);
  BOOST_TEST(read.error().what.code == status, message.target);
  return read.error();
}

problem refused(const std::string& target, int status) {
  return refused({verb::get, target, {}, {}, {}}, status);
}

v1_message put(const std::string& body,
               const std::string& authorization = "Bearer s3cret") {
  return {verb::put, "/v1/a/last", {}, authorization, body};
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string body_of(const std::string& answer) {
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

std::string minted(const std::vector<run>& runs, form as) {
  std::string out;
  append_minted(out, "orders", runs, as, kept);
  BOOST_TEST(out.starts_with("HTTP/1.1 200 OK\r\n"));
  BOOST_TEST(has(out, "\r\nCache-Control: no-store\r\n"));
  BOOST_TEST(has(out,
                 as == form::text ? "\r\nContent-Type: text/plain\r\n"
                                  : "\r\nContent-Type: application/json\r\n"));
  return body_of(out);
}

} // namespace

BOOST_AUTO_TEST_CASE(next_asks_for_integers_of_a_key) {
  auto x = taken("/v1/orders/next");
  BOOST_TEST((x.what == action::mint));
  BOOST_TEST(x.key == "orders");
  BOOST_TEST(x.count == 1u);
  BOOST_TEST((x.as == form::json));
  x = taken("/v1/orders/next?count=1000&format=run");
  BOOST_TEST(x.count == 1'000u);
  BOOST_TEST((x.as == form::runs));
  BOOST_TEST(taken("http://a:1/v1/b/next?count=2").count == 2u);
  BOOST_TEST(taken("/v1/%6frders/next?%63ount=%32").count == 2u);
  BOOST_TEST(taken("/v1/a/next?").count == 1u);
  BOOST_TEST(
    (taken({verb::post, "/v1/a/next", {}, {}, "x"}).what == action::mint));
}

BOOST_AUTO_TEST_CASE(the_accept_field_chooses_the_form) {
  auto as = [](const std::string& target, const std::string& accept) {
    return taken({verb::get, target, accept, {}, {}}).as;
  };
  BOOST_TEST((as("/v1/a/next", "text/plain") == form::text));
  BOOST_TEST((as("/v1/a/next", "*/*") == form::json));
  BOOST_TEST((as("/v1/a/next", "text/html, TEXT/Plain;q=0.5") == form::text));
  BOOST_TEST((as("/v1/a/next", "application/json,text/plain") == form::json));
  BOOST_TEST((as("/v1/a/next?format=run", "text/plain") == form::runs));
  BOOST_TEST((as("/v1/a/last", "*/*") == form::text));
  BOOST_TEST((as("/v1/a/last", "application/json") == form::json));
  BOOST_TEST((as("/v1/a/last", ",;,") == form::text));
}

BOOST_AUTO_TEST_CASE(a_count_out_of_range_is_told_the_limit) {
  for (const auto* count :
       {"0", "-1", "1001", "", "1x", "+1", " 1", "0x1", "1e3", "1.0",
        "99999999999999999999", "4294967297", "1&count=1"}) {
    auto x = refused("/v1/a/next?count=" + std::string{count}, 400);
    BOOST_TEST(x.code == "invalid_count");
    BOOST_TEST(x.max == 1'000);
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_checked_before_anything_is_asked) {
  for (const auto& key :
       {std::string{}, std::string{"1a"}, std::string{"a-b"}, std::string{"%"},
        std::string{"a%2Fb"}, std::string{"%00"}, std::string(65, 'a')})
    for (const auto* what : {"/next", "/last"})
      BOOST_TEST(refused("/v1/" + key + what, 400).code == "invalid_key");
  BOOST_TEST(taken("/v1/" + std::string(64, 'a') + "/last").key.size() == 64u);
}

BOOST_AUTO_TEST_CASE(an_unknown_parameter_is_named) {
  BOOST_TEST(has(refused("/v1/a/next?cuont=1", 400).detail, "'cuont'"));
  BOOST_TEST(has(refused("/v1/a/next?format=xml", 400).detail, "'xml'"));
  BOOST_TEST(has(refused("/v1/a/last?count=1", 400).detail, "'count'"));
  BOOST_TEST(has(refused("/v1/a/next?count=%", 400).detail, "'count=%'"));
  auto x = refused("/v1/a/next?" + std::string(7'000, 'x'), 400);
  BOOST_TEST(x.detail.size() < 200u);
}

BOOST_AUTO_TEST_CASE(other_paths_and_methods_are_refused) {
  for (const auto* target : {"/v1/", "/v1/a", "/v1/a/", "/v1/a/nxt",
                             "/v1/a/next/", "/v1//a/next", "/v1/?a/next"})
    refused(target, 404);
  auto allow = [](verb method, const std::string& target) {
    return refused({method, target, {}, {}, {}}, 405).fields;
  };
  BOOST_TEST(allow(verb::head, "/v1/a/next") == "Allow: GET, POST\r\n");
  BOOST_TEST(allow(verb::put, "/v1/a/next") == "Allow: GET, POST\r\n");
  BOOST_TEST(allow(verb::unknown, "/v1/a/next") == "Allow: GET, POST\r\n");
  BOOST_TEST(allow(verb::post, "/v1/a/last") == "Allow: GET, HEAD, PUT\r\n");
  BOOST_TEST(
    (taken({verb::head, "/v1/a/last", {}, {}, {}}).what == action::tell_last));
}

BOOST_AUTO_TEST_CASE(raising_needs_the_admin_token) {
  auto x = taken(put("1000"));
  BOOST_TEST((x.what == action::raise));
  BOOST_TEST(x.value == 1'000);
  BOOST_TEST(taken(put("1", "bEARER   s3cret ")).value == 1);
  for (const auto* given : {"", "Bearer", "Bearer ", "Bearer s3cre", "s3cret",
                            "Bearer s3cretx", "Bearer S3cret", "Basic s3cret",
                            "Bearer s3cret,Bearer s3cret", "Bearers3cret"})
    BOOST_TEST(refused(put("1", given), 401).fields
               == "WWW-Authenticate: Bearer\r\n");
  // Without one there is nothing that would do.
  refused(put("1", "Bearer "), 403, {1'000, ""});
  refused(put("1"), 403, {1'000, ""});
  // Who has no token learns nothing of the body.
  refused(put("x", ""), 401);
}

BOOST_AUTO_TEST_CASE(what_is_raised_to_is_an_integer) {
  BOOST_TEST(taken(put("9223372036854775807")).value == max_integer);
  BOOST_TEST(taken(put("0")).value == 0);
  BOOST_TEST(taken(put(" 12\r\n")).value == 12);
  for (const auto& body :
       {std::string{}, std::string{"-1"}, std::string{"1.0"},
        std::string{"1 2"}, std::string{"\"1\""}, std::string{"0x1"},
        std::string{"9223372036854775808"}, std::string("1\0", 2),
        "1" + std::string(v1_message::body_max - 1, ' ')})
    BOOST_TEST(has(refused(put(body), 400).detail, "the integer"), body);
}

BOOST_AUTO_TEST_CASE(integers_are_written_in_three_forms) {
  std::vector<run> runs{{1, 2, 2}, {9, 2, 1}};
  BOOST_TEST(minted(runs, form::json)
             == R"({"key":"orders","integers":[1,3,9]})");
  BOOST_TEST(minted(runs, form::text) == "1\n3\n9\n");
  BOOST_TEST(minted(runs, form::runs)
             == R"({"key":"orders","runs":[)"
                R"({"first":1,"increment":2,"count":2},)"
                R"({"first":9,"increment":2,"count":1}]})");
  BOOST_TEST(minted({{max_integer, 1, 1}}, form::text)
             == "9223372036854775807\n");
}

BOOST_AUTO_TEST_CASE(no_answer_is_larger_than_was_promised) {
  std::vector<run> most{{max_integer - 999, 1, 1'000}};
  BOOST_TEST(minted(most, form::text).size() <= size_of(1'000, form::text));
  BOOST_TEST(minted(most, form::json).size()
             <= size_of(1'000, form::json) + 100);
}

BOOST_AUTO_TEST_CASE(the_last_integer_is_written_in_two_forms) {
  std::string out;
  append_last(out, "orders", 7, form::text, kept);
  BOOST_TEST(has(out, "\r\nContent-Type: text/plain\r\n"));
  BOOST_TEST(body_of(out) == "7");
  out.clear();
  append_last(out, "orders", 7, form::json, kept);
  BOOST_TEST(body_of(out) == R"({"key":"orders","last":7})");
}

BOOST_AUTO_TEST_CASE(done_has_no_body_and_no_length) {
  std::string out;
  append_done(out, kept);
  BOOST_TEST(out.starts_with("HTTP/1.1 204 No Content\r\n"));
  BOOST_TEST(!has(out, "Content-"));
  BOOST_TEST(out.ends_with("\r\n\r\n"));
}

BOOST_AUTO_TEST_CASE(a_problem_carries_its_fields_and_its_limit) {
  std::string out;
  append_problem(out, refused("/v1/a/next?count=0", 400), kept);
  auto body = json::parse(body_of(out));
  BOOST_TEST(body.at("code") == "invalid_count");
  BOOST_TEST(body.at("max") == 1'000);
  out.clear();
  append_problem(out, refused(put("1", ""), 401), kept);
  BOOST_TEST(has(out, "\r\nWWW-Authenticate: Bearer\r\n"));
  BOOST_TEST(!json::parse(body_of(out)).contains("max"));
}

BOOST_AUTO_TEST_CASE(a_form_survives_its_ticket) {
  for (uint32_t flags = 0; flags < 8; ++flags)
    for (auto as : {form::text, form::json, form::runs}) {
      auto packed = flags_of(manner::from_flags(flags), as);
      BOOST_TEST((form_of(packed) == as));
      BOOST_TEST(manner::from_flags(packed).flags() == flags);
    }
}

BOOST_AUTO_TEST_CASE(the_parser_keeps_what_v1_needs) {
  std::string text = "PUT /v1/a/last?x HTTP/1.1\r\nHost: a\r\n"
                     "Accept: a/b\r\naccept: c/d\r\n"
                     "Authorization: Bearer x\r\nX: y\r\n"
                     "Content-Length: 4\r\n\r\n12\r\n";
  request_parser parser{1'024, 1'024};
  boost::beast::error_code code;
  parser.put(boost::asio::buffer(text), code);
  BOOST_TEST_REQUIRE(parser.is_done());
  BOOST_TEST((parser.asks_for() == endpoint::v1));
  const auto& x = parser.v1();
  BOOST_TEST((x.method == verb::put));
  BOOST_TEST(x.target == "/v1/a/last?x");
  BOOST_TEST(x.accept == "a/b,c/d");
  BOOST_TEST(x.authorization == "Bearer x");
  BOOST_TEST(x.body == "12\r\n");
}

BOOST_AUTO_TEST_CASE(the_parser_keeps_no_more_of_a_body_than_it_may) {
  auto chunked = "PUT /v1/a/last HTTP/1.1\r\nHost: a\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n180\r\n"
    + std::string(384, '1') + "\r\n180\r\n" + std::string(384, '1')
    + "\r\n0\r\n\r\n";
  request_parser parser{1'024, 1'024};
  boost::beast::error_code code;
  parser.put(boost::asio::buffer(chunked), code);
  BOOST_TEST_REQUIRE(parser.is_done());
  BOOST_TEST(parser.v1().body == std::string(v1_message::body_max, '1'));
}

BOOST_AUTO_TEST_CASE(random_targets_are_read_or_refused) {
  auto random = intd::test::seeded();
  const std::vector<std::string> parts{"/v1/",
                                       "a",
                                       "/next",
                                       "/last",
                                       "?",
                                       "count=",
                                       "5",
                                       "&",
                                       "format=",
                                       "run",
                                       "%",
                                       "%61",
                                       "\xff",
                                       "//",
                                       "=",
                                       "-",
                                       std::string(1, '\0')};
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    v1_message message;
    message.method = random() % 2 == 0 ? verb::get : verb::put;
    message.target = "/v1/";
    for (auto n = random() % 10; n > 0; --n)
      message.target += parts[random() % parts.size()];
    auto read = read_v1(message, rules);
    if (read) {
      BOOST_TEST(valid_key(read->key));
      ++taken;
      continue;
    }
    std::string out;
    append_problem(out, read.error(), kept);
    BOOST_TEST(json::parse(body_of(out)).contains("detail"));
  }
  BOOST_TEST(taken > 0);
}
