#include "node/flags.hpp"

#include "engines/sequence.hpp"
#include "node/nearest.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <optional>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

using namespace intd;

namespace {

// A command line with one flag of each kind.
struct command_line {
  explicit command_line(std::initializer_list<const char*> args) {
    all.add_text("dsn", dsn, "where it is");
    all.add_text("host", host, "whose");
    all.add_texts("protocol", protocols, "which", "http");
    all.add_integer("count", count, 1, max_integer, "how many");
    all.add_integer("set-last-int", last, 0, max_integer, "from where");
    all.add_switch("continuous", continuous, "on and on");
    std::vector<const char*> argv{"prog"};
    argv.insert(argv.end(), args);
    code = all.parse(static_cast<int>(argv.size()), argv.data(), out, err);
  }

  flags all{{"prog", "does it", "Examples:\n  prog\n"}};
  std::string dsn = "here";
  std::string host = "localhost";
  std::vector<std::string> protocols;
  int64_t count = 1;
  int64_t last = 0;
  bool continuous = false;
  std::ostringstream out;
  std::ostringstream err;
  std::optional<exit_code> code;
};

void misused(std::initializer_list<const char*> args,
             const std::string& expected) {
  command_line x{args};
  BOOST_TEST_REQUIRE(x.code.has_value());
  BOOST_TEST(*x.code == exit_usage);
  BOOST_TEST(x.err.str() == "prog: " + expected + "\nTry 'prog -help'.\n");
  BOOST_TEST(x.out.str() == "");
}

} // namespace

BOOST_AUTO_TEST_CASE(no_flags_leave_the_defaults) {
  command_line x({});
  BOOST_TEST(!x.code.has_value());
  BOOST_TEST(x.dsn == "here");
  BOOST_TEST(x.count == 1);
  BOOST_TEST(!x.continuous);
  BOOST_TEST(!x.all.given("count"));
}

BOOST_AUTO_TEST_CASE(one_dash_is_two_and_a_blank_is_an_equals_sign) {
  for (auto args : {std::initializer_list<const char*>{"-set-last-int", "5"},
                    {"--set-last-int", "5"},
                    {"-set-last-int=5"},
                    {"--set-last-int=5"}}) {
    command_line x{args};
    BOOST_TEST(!x.code.has_value(), x.err.str());
    BOOST_TEST(x.last == 5);
    BOOST_TEST(x.all.given("set-last-int"));
  }
}

BOOST_AUTO_TEST_CASE(many_flags_may_be_mixed) {
  command_line x{
    "-dsn", "sqlite:///a=b.db", "--count=3", "-continuous", "-host", "h"};
  BOOST_TEST(!x.code.has_value(), x.err.str());
  BOOST_TEST(x.dsn == "sqlite:///a=b.db");
  BOOST_TEST(x.count == 3);
  BOOST_TEST(x.continuous);
  BOOST_TEST(x.host == "h");
}

BOOST_AUTO_TEST_CASE(a_value_may_be_empty_or_look_like_a_flag) {
  BOOST_TEST(command_line{"-dsn="}.dsn == "");
  BOOST_TEST((command_line{"-dsn", ""}.dsn == ""));
  BOOST_TEST(command_line{"-dsn=-host"}.dsn == "-host");
  BOOST_TEST((command_line{"-dsn", "-"}.dsn == "-"));
}

BOOST_AUTO_TEST_CASE(a_switch_takes_a_value_only_with_an_equals_sign) {
  BOOST_TEST(command_line{"-continuous=true"}.continuous);
  BOOST_TEST(!command_line{"-continuous=false"}.continuous);
  BOOST_TEST(!(command_line{"-continuous", "-continuous=false"}.continuous));
  BOOST_TEST((command_line{"-continuous", "false"}.code == exit_usage));
}

BOOST_AUTO_TEST_CASE(the_last_of_several_counts) {
  BOOST_TEST((command_line{"-count", "1", "-count=2"}.count == 2));
  BOOST_TEST((command_line{"-dsn", "a", "--dsn", "b"}.dsn == "b"));
}

BOOST_AUTO_TEST_CASE(a_list_is_repeated_or_has_commas) {
  std::vector<std::string> both{"http", "tcp"};
  BOOST_TEST((command_line{"-protocol", "http,tcp"}.protocols == both));
  BOOST_TEST(
    (command_line{"-protocol=http", "-protocol", "tcp"}.protocols == both));
  misused({"-protocol", "http", "tcp"},
          "The following argument was not expected: tcp");
}

