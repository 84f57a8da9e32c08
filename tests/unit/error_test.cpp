#include "engines/error.hpp"

#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace intd;

namespace {

constexpr int known = static_cast<int>(ec::draining) + 1;

} // namespace

BOOST_AUTO_TEST_CASE(each_code_has_a_name_and_a_sentence_of_its_own) {
  std::set<std::string_view> names, sentences;
  for (int i = 0; i < known; ++i) {
    const auto code = static_cast<ec>(i);
    BOOST_TEST(to_string(code) != "unknown");
    BOOST_TEST(describe(code).ends_with('.'));
    names.insert(to_string(code));
    sentences.insert(describe(code));
  }
  BOOST_TEST(names.size() == known);
  BOOST_TEST(sentences.size() == known);
}

BOOST_AUTO_TEST_CASE(a_code_of_a_later_release_is_still_shown) {
  BOOST_TEST(to_string(static_cast<ec>(250)) == "unknown");
  BOOST_TEST(!describe(static_cast<ec>(250)).empty());
  BOOST_TEST(!is_fatal(static_cast<ec>(250)));
}

BOOST_AUTO_TEST_CASE(codes_keep_their_numbers_since_they_cross_the_wire) {
  BOOST_TEST(static_cast<int>(ec::none) == 0);
  BOOST_TEST(static_cast<int>(ec::invalid_key) == 1);
  BOOST_TEST(static_cast<int>(ec::invalid_stripe) == 2);
  BOOST_TEST(static_cast<int>(ec::invalid_count) == 3);
  BOOST_TEST(static_cast<int>(ec::invalid_dsn) == 4);
  BOOST_TEST(static_cast<int>(ec::unknown_engine) == 5);
  BOOST_TEST(static_cast<int>(ec::exhausted) == 6);
  BOOST_TEST(static_cast<int>(ec::too_small) == 7);
  BOOST_TEST(static_cast<int>(ec::unavailable) == 8);
  BOOST_TEST(static_cast<int>(ec::timeout) == 9);
  BOOST_TEST(static_cast<int>(ec::in_use) == 10);
  BOOST_TEST(static_cast<int>(ec::corrupt) == 11);
  BOOST_TEST(static_cast<int>(ec::wrong_owner) == 12);
  BOOST_TEST(static_cast<int>(ec::overloaded) == 13);
  BOOST_TEST(static_cast<int>(ec::draining) == 14);
}

BOOST_AUTO_TEST_CASE(what_leaves_the_store_in_doubt_is_fatal_and_no_more) {
  const std::set<ec> fatal{ec::unavailable, ec::timeout, ec::in_use,
                           ec::corrupt, ec::wrong_owner};
  for (int i = 0; i < known; ++i)
    BOOST_TEST(is_fatal(static_cast<ec>(i))
               == fatal.contains(static_cast<ec>(i)));
}

BOOST_AUTO_TEST_CASE(an_error_is_shown_as_its_code_and_context) {
  BOOST_TEST(to_string(error{ec::too_small, "3 is below 4"})
             == "too_small: 3 is below 4");
  BOOST_TEST(to_string(error{ec::timeout, ""}) == "timeout");
  const result<int> failed = fail(ec::corrupt, "x");
  BOOST_TEST((failed.error() == error{ec::corrupt, "x"}));
}
