// The API below /v1/ of the real intd-server.
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

using namespace intd::test;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

constexpr auto bound = 30s;
const std::string token = "t0p-s3cret";

struct fixture {
  server_options options(const std::string& engine = "sqlite") {
    server_options x;
    x.state = dir.path() / "state";
    x.engine = engine;
    x.protocols = {"http"};
    x.environment = {"INTD_ADMIN_TOKEN=" + token};
    return x;
  }

  // One request on a connection of its own; status 0 where no answer came.
  static http_answer ask(const server& of, const std::string& line,
                         const std::string& fields = {},
                         const std::string& body = {}) {
    auto client = http_client::connect(of.port("http"), in(bound));
    auto text = line + " HTTP/1.1\r\nHost: a\r\n" + fields;
    if (!body.empty())
      text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (!client || !client->socket().send(text + "\r\n" + body, in(bound)))
      return {};
    return client->answer(in(bound), line.starts_with("HEAD "))
      .value_or(http_answer{});
  }

  static http_answer raise(const server& of, const std::string& value,
                           const std::string& with = token) {
    return ask(of, "PUT /v1/orders/last",
               "Authorization: Bearer " + with + "\r\n", value);
  }

  static std::string next(const server& of, const std::string& query = {}) {
    return ask(of, "GET /v1/orders/next" + query, "Accept: text/plain\r\n")
      .body;
  }

  temp_dir dir;
  address_book book;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_server, fixture)

BOOST_AUTO_TEST_CASE(mints_many_of_any_sequence_and_goes_on_after_a_kill) {
  auto x = options();
  x.stripe = {2, 3};
  server s{x, book};
  s.start();
  auto list = ask(s, "GET /v1/orders/next?count=3");
  BOOST_TEST(list.status == 200);
  BOOST_TEST(list.field("cache-control") == "no-store");
  BOOST_TEST(json::parse(list.body)
             == json::parse(R"({"key":"orders","integers":[2,5,8]})"));
  auto runs
    = json::parse(ask(s, "POST /v1/orders/next?count=100000&format=run").body);
  int64_t sum = 0;
  for (const auto& run : runs.at("runs")) {
    BOOST_TEST(run.at("increment").get<int64_t>() == 3);
    sum += run.at("count").get<int64_t>();
  }
  BOOST_TEST(sum == 100'000);
  BOOST_TEST(next(s) == "300011\n");
  BOOST_TEST(ask(s, "GET /v1/orders/last").body == "300011");
  BOOST_TEST(ask(s, "GET /v1/other/last").body == "0");
  BOOST_TEST(ask(s, "GET /").body == "2");
  s.kill();
  s.start();
  BOOST_TEST(next(s, "?count=2") == "300014\n300017\n");
}

BOOST_AUTO_TEST_CASE(answers_as_many_as_its_limit_in_a_list) {
  server s{options("memory"), book};
  s.start();
  auto all = json::parse(ask(s, "GET /v1/a/next?count=100000").body);
  BOOST_TEST(all.at("integers").size() == 100'000u);
  BOOST_TEST(all.at("integers").back() == 100'000);
  auto more = ask(s, "GET /v1/a/next?count=100001");
  BOOST_TEST(more.status == 400);
  auto problem = json::parse(more.body);
  BOOST_TEST(problem.at("code") == "invalid_count");
  BOOST_TEST(problem.at("max") == 100'000);
}

BOOST_AUTO_TEST_CASE(raises_for_who_has_the_token_and_never_shows_it) {
  auto x = options();
  x.flags = {"-log-level", "debug"};
  server s{x, book};
  s.start();
  BOOST_TEST(raise(s, "1000").status == 204);
  BOOST_TEST(next(s) == "1001\n");
  auto lower = raise(s, "5");
  BOOST_TEST(lower.status == 409);
  BOOST_TEST(json::parse(lower.body).at("code") == "too_small");
  BOOST_TEST(raise(s, "many").status == 400);
  auto wrong = raise(s, "2000", "guess");
  BOOST_TEST(wrong.status == 401);
  BOOST_TEST(wrong.field("www-authenticate") == "Bearer");
  BOOST_TEST(ask(s, "PUT /v1/orders/last", {}, "2000").status == 401);
  s.kill();
  s.start();
  BOOST_TEST(next(s) == "1002\n");
  BOOST_TEST(s.stop(bound).has_value());
  BOOST_TEST(s.log().find(token) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(raises_for_nobody_where_it_has_no_token) {
  auto x = options("memory");
  x.config = "[admin]\ntoken = \"file\"\n";
  server s{x, book};
  s.start();
  // The environment wins over the file, also where it is empty.
  BOOST_TEST(raise(s, "10", "file").status == 401);
  BOOST_TEST(raise(s, "10").status == 204);
  BOOST_TEST(s.stop(bound).has_value());
  s.options().environment = {"INTD_ADMIN_TOKEN="};
  s.start();
  BOOST_TEST(raise(s, "20", "file").status == 403);
  BOOST_TEST(s.stop(bound).has_value());
  s.options().environment = {};
  s.start();
  BOOST_TEST(raise(s, "30", "file").status == 204);
  BOOST_TEST(next(s) == "31\n");
}

BOOST_AUTO_TEST_CASE(does_not_start_with_a_token_that_is_none) {
  command what;
  what.arguments = {server_program().string(), "-state-dir",
                    dir.path() / "state", "-engine", "memory"};
  what.environment = {"INTD_ADMIN_TOKEN=two words"};
  std::string output;
  auto how = run(what, bound, output);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(*how) == "exit status 2");
  BOOST_TEST(output.find("INTD_ADMIN_TOKEN") != std::string::npos);
  BOOST_TEST(output.find("two words") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_request_of_the_api) {
  server s{options("memory"), book};
  s.start();
  auto long_query = std::string(6'000, 'x');
  for (const auto& [line, status] : std::vector<std::pair<std::string, int>>{
         {"GET /v1/or-ders/next", 400},
         {"GET /v1/orders/next?count=0", 400},
         {"GET /v1/orders/next?count=1&amount=2", 400},
         {"GET /v1/orders/next?count=%G1", 400},
         {"GET /v1/orders/next?" + long_query, 400},
         {"GET /v1/orders/next?" + long_query + long_query, 431},
         {"GET /v1/orders", 404},
         {"GET /v1", 404},
         {"HEAD /v1/orders/next", 405},
         {"DELETE /v1/orders/last", 405}})
    BOOST_TEST(ask(s, line).status == status, line.substr(0, 60));
  BOOST_TEST(next(s) == "1\n");
}

BOOST_AUTO_TEST_CASE(is_not_upset_by_random_targets) {
  auto random = seeded();
  server s{options("memory"), book};
  s.start();
  int64_t unexpected = 0;
  for (int i = 0; i < 500; ++i) {
    std::string target(random() % 60, '\0');
    std::ranges::generate(target, [&random] {
      return "abcount=&?%/ \xff\x01\r\n;#+0"[random() % 20];
    });
    auto status = ask(s, "GET /v1/orders/" + target).status;
    // Blanks and ends of lines make it another request, or none.
    unexpected += status < 400 || status == 503 ? 1 : 0;
  }
  BOOST_TEST(unexpected == 0);
  BOOST_TEST(next(s) == "1\n");
}

BOOST_AUTO_TEST_SUITE_END()
