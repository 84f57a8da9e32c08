// What is made of rqlite's answers, and which table a key has.
#include "engines/rqlite/rqlite_protocol.hpp"

#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace intd::rqlite_protocol;

BOOST_AUTO_TEST_CASE(a_key_in_lower_case_is_its_own_table) {
  for (const auto* key : {"integers", "a", "_", "a_9", "order", "sqlite"})
    BOOST_TEST(table_of(key) == key);
}

BOOST_AUTO_TEST_CASE(no_two_keys_share_a_table_though_capitals_do_not_count) {
  std::set<std::string> tables{"intd-store"};
  const std::vector<std::string> keys{
    "integers", "INTEGERS", "Integers", "integerS", "sqlite_x", "SQLITE_x",
    "sqlite_X", "Sqlite_x", "x",        "X",        "_x",       "_X",
    "key",      "KEY",      "key_x",    "intdstore"};
  for (const auto& key : keys) {
    const auto table = table_of(key);
    BOOST_TEST(std::none_of(table.begin(), table.end(), [](char c) {
      return c >= 'A' && c <= 'Z';
    }));
    BOOST_TEST(!table.starts_with("sqlite_"));
    BOOST_TEST(tables.insert(table).second, key);
  }
}

BOOST_AUTO_TEST_CASE(what_one_statement_wrote_is_read) {
  const auto done
    = must(parse_written(R"({"results":[{"last_insert_id":9223372036854775807,)"
                         R"("rows_affected":1,"time":0.1}]})",
                         1));
  BOOST_TEST(done.last_insert_id == max_integer);
  BOOST_TEST(done.rows_affected == 1);
  BOOST_TEST(must(parse_written(R"({"results":[{}]})", 1)).rows_affected == 0);
  BOOST_TEST(must(parse_written(R"({"results":[{},{"rows_affected":1}]})", 2))
               .rows_affected
             == 1);
}

BOOST_AUTO_TEST_CASE(an_answer_of_200_that_carries_an_error_is_an_error) {
  const auto election = parse_written(
    R"({"results":[],"error":"node failed to process Execute"})", 1);
  BOOST_TEST(code_of(election) == ec::unavailable);
  BOOST_TEST(says(election, "node failed to process"));
  BOOST_TEST(code_of(parse_written(R"({"results":null,"error":"x"})", 1))
             == ec::unavailable);
  // An error beside a number that looks fine.
  BOOST_TEST(
    code_of(parse_written(R"({"results":[{"last_insert_id":7,)"
                          R"("rows_affected":1,"error":"disk I/O error"}]})",
                          1))
    == ec::unavailable);
  BOOST_TEST(
    code_of(parse_written(R"({"results":[{"error":"datatype mismatch"}]})", 1))
    == ec::corrupt);
  BOOST_TEST(
    code_of(parse_value(R"({"results":[{"error":"no such table: x"}]})"))
    == ec::corrupt);
}

BOOST_AUTO_TEST_CASE(an_answer_of_another_shape_is_not_believed) {
  for (const auto* body :
       {"", "1", "[]", "{", "{}", "null", "<html>", R"({"results":{}})",
        R"({"results":[]})", R"({"results":[1]})", R"({"results":[{},{}]})",
        R"({"results":[{"last_insert_id":9.2e18,"rows_affected":1}]})",
        R"({"results":[{"last_insert_id":"7","rows_affected":1}]})",
        R"({"results":[{"last_insert_id":9223372036854775808}]})",
        R"({"results":[{"last_insert_id":99999999999999999999}]})"})
    BOOST_TEST(code_of(parse_written(body, 1)) == ec::corrupt, body);
  for (const auto* body :
       {"", "{}", R"({"results":[]})", R"({"results":[{"values":[1]}]})",
        R"({"results":[{"values":[[1,2]]}]})"})
    BOOST_TEST(code_of(parse_value(body)) == ec::corrupt, body);
}

BOOST_AUTO_TEST_CASE(a_value_is_read_as_text) {
  using value = std::optional<std::string>;
  const auto read = [](const std::string& values) {
    return must(parse_value(R"({"results":[{"values":)" + values + "}]}"));
  };
  BOOST_TEST((read("[[9223372036854775807]]") == value{"9223372036854775807"}));
  BOOST_TEST((read(R"([["a b"]])") == value{"a b"}));
  BOOST_TEST((read("[[null]]") == value{}));
  BOOST_TEST((read("[]") == value{}));
  BOOST_TEST((must(parse_value(R"({"results":[{}]})")) == value{}));
}
