#include "actors/cluster/node_address.hpp"

#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace intd;
using namespace intd::test;

namespace {

void reads(const std::string& text, const node_address& expected) {
  auto found = must(parse_node_address(text));
  BOOST_TEST((found == expected), text);
  BOOST_TEST((must(parse_node_address(to_string(found))) == expected), text);
}

void refuses(const std::string& text) {
  auto found = parse_node_address(text);
  BOOST_TEST(code_of(found) == ec::invalid_dsn, text);
  BOOST_TEST(says(found, "expected host:port"), text);
}

} // namespace

BOOST_AUTO_TEST_CASE(every_spelling_is_read) {
  reads("n1.example:8082", {"n1.example", 8082});
  reads("10.0.0.1:1", {"10.0.0.1", 1});
  reads("[::1]:8082", {"::1", 8082});
  reads("[fe80::1%eth0]:8082", {"fe80::1%eth0", 8082});
  reads("localhost:65535", {"localhost", 65'535});
  reads("localhost:0", {"localhost", 0});
}

BOOST_AUTO_TEST_CASE(a_port_alone_is_of_this_machine) {
  reads("8082", {"127.0.0.1", 8082});
  reads(":8082", {"127.0.0.1", 8082});
  reads("0", {"127.0.0.1", 0});
}

BOOST_AUTO_TEST_CASE(what_is_no_address_is_refused) {
  for (const auto* text :
       {"", ":", "localhost", "localhost:", "localhost:65536", "localhost:-1",
        "localhost:8 ", " 8", "+8", "::1", "::1:8082", "[]:8", "[::1]",
        "[localhost]:8", "a b:8", "http://a:8", "a/b:8", "user@a:8"})
    refuses(text);
  refuses(std::string(254, 'a') + ":8");
}
