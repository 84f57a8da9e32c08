// The real intctl against the real intd-server, and against servers that say
// what the test tells them to.
#include "tests/cli/programs.hpp"
#include "tests/cli/scripted_server.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace intd::test;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

const std::string token = "t0p-s3cret";

std::string url_of_port(uint16_t port) {
  return "http://127.0.0.1:" + std::to_string(port);
}

// Runs intctl at a URL, with the token or another in its environment.
struct intctl : programs {
  [[nodiscard]] command line(std::vector<std::string> words,
                             const std::string& url,
                             const std::string& secret = token) const {
    words.insert(words.end(), {"-url", url});
    auto made = make("intctl", std::move(words));
    made.environment.push_back("INTD_ADMIN_TOKEN=" + secret);
    return made;
  }

  [[nodiscard]] outcome at(const std::string& url,
                           std::vector<std::string> words,
                           const std::string& secret = token) const {
    process child{line(std::move(words), url, secret)};
    return finish(child);
  }
};

struct fixture : intctl {
  fixture() {
    server_options x;
    x.state = state();
    x.protocols = {"http"};
    x.environment = {"INTD_ADMIN_TOKEN=" + token};
    s = std::make_unique<server>(x, book);
    s->start();
  }

  [[nodiscard]] std::string url() const {
    return url_of_port(s->port("http"));
  }

  [[nodiscard]] outcome ask(std::vector<std::string> words,
                            const std::string& secret = token) const {
    return at(url(), std::move(words), secret);
  }

  address_book book;
  std::unique_ptr<server> s;
};

// The answer of /v1/cluster of one node that has given so many integers.
std::string cluster_of_one(int given, const std::string& name = "n1") {
  json stripe{{"engine", "main"},  {"offset", 1},
              {"increment", 2},    {"epoch", 3},
              {"store", ""},       {"shared", false},
              {"healthy", true},   {"reason", ""},
              {"given", given},    {"keys", json::array()},
              {"keys_left_out", 0}};
  json node{{"id", "id1"},
            {"name", name},
            {"cluster", ""},
            {"boot", "b"},
            {"version", "9"},
            {"address", "a:1"},
            {"alive", true},
            {"reason", ""},
            {"silent_ms", 0},
            {"draining", false},
            {"stripes", {stripe}},
            {"spares", json::array()},
            {"gifts", json::array()},
            {"peers", json::array()}};
  return json{{"nodes", {node}}}.dump();
}

scripted_server::script answers(const std::string& status,
                                const std::string& body) {
  return [status, body](server_side& side) {
    side.answer(status, body);
  };
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(at_a_real_server, fixture)

BOOST_AUTO_TEST_CASE(status_shows_the_node_and_its_stripe) {
  auto x = ask({"status", "-interval-ms", "0"});
  BOOST_TEST(x.status == 0);
  BOOST_TEST(x.err == "");
  for (const auto* part :
       {"NODE", " up ", INTD_VERSION, "main", "1 mod 1", "ok"})
    BOOST_TEST(has(x.out, part), x.out);
  BOOST_TEST(ask({"status"}).status == 0);
}

BOOST_AUTO_TEST_CASE(status_can_be_read_by_a_program) {
  auto x = ask({"status", "-json"});
  BOOST_TEST(x.status == 0);
  auto body = json::parse(x.out);
  BOOST_TEST(body.at("nodes")[0].at("stripes")[0].at("engine") == "main");
}

BOOST_AUTO_TEST_CASE(the_last_integer_is_told_and_raised) {
  BOOST_TEST(ask({"last"}).out == "0\n");
  BOOST_TEST(ask({"set-last", "41"}).status == 0);
  BOOST_TEST(ask({"last"}).out == "41\n");
  BOOST_TEST(ask({"set-last", "orders", "1000"}).out == "");
  BOOST_TEST(ask({"last", "orders"}, "").out == "1000\n");
  auto lower = ask({"set-last", "orders", "5"});
  BOOST_TEST(lower.status == 1);
  BOOST_TEST(has(lower.err, "answers 409"), lower.err);
  BOOST_TEST(has(lower.err, "5 is below 1000"), lower.err);
  BOOST_TEST(
    run("intd-client",
        {"-host", "127.0.0.1", "-port", std::to_string(s->port("http")),
         "-path", "/v1/orders/next?format=run"})
      .status
    == 1);
  BOOST_TEST(ask({"last", "orders"}).out == "1001\n");
}

BOOST_AUTO_TEST_CASE(changes_need_the_token_from_any_of_its_places) {
  for (const auto& words : std::vector<std::vector<std::string>>{
         {"set-last", "5"},
         {"join", "n2:7070"},
         {"leave"},
         {"adopt", "n2", "-dead", "-above", "9"},
         {"claim", "-without", "n2:7070"},
         {"drain"}}) {
    auto x = ask(words, "wrong");
    BOOST_TEST(x.status == 1);
    BOOST_TEST(has(x.err, "answers 401"), x.err);
    BOOST_TEST(has(x.err, "INTD_ADMIN_TOKEN or -token"), x.err);
  }
  BOOST_TEST(ask({"last"}).out == "0\n");
  BOOST_TEST(ask({"set-last", "5", "-token", token}, "wrong").status == 0);
  auto site
    = "http://:" + token + "@127.0.0.1:" + std::to_string(s->port("http"));
  BOOST_TEST(at(site, {"set-last", "6"}, "wrong").status == 0);
  BOOST_TEST(ask({"last"}).out == "6\n");
}

BOOST_AUTO_TEST_CASE(of_several_nodes_the_first_that_answers_is_asked) {
  auto gone = [] {
    scripted_server x{{}};
    return url_of_port(x.port());
  }();
  auto x = at(gone + "," + url(), {"last"});
  BOOST_TEST(x.status == 0);
  BOOST_TEST(x.out == "0\n");
  // Which node leaves must never be left to chance.
  x = at(gone + "," + url(), {"leave"});
  BOOST_TEST(x.status == 2);
  BOOST_TEST(has(x.err, "-url alone"), x.err);
  x = at(gone, {"last"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, gone + " cannot be asked"), x.err);
}

BOOST_AUTO_TEST_CASE(output_that_cannot_be_written_is_a_failure) {
  command what{
    {"bash", "-c", program("intctl") + " last -url " + url() + " > /dev/full"},
    {},
    0};
  process child{what};
  auto x = finish(child);
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "cannot write to standard output"), x.err);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_SUITE(at_a_scripted_server, intctl)

