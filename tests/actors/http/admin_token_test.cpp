#include "actors/http/admin_token.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace intd::http;

BOOST_AUTO_TEST_CASE(secrets_are_the_same_only_where_they_are) {
  BOOST_TEST(is_secret("abc", "abc"));
  BOOST_TEST(!is_secret("", "abc"));
  BOOST_TEST(!is_secret("ab", "abc"));
  BOOST_TEST(!is_secret("abcabc", "abc"));
  BOOST_TEST(!is_secret("abd", "abc"));
  BOOST_TEST(!is_secret("xbc", "abc"));
}

BOOST_AUTO_TEST_CASE(who_is_refused_is_told_what_for_and_what_to_do) {
  auto off = authorize("Bearer x", "", "raising");
  BOOST_TEST_REQUIRE(!off.has_value());
  BOOST_TEST(off.error().what.code == 403);
  BOOST_TEST(off.error().detail.starts_with("raising is off: "));
  BOOST_TEST(off.error().detail.find("INTD_ADMIN_TOKEN") != std::string::npos);
  auto wrong = authorize("Bearer x", "y", "raising");
  BOOST_TEST_REQUIRE(!wrong.has_value());
  BOOST_TEST(wrong.error().what.code == 401);
  BOOST_TEST(wrong.error().detail.starts_with("raising needs "));
  BOOST_TEST(authorize("Bearer y", "y", "raising").has_value());
}
