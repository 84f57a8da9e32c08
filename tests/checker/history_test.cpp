#include "tests/checker/history.hpp"

#include "tests/checker/checker.hpp"
#include "tests/checker/good_history.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace intd::checker;

namespace {

std::string text_of(const history& x) {
  std::ostringstream out;
  write(out, x);
  return out.str();
}

std::string problem_of(const std::string& text) {
  std::istringstream in{text};
  std::string problem;
  BOOST_TEST(!read(in, problem).has_value());
  return problem;
}

} // namespace

BOOST_AUTO_TEST_SUITE(history_test)

BOOST_AUTO_TEST_CASE(a_history_survives_writing_and_reading) {
  auto before = good_history(7);
  std::istringstream in{text_of(before)};
  std::string problem;
  auto after = read(in, problem);
  BOOST_REQUIRE_MESSAGE(after.has_value(), problem);
  BOOST_TEST(text_of(*after) == text_of(before));
  BOOST_TEST(after->calls.size() == before.calls.size());
  BOOST_TEST(after->promised.minimum.size() == 6u);
}

BOOST_AUTO_TEST_CASE(any_bytes_survive_writing_and_reading) {
  history before;
  call c;
  c.client = std::string{"a b=c,d%e\n\0\xff@/", 14};
  c.values = {"1,2", " 3", "4\n"};
  before.calls.push_back(c);
  std::istringstream in{text_of(before)};
  std::string problem;
  auto after = read(in, problem);
  BOOST_REQUIRE_MESSAGE(after.has_value(), problem);
  BOOST_TEST(after->calls.at(0).client == c.client);
  BOOST_TEST(after->calls.at(0).values == c.values);
}

BOOST_AUTO_TEST_CASE(a_record_may_go_on_in_lines_that_begin_with_a_space) {
  std::istringstream in{"# text\ncall client=a\n   key=k\n \n  node=n\n"};
  std::string problem;
  auto x = read(in, problem);
  BOOST_REQUIRE_MESSAGE(x.has_value(), problem);
  BOOST_TEST(x->calls.at(0).key == "k");
  BOOST_TEST(x->calls.at(0).node == "n");
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_record_is_named) {
  BOOST_TEST(problem_of("# fine\nnonsense a=1\n")
             == "line 2: unknown record: nonsense");
  BOOST_TEST(problem_of("call clint=x\n") == "line 1: unknown field: clint");
  BOOST_TEST(problem_of("call count=1x\n") == "line 1: not a number: 1x");
  BOOST_TEST(problem_of("call count\n") == "line 1: not name=value: count");
  BOOST_TEST(problem_of("call result=fine\n") == "line 1: unknown word: fine");
  BOOST_TEST(problem_of("call client=%4\n")
             == "line 1: a % that no two hexadecimal digits follow");
  BOOST_TEST(problem_of("bound stripe=1\n")
             == "line 1: not offset/increment@base: 1");
}

// Each file's name begins with the invariant it violates: name-what.history.
BOOST_AUTO_TEST_CASE(every_stored_history_is_refused) {
  size_t files = 0;
  for (auto& entry : std::filesystem::directory_iterator(INTD_HISTORIES)) {
    auto name = entry.path().stem().string();
    BOOST_TEST_CONTEXT(name) {
      std::ifstream in{entry.path()};
      std::string problem;
      auto stored = read(in, problem);
      BOOST_REQUIRE_MESSAGE(stored.has_value(), problem);
      auto found = check(*stored);
      BOOST_TEST((found.verdict == verdict::invalid));
      BOOST_TEST(found.found.contains(name.substr(0, name.find('-'))),
                 to_string(found));
      ++files;
    }
  }
  BOOST_TEST(files >= 4u);
}

BOOST_AUTO_TEST_SUITE_END()
