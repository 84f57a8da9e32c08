// Another site as a store: what the engine makes of sites that are old, of
// another stripe, behind, or strange. A site that works is in contract_test.
#include "engines/registry.hpp"

#include "tests/cli/scripted_server.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

const sequence all{"integers", {1, 1}};
const sequence odd{"integers", {1, 2}};

struct said {
  std::string status;
  std::string body;
};

/// A site that has these answers, in turn, and none after them.
class site {
public:
  explicit site(std::vector<said> answers)
    : server_{{[answers = std::move(answers)](server_side& to) {
        for (const auto& x : answers)
          to.answer(x.status, x.body);
        to.wait_for_close();
      }}} {
  }

  [[nodiscard]] result<engine_ptr> open(const std::string& token = "") {
    store_options options;
    options.answer_timeout = 300ms;
    options.spin = 1ms;
    return make_engine("http",
                       "http://" + (token.empty() ? "" : ":" + token + "@")
                         + "127.0.0.1:" + std::to_string(server_.port()),
                       options);
  }

private:
  scripted_server server_;
};

const said no_v1{"404 Not Found", "404 page not found\n"};
const said has_v1{"200 OK", "0"};
// The answer to what a key's first reservation asks: how far it is.
const said none_yet{"200 OK", "0"};

said ok(std::string body) {
  return {"200 OK", std::move(body)};
}

said runs(const std::string& list) {
  return ok(R"({"key":"integers","runs":[)" + list + "]}");
}

said problem(const std::string& status, const std::string& code) {
  return {status, R"({"code":")" + code + R"(","detail":"so it is"})"};
}

} // namespace

BOOST_AUTO_TEST_CASE(an_original_server_gives_one_integer_at_a_time) {
  site old{{no_v1, ok("1"), ok("3\n"), ok("5")}};
  const auto at = must(old.open());
  BOOST_TEST(must(at->last(odd)) == 0);
  for (const int64_t expected : {1, 3, 5})
    BOOST_TEST((must(at->reserve(odd, 100)) == run{expected, 2, 1}));
  BOOST_TEST(must(at->last(odd)) == 5);
  const auto other = at->reserve({"others", {1, 2}}, 1);
  BOOST_TEST(code_of(other) == ec::invalid_key);
  BOOST_TEST(says(other, "integers"));
}

BOOST_AUTO_TEST_CASE(integers_of_another_stripe_are_no_answer) {
  site even{{no_v1, ok("2"), ok("4"), ok("6"), ok("7")}};
  const auto at = must(even.open());
  const auto none = at->reserve(odd, 1);
  BOOST_TEST(code_of(none) == ec::invalid_stripe);
  BOOST_TEST(says(none, "offset and increment"));
  BOOST_TEST((must(at->reserve(odd, 1)) == run{7, 2, 1}));
}

BOOST_AUTO_TEST_CASE(runs_of_a_coarser_site_are_handed_out_one_by_one) {
  site coarse{{has_v1, none_yet, runs(R"({"first":1,"increment":3,"count":3})"),
               runs(R"({"first":10,"increment":3,"count":1})")}};
  const auto at = must(coarse.open());
  for (const int64_t expected : {1, 4, 7})
    BOOST_TEST((must(at->reserve(all, 3)) == run{expected, 1, 1}));
  BOOST_TEST((must(at->reserve(all, 1)) == run{10, 1, 1}));
}

BOOST_AUTO_TEST_CASE(of_a_finer_site_a_stripe_gets_what_is_its) {
  site fine{{has_v1, none_yet, runs(R"({"first":2,"increment":1,"count":1})"),
             runs(R"({"first":3,"increment":1,"count":2})"),
             runs(R"({"first":5,"increment":1,"count":20})")}};
  const auto at = must(fine.open());
  BOOST_TEST((must(at->reserve(odd, 1)) == run{3, 2, 1}));
  BOOST_TEST((must(at->reserve(odd, 10)) == run{5, 2, 10}));
}

BOOST_AUTO_TEST_CASE(several_runs_of_one_answer_follow_each_other) {
  site mixed{{has_v1, none_yet,
              runs(R"({"first":1,"increment":2,"count":2},)"
                   R"({"first":9,"increment":2,"count":3})")}};
  const auto at = must(mixed.open());
  BOOST_TEST((must(at->reserve(odd, 5)) == run{1, 2, 2}));
  BOOST_TEST((must(at->reserve(odd, 2)) == run{9, 2, 2}));
  BOOST_TEST((must(at->reserve(odd, 2)) == run{13, 2, 1}));
}

BOOST_AUTO_TEST_CASE(what_was_kept_is_dropped_once_the_last_is_raised) {
  site coarse{{has_v1, none_yet, runs(R"({"first":1,"increment":2,"count":3})"),
               ok("5"), runs(R"({"first":7,"increment":2,"count":1})")}};
  const auto at = must(coarse.open());
  BOOST_TEST((must(at->reserve(all, 3)) == run{1, 1, 1}));
  must(at->set_last(all, 5));
  BOOST_TEST((must(at->reserve(all, 1)) == run{7, 1, 1}));
}