BOOST_AUTO_TEST_CASE(each_order_is_one_request_with_the_token) {
  struct expectation {
    std::vector<std::string> words;
    std::string path;
    std::string body;
  };
  for (const auto& [words, path, body] : std::vector<expectation>{
         {{"join", "n2:7070"}, "join", R"({"address":"n2:7070"})"},
         {{"leave"}, "leave", R"({"to":""})"},
         {{"leave", "-to", "n2"}, "leave", R"({"to":"n2"})"},
         {{"split"}, "split", R"({"engine":""})"},
         {{"split", "main"}, "split", R"({"engine":"main"})"},
         {{"adopt", "n\"2", "-dead", "-above", "7"},
          "adopt",
          R"({"above":7,"nodes":["n\"2"]})"},
         {{"adopt", "n-2", "n3", "-dead", "-above", "7"},
          "adopt",
          R"({"above":7,"nodes":["n-2","n3"]})"},
         {{"claim", "-without", "n2:1"}, "waive", R"({"address":"n2:1"})"},
         {{"drain"}, "drain", R"({"on":true})"},
         {{"drain", "-off"}, "drain", R"({"on":false})"}}) {
    std::string request;
    {
      scripted_server node{{[&request](server_side& side) {
        request = side.answer("204 No Content", "");
      }}};
      auto x = at(url_of_port(node.port()), words);
      BOOST_TEST(x.status == 0, x.err);
      BOOST_TEST(x.out == "");
    }
    BOOST_TEST(request.starts_with("POST /v1/cluster/" + path + " HTTP/1.1"),
               request);
    BOOST_TEST(has(request, "\r\nAuthorization: Bearer " + token + "\r\n"));
    BOOST_TEST(request.ends_with("\r\n\r\n" + body), request);
  }
}

