// What is believed of another site's answers, and what of its runs lies in a
// stripe.
#include "engines/http/http_protocol.hpp"

#include "engines/http/http_connection.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace intd::http_protocol;

namespace {

std::string runs_of(const std::string& list) {
  return R"({"key":"k","runs":[)" + list + "]}";
}

/// The integers of a run that lie in a stripe, one by one.
std::vector<int64_t> by_hand(run x, const stripe& y) {
  std::vector<int64_t> all;
  for (; x.count > 0; (void)cut_front(x, 1))
    if (contains(y, x.first))
      all.push_back(x.first);
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_integer_stands_alone) {
  BOOST_TEST((parse_integer("7", 1) == 7));
  BOOST_TEST((parse_integer("7\n", 1) == 7));
  BOOST_TEST((parse_integer("9223372036854775807\r\n", 1) == max_integer));
  BOOST_TEST((parse_integer("0", 0) == 0));
  for (const auto* body : {"", "\n", "0", "-1", "+1", "01", "1.0", "1e3", " 1",
                           "1 ", "1\n\n", "9223372036854775808", "<1>"})
    BOOST_TEST(!parse_integer(body, 1), body);
}

BOOST_AUTO_TEST_CASE(runs_must_be_exactly_what_was_asked_for) {
  const auto one = runs_of(R"({"first":1,"increment":2,"count":3})");
  const auto runs = parse_runs(one, "k", 3);
  BOOST_REQUIRE(runs);
  BOOST_TEST(runs->size() == 1u);
  BOOST_TEST((runs->front() == run{1, 2, 3}));
  BOOST_TEST(!parse_runs(one, "k", 2));
  BOOST_TEST(!parse_runs(one, "k", 4));
  BOOST_TEST(!parse_runs(one, "other", 3));
  const std::string wrong[]
    = {R"({"first":1,"increment":2,"count":1},)"
       R"({"first":1,"increment":2,"count":2})",
       R"({"first":9,"increment":1,"count":1},)"
       R"({"first":5,"increment":1,"count":2})",
       R"({"first":0,"increment":1,"count":3})",
       R"({"first":-5,"increment":1,"count":3})",
       R"({"first":1,"increment":0,"count":3})",
       R"({"first":1,"increment":1,"count":0},)"
       R"({"first":1,"increment":1,"count":3})",
       R"({"first":1.0,"increment":1,"count":3})",
       R"({"first":"1","increment":1,"count":3})",
       R"({"first":9223372036854775806,"increment":1,"count":3})",
       R"({"first":9223372036854775808,"increment":1,"count":3})",
       R"({"first":1,"count":3})",
       "7",
       ""};
  for (const auto& list : wrong)
    BOOST_TEST(!parse_runs(runs_of(list), "k", 3), list);
  for (const auto* body :
       {"", "{", "[]", "1", R"({"key":"k"})", R"({"key":"k","runs":{}})"})
    BOOST_TEST(!parse_runs(body, "k", 3), body);
}

BOOST_AUTO_TEST_CASE(a_problem_gives_its_code_and_its_limit) {
  const auto x = parse_problem(
    R"({"code":"invalid_count","detail":"too many","max":100,"status":400})");
  BOOST_TEST(x.code == ec::invalid_count);
  BOOST_TEST(x.detail == "too many");
  BOOST_TEST(x.max == 100);
  BOOST_TEST(parse_problem(R"({"code":"of the future"})").code == ec::none);
  BOOST_TEST(parse_problem(R"({"code":7,"detail":7,"max":"7"})").max == 0);
  BOOST_TEST(parse_problem("404 page not found").detail
             == "404 page not found");
}

BOOST_AUTO_TEST_CASE(what_of_a_run_lies_in_a_stripe_is_told_exactly) {
  for (int64_t increment = 1; increment <= 6; ++increment)
    for (int64_t first = 1; first <= 12; ++first)
      for (int64_t count = 1; count <= 9; ++count)
        for (int64_t j = 1; j <= 6; ++j)
          for (int64_t offset = 1; offset <= j; ++offset) {
            const run x{first, increment, count};
            const stripe y{offset, j};
            const auto found = share_of(x, y);
            BOOST_REQUIRE(by_hand(found.in_both, y) == by_hand(x, y));
            BOOST_REQUIRE(found.in_both.count
                          == static_cast<int64_t>(by_hand(x, y).size()));
            // As many neighbours as it says hold one.
            if (found.one_in > 0)
              BOOST_REQUIRE(by_hand({first, increment, found.one_in}, y).size()
                            == 1u);
          }
}

BOOST_AUTO_TEST_CASE(a_share_near_the_end_does_not_overflow) {
  const auto found = share_of({max_integer, 1, 1}, {max_integer, max_integer});
  BOOST_TEST((found.in_both.first == max_integer));
  BOOST_TEST(found.in_both.count == 1);
  const auto wide = share_of({1, int64_t{1} << 62, 2}, {1, 3});
  BOOST_TEST(wide.in_both.count == 1);
  BOOST_TEST(wide.one_in == 3);
}

BOOST_AUTO_TEST_CASE(a_url_gives_a_server_and_back) {
  using found = std::optional<server>;
  BOOST_TEST((server_of_url("http://a:4001/db/execute?level=strong")
              == found{{false, "", "", "a", 4001}}));
  BOOST_TEST(
    (server_of_url("https://[::1]/") == found{{true, "", "", "::1", 443}}));
  BOOST_TEST((server_of_url("") == found{}));
  BOOST_TEST((server_of_url("/db/execute") == found{}));
  BOOST_TEST(url_of({true, "u", "secret", "::1", 7}) == "https://[::1]:7");
}