BOOST_AUTO_TEST_CASE(a_floor_is_held_where_it_cannot_be_told) {
  for (const auto& first : {no_v1, has_v1}) {
    const bool old = first.status != "200 OK";
    site behind{
      old ? std::vector<said>{first, ok("50")}
          : std::vector<said>{first, ok("10"), ok("10"),
                              runs(R"({"first":50,"increment":1,"count":1})")}};
    const auto at = must(behind.open());
    must(at->set_last(all, 100));
    BOOST_TEST(must(at->last(all)) == 100);
    const auto low = at->reserve(all, 1);
    BOOST_TEST(code_of(low) == ec::corrupt);
    BOOST_TEST(says(low, "-set-last-int 100"));
    BOOST_TEST(code_of(at->reserve(all, 1)) == ec::corrupt);
  }
}

BOOST_AUTO_TEST_CASE(a_last_integer_below_the_present_one_is_refused) {
  site at_ten{{has_v1, ok("10"), ok("10")}};
  const auto at = must(at_ten.open("token"));
  BOOST_TEST(code_of(at->set_last(all, 9)) == ec::too_small);
  must(at->set_last(all, 10));
}

BOOST_AUTO_TEST_CASE(a_refused_token_is_named_and_not_shown) {
  site shut{{has_v1, ok("10"), {"401 Unauthorized", ""}}};
  const auto at = must(shut.open("hunter2"));
  const auto refused = at->set_last(all, 100);
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(says(refused, "admin token"));
  BOOST_TEST(!says(refused, "hunter2"));
}

BOOST_AUTO_TEST_CASE(a_site_that_gives_less_at_a_time_is_asked_for_less) {
  site limited{{has_v1,
                none_yet,
                {"400 Bad Request", R"({"code":"invalid_count","max":2})"},
                runs(R"({"first":1,"increment":1,"count":2})"),
                runs(R"({"first":3,"increment":1,"count":2})")}};
  const auto at = must(limited.open());
  BOOST_TEST((must(at->reserve(all, 100)) == run{1, 1, 2}));
  BOOST_TEST((must(at->reserve(all, 100)) == run{3, 1, 2}));
}

BOOST_AUTO_TEST_CASE(what_is_left_at_a_site_is_given) {
  const auto end = problem("503 Service Unavailable", "exhausted");
  site nearly{{has_v1, none_yet, end, end,
               runs(R"({"first":9223372036854775806,"increment":1,"count":2})"),
               end}};
  const auto at = must(nearly.open());
  BOOST_TEST((must(at->reserve(all, 8)) == run{max_integer - 1, 1, 2}));
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::exhausted);
}

BOOST_AUTO_TEST_CASE(a_site_that_is_busy_is_not_given_up) {
  site busy{{has_v1, none_yet, problem("503 Service Unavailable", "overloaded"),
             runs(R"({"first":1,"increment":1,"count":1})"),
             problem("503 Service Unavailable", "draining")}};
  const auto at = must(busy.open());
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::overloaded);
  BOOST_TEST((must(at->reserve(all, 1)) == run{1, 1, 1}));
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::unavailable);
  BOOST_TEST(code_of(at->last(all)) == ec::unavailable);
}

BOOST_AUTO_TEST_CASE(a_strange_answer_is_the_last_one_read) {
  const std::vector<said> strange{
    ok(""),
    ok("1"),
    ok("{}"),
    ok("<html>"),
    runs(R"({"first":1,"increment":1,"count":2})"),
    runs(R"({"first":-1,"increment":1,"count":1})"),
    ok(std::string(2'000'000, '1')),
    {"204 No Content", ""},
    {"500 Oops", "1"}};
  for (const auto& x : strange) {
    site odd_one{
      {has_v1, none_yet, x, runs(R"({"first":1,"increment":1,"count":1})")}};
    const auto at = must(odd_one.open());
    const auto first = code_of(at->reserve(all, 1));
    BOOST_TEST(is_fatal(first), x.status << " " << x.body.substr(0, 80));
    BOOST_TEST(code_of(at->reserve(all, 1)) == first);
  }
}

BOOST_AUTO_TEST_CASE(a_silent_site_costs_one_timeout) {
  site silent{{has_v1, none_yet}};
  const auto at = must(silent.open());
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::timeout);
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::timeout);
  BOOST_TEST((std::chrono::steady_clock::now() - begin < 2s));
}

BOOST_AUTO_TEST_CASE(a_redirect_is_told_and_not_followed) {
  site moved{{{"301 Moved Permanently\r\nLocation: http://elsewhere/", ""}}};
  const auto x = moved.open();
  BOOST_TEST(code_of(x) == ec::unavailable);
  BOOST_TEST(says(x, "http://elsewhere/"));
}

BOOST_AUTO_TEST_CASE(nobody_there_is_told_with_the_address) {
  const auto x = make_engine("http", "http://127.0.0.1:1");
  BOOST_TEST(code_of(x) == ec::unavailable);
  BOOST_TEST(says(x, "http://127.0.0.1:1"));
}