BOOST_AUTO_TEST_CASE(an_unknown_flag_is_misuse_with_a_suggestion) {
  misused({"-cuont", "3"}, "there is no flag -cuont; did you mean -count?");
  misused({"--hots=x"}, "there is no flag --hots; did you mean -host?");
  misused({"-zzzzzz"}, "there is no flag -zzzzzz");
  misused({"-hx"}, "there is no flag -hx");
  misused({"-dsn", "-zzzzzz"}, "there is no flag -zzzzzz");
}

BOOST_AUTO_TEST_CASE(what_is_no_flag_is_misuse) {
  misused({"seven"}, "The following argument was not expected: seven");
}

BOOST_AUTO_TEST_CASE(words_are_taken_where_they_are_wanted) {
  flags all{{"prog", "does it", ""}};
  std::vector<std::string> words;
  std::vector<std::string> urls;
  bool on = false;
  all.add_words(words, "COMMAND [KEY]");
  all.add_texts("url", urls, "where", "here");
  all.add_switch("on", on, "or off");
  std::ostringstream out;
  std::vector<const char*> argv{"prog", "-url", "a,b", "last", "-on", "key"};
  BOOST_TEST(!all.parse(6, argv.data(), out, out).has_value(), out.str());
  BOOST_TEST((words == std::vector<std::string>{"last", "key"}));
  BOOST_TEST(on);
  BOOST_TEST(urls.size() == 2u);
  argv = {"prog", "-h"};
  std::ignore = all.parse(2, argv.data(), out, out);
  BOOST_TEST(out.str().find("\nUsage: prog COMMAND [KEY] [flags]\n")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_value_is_misuse) {
  misused({"-count"}, "-count needs a value");
  misused({"-continuous", "--dsn"}, "-dsn needs a value");
}

BOOST_AUTO_TEST_CASE(numbers_are_decimal_whole_and_in_range) {
  auto range = "' is not an integer from 1 to 9223372036854775807";
  for (const auto* bad : {"", "x", "1x", "1.0", "0x10", "+1", " 1", "1 ", "0",
                          "1e3", "9223372036854775808", "99999999999999999999"})
    misused({"-count", bad}, std::string{"-count: '"} + bad + range);
  misused({"-count", "-1"}, std::string{"-count: '-1"} + range);
  misused({"-count=-1"}, std::string{"-count: '-1"} + range);
  BOOST_TEST((command_line{"-count", "010"}.count == 10));
  BOOST_TEST(
    (command_line{"-count", "9223372036854775807"}.count == max_integer));
}

BOOST_AUTO_TEST_CASE(the_help_goes_to_the_output_and_has_all) {
  for (const auto* flag : {"-h", "-help", "--help"}) {
    command_line x{flag};
    BOOST_TEST((x.code == exit_fine));
    BOOST_TEST(x.err.str() == "");
    for (const auto* part :
         {"prog " INTD_VERSION ": does it\n", "\n  -dsn TEXT ",
          "where it is (default: here)\n", "\n  -count N ", "(default: 1)\n",
          "(default: http)\n", "\n  -continuous ", "\nExamples:\n  prog\n"})
      BOOST_TEST(x.out.str().find(part) != std::string::npos, part);
  }
}

BOOST_AUTO_TEST_CASE(the_help_fits_80_columns) {
  flags all{{"prog", "does it", ""}};
  std::string x;
  all.add_text("a-long-name-of-a-flag", x,
               std::string(30, 'a') + " " + std::string(30, 'b') + " "
                 + std::string(30, 'c'));
  std::ostringstream out;
  const char* argv[] = {"prog", "-h"};
  std::ignore = all.parse(2, argv, out, out);
  std::istringstream lines{out.str()};
  for (std::string line; std::getline(lines, line);)
    BOOST_TEST(line.size() <= 80, line);
}

BOOST_AUTO_TEST_CASE(the_version_goes_to_the_output) {
  for (const auto* flag : {"-version", "--version"}) {
    command_line x{flag};
    BOOST_TEST((x.code == exit_fine));
    BOOST_TEST(x.out.str() == "prog " INTD_VERSION "\n");
  }
}

BOOST_AUTO_TEST_CASE(the_nearest_word_is_found_if_any_is_near) {
  std::vector<std::string> words{"offset", "increment", "dsn"};
  BOOST_TEST(nearest("ofset", words) == "offset");
  BOOST_TEST(nearest("incremental", words) == "increment");
  BOOST_TEST(nearest("dns", words) == "dsn");
  BOOST_TEST(nearest("nds", words) == "");
  BOOST_TEST(nearest("dsnn", words) == "dsn");
  BOOST_TEST(nearest("dsn", words) == "dsn");
  BOOST_TEST(nearest("", words) == "");
  BOOST_TEST(nearest("x", {}) == "");
}
