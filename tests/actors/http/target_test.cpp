#include "actors/http/target.hpp"

#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace intd::http;

namespace {

using parameters = std::vector<parameter>;

// What some bytes are as a query, with every one of them escaped.
std::string escaped(const std::string& bytes) {
  constexpr std::string_view hex = "0123456789aBcDeF";
  std::string text;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    ((text += '%') += hex[byte >> 4]) += hex[byte & 15];
  }
  return text;
}

std::string random_text(std::mt19937_64& random, std::string_view of) {
  std::string text(random() % 30, '\0');
  std::ranges::generate(text, [&random, of] {
    return of[random() % of.size()];
  });
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(escapes_are_undone) {
  BOOST_TEST(unescape("").value() == "");
  BOOST_TEST(unescape("abc+").value() == "abc+");
  BOOST_TEST(unescape("%61b%63").value() == "abc");
  BOOST_TEST(unescape("%2F%2f%25").value() == "//%");
  BOOST_TEST(unescape("%00").value() == std::string(1, '\0'));
  for (const auto* broken :
       {"%", "%4", "a%", "%zz", "%4g", "%-1", "%+1", "% 1", "%0x41%", "%%41"})
    BOOST_TEST(!unescape(broken), broken);
}

BOOST_AUTO_TEST_CASE(a_query_is_cut_at_its_ampersands) {
  BOOST_TEST((split_query("").value() == parameters{}));
  BOOST_TEST((split_query("a=1").value() == parameters{{"a", "1"}}));
  BOOST_TEST((split_query("a=1&b=2&a=3").value()
              == parameters{{"a", "1"}, {"b", "2"}, {"a", "3"}}));
  BOOST_TEST((split_query("&&a=1&").value() == parameters{{"a", "1"}}));
  BOOST_TEST((split_query("a").value() == parameters{{"a", ""}}));
  BOOST_TEST((split_query("a=").value() == parameters{{"a", ""}}));
  BOOST_TEST((split_query("=").value() == parameters{{"", ""}}));
  BOOST_TEST((split_query("a=b=c").value() == parameters{{"a", "b=c"}}));
  BOOST_TEST((split_query("?=?").value() == parameters{{"?", "?"}}));
}

BOOST_AUTO_TEST_CASE(escapes_are_undone_after_a_query_is_cut) {
  BOOST_TEST((split_query("%26=%3D&c%6funt=%31").value()
              == parameters{{"&", "="}, {"count", "1"}}));
  BOOST_TEST(!split_query("a=1&b=%"));
  BOOST_TEST(!split_query("%x=1"));
}

BOOST_AUTO_TEST_CASE(any_bytes_survive_being_escaped) {
  auto random = intd::test::seeded();
  std::string all(256, '\0');
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<char>(i);
  for (int i = 0; i < 10'000; ++i) {
    auto name = random_text(random, all);
    auto value = random_text(random, all);
    BOOST_TEST((unescape(escaped(name)) == name));
    auto query = escaped(name) + "=" + escaped(value);
    BOOST_TEST((split_query(query).value() == parameters{{name, value}}));
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_cut_into_no_more_than_they_hold) {
  auto random = intd::test::seeded();
  for (int i = 0; i < 100'000; ++i) {
    auto query = random_text(random, "a1&=%%%4fF\xff\x01?/");
    auto found = split_query(query);
    if (!found)
      continue;
    auto pairs = std::ranges::count(query, '&') + 1;
    BOOST_TEST(static_cast<ptrdiff_t>(found->size()) <= pairs);
    size_t bytes = 0;
    for (const auto& x : *found)
      bytes += x.name.size() + x.value.size();
    BOOST_TEST(bytes <= query.size());
  }
}