BOOST_AUTO_TEST_CASE(a_refusal_is_told_in_the_words_of_the_node) {
  auto detail = "n2 (2 mod 4) overlaps n1 (2 mod 2); " + std::string(300, 'x');
  scripted_server node{
    {answers("409 Conflict", json{{"detail", detail + "\x1b"}}.dump())}};
  auto x = at(url_of_port(node.port()), {"leave"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.err
             == "intctl: " + url_of_port(node.port())
               + " answers 409: " + detail + " \n");
}

BOOST_AUTO_TEST_CASE(rates_come_from_two_readings) {
  std::string request;
  auto node = std::make_unique<scripted_server>(
    std::vector<scripted_server::script>{[&request](server_side& side) {
      request = side.answer("200 OK", cluster_of_one(100));
      side.answer("200 OK", cluster_of_one(100'100));
    }});
  auto x = at(url_of_port(node->port()), {"status", "-interval-ms", "10"});
  node.reset();
  // The token is for changes alone.
  BOOST_TEST(request.starts_with("GET /v1/cluster HTTP/1.1\r\n"));
  BOOST_TEST(!has(request, token), request);
  BOOST_TEST(x.status == 0, x.err);
  BOOST_TEST(has(x.out, "100100"), x.out);
  // 100,000 in 10 ms or a bit more: but a rate.
  BOOST_TEST(!has(x.out, " 0.0 "), x.out);
  BOOST_TEST(!has(x.out, "  -  "), x.out);
}

BOOST_AUTO_TEST_CASE(watching_goes_on_until_a_signal_and_over_a_failure) {
  scripted_server node{{[](server_side& side) {
    side.answer("200 OK", cluster_of_one(1, "first"));
    side.answer("503 Service Unavailable", "busy");
    side.answer("200 OK", cluster_of_one(2, "third"));
    side.wait_for_close();
  }}};
  process child{
    line({"status", "-watch", "-interval-ms", "1"}, url_of_port(node.port()))};
  while (!has(child.standard_output(), "third"))
    BOOST_TEST_REQUIRE(!child.wait(1ms).has_value());
  child.signal(SIGINT);
  auto how = child.wait(program_bound);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(how->signal == SIGINT);
  BOOST_TEST(has(child.standard_output(), "first"));
  BOOST_TEST(has(child.standard_error(), "answers 503: busy"));
}

BOOST_AUTO_TEST_CASE(watching_ends_quietly_when_its_reader_is_done) {
  scripted_server node{{[](server_side& side) {
    while (!side.answer("200 OK", cluster_of_one(1)).empty()) {
    }
  }}};
  command what{{"bash", "-c",
                program("intctl") + " status -watch -interval-ms 1 -url "
                  + url_of_port(node.port())
                  + " | head -n 1; echo ${PIPESTATUS[0]}"},
               {},
               0};
  process child{what};
  auto x = finish(child);
  BOOST_TEST(x.out.ends_with("\n0\n"), x.out);
  BOOST_TEST(x.err == "");
}

BOOST_AUTO_TEST_CASE(another_server_is_told_from_a_node) {
  scripted_server other{{answers("200 OK", "<html>\x1b[31m</html>")}};
  auto x = at(url_of_port(other.port()), {"status"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err,
                 "does not tell the state of a cluster but "
                 "'<html> [31m</html>'"),
             x.err);
  scripted_server old{{answers("404 Not Found", "no")}};
  x = at(url_of_port(old.port()), {"status"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "answers 404: no; is this"), x.err);
}

BOOST_AUTO_TEST_CASE(a_frozen_node_is_given_up_in_time) {
  scripted_server frozen{{[](server_side& side) {
    side.wait_for_close();
  }}};
  auto x = at(url_of_port(frozen.port()), {"last", "-timeout-ms", "50"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "does not answer within"), x.err);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_FIXTURE_TEST_CASE(misuse_is_told_before_anything_is_asked, intctl) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> all{
    {{}, "which command?"},
    {{"statsu"}, "there is no command statsu; did you mean status?"},
    {{"last", "a-b"}, "Found 'a-b'"},
    {{"last", "a", "b"}, "last: what is b?"},
    {{"set-last"}, "set-last needs an integer"},
    {{"set-last", "x"}, "'x' is not an integer"},
    {{"set-last", "a", "1.5"}, "'1.5' is not an integer"},
    {{"set-last", "1a", "5"}, "Found '1a'"},
    {{"join"}, "join needs an address"},
    {{"adopt", "-dead"}, "adopt needs a node"},
    {{"adopt", "n2"}, "say so with -dead"},
    {{"adopt", "n2", "-dead"}, "say with -above"},
    {{"leave", "-above", "7"}, "-above is for adopt, not for leave"},
    {{"claim"}, "claim needs -without"},
    {{"drain", "-dead"}, "-dead is for adopt, not for drain"},
    {{"leave", "n2"}, "leave: what is n2?"},
    {{"leave", "-token", "x", "-url", "ftp://a"}, "-url: "},
    {{"status", "-interval-ms", "-1"}, "-interval-ms"},
  };
  for (const auto& [words, expected] : all) {
    auto x = run("intctl", words);
    BOOST_TEST(x.status == 2);
    BOOST_TEST(x.out == "");
    BOOST_TEST(has(x.err, expected), x.err);
    BOOST_TEST(has(x.err, "Try 'intctl -help'."), x.err);
  }
}

BOOST_FIXTURE_TEST_CASE(the_help_has_every_command, intctl) {
  auto x = run("intctl", {"-help"});
  BOOST_TEST(x.status == 0);
  for (const auto* part :
       {"Usage: intctl COMMAND", "status", "set-last", "join", "leave", "adopt",
        "claim", "drain", "http://localhost:8080", "INTD_ADMIN_TOKEN"})
    BOOST_TEST(has(x.out, part), x.out);
  BOOST_TEST(run("intctl", {"--version"}).out == "intctl " INTD_VERSION "\n");
}
