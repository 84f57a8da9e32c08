#include "actors/http/admin.hpp"

#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace intd;
using namespace intd::http;
using boost::beast::http::verb;
using action = cluster_order::action;

namespace {

v1_message post(const std::string& path, const std::string& body,
                const std::string& authorization = "Bearer t") {
  return {verb::post, "/v1/cluster/" + path, {}, authorization, body};
}

cluster_order ordered(const v1_message& message) {
  BOOST_TEST_REQUIRE(is_cluster(message.target));
  auto read = read_admin(message, "t");
  BOOST_TEST_REQUIRE(read.has_value(), read.error().detail);
  BOOST_TEST_REQUIRE(read->has_value());
  return **read;
}

problem refused(const v1_message& message, int status,
                std::string_view token = "t") {
  BOOST_TEST_REQUIRE(is_cluster(message.target));
  auto read = read_admin(message, token);
  BOOST_TEST_REQUIRE(!read.has_value(), message.target << message.body);
  BOOST_TEST(read.error().what.code == status, message.target << message.body);
  return read.error();
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_sequence_named_cluster_has_its_own_targets) {
  for (const auto* target :
       {"/v1/cluster", "/v1/cluster?x", "http://a:1/v1/cluster",
        "/v1/cluster/join", "/v1/cluster/drain?x"})
    BOOST_TEST(is_cluster(target), target);
  for (const auto* target :
       {"/v1/cluster/next", "/v1/cluster/last", "/v1/cluster/", "/v1/clusters",
        "/v1/orders/join", "/v1/cluster/join/", "/v1/cluster/joinx", "/"})
    BOOST_TEST(!is_cluster(target), target);
}

BOOST_AUTO_TEST_CASE(the_state_needs_no_token) {
  for (auto method : {verb::get, verb::head}) {
    auto read = read_admin({method, "/v1/cluster", {}, {}, {}}, "");
    BOOST_TEST_REQUIRE(read.has_value());
    BOOST_TEST(!read->has_value());
  }
}

BOOST_AUTO_TEST_CASE(each_order_is_read_with_what_it_is_about) {
  using order = cluster_order;
  BOOST_TEST((ordered(post("join", R"({"address":"n2:7070"})"))
              == order{action::join, "n2:7070", {}, false}));
  BOOST_TEST((ordered(post("join",
                           R"( {"address": "[::1]:1"} )"
                           "\r\n"))
              == order{action::join, "[::1]:1", {}, false}));
  BOOST_TEST((ordered(post("waive", R"({"address":"10.0.0.1:65535"})"))
              == order{action::waive, "10.0.0.1:65535", {}, false}));
  BOOST_TEST((ordered(post("adopt", R"({"nodes":["n2","n3"],"above":9})"))
              == order{action::adopt, "", {"n2", "n3"}, false, 9}));
  BOOST_TEST((ordered(post("split", R"({"engine":"main"})"))
              == order{action::split, "main", {}, false}));
  BOOST_TEST(
    (ordered(post("split", "")) == order{action::split, "", {}, false}));
  BOOST_TEST((ordered(post("leave", R"({"to":"n2"})"))
              == order{action::leave, "n2", {}, false}));
  for (const auto* body : {"", " ", "{}", R"({"to":""})"})
    BOOST_TEST(
      (ordered(post("leave", body)) == order{action::leave, "", {}, false}));
  BOOST_TEST((ordered(post("drain", R"({"on":true})"))
              == order{action::drain, "", {}, true}));
  BOOST_TEST((ordered(post("drain", R"({"on":false})"))
              == order{action::drain, "", {}, false}));
}

BOOST_AUTO_TEST_CASE(an_order_needs_the_admin_token) {
  for (const auto* path :
       {"join", "leave", "split", "adopt", "waive", "drain"}) {
    // Who has no token learns nothing of the body.
    BOOST_TEST(refused(post(path, "x", ""), 401).fields
               == "WWW-Authenticate: Bearer\r\n");
    refused(post(path, "{}", "Bearer x"), 401);
    BOOST_TEST(has(refused(post(path, "{}"), 403, "").detail,
                   "changing the cluster is off"));
  }
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_understood_is_refused_with_what_is) {
  for (const auto* body :
       {"", "{}", "n2:7070", "[]", "null", R"({"adress":"n2:7070"})",
        R"({"address":7070})", R"({"address":""})", R"({"address":"n2"})",
        R"({"address":"n2:"})", R"({"address":":7070"})",
        R"({"address":"n2:0"})", R"({"address":"n2:65536"})",
        R"({"address":"n2:-1"})", R"({"address":"n 2:1"})",
        R"({"address":"n2:1","x":1})", R"({"address":"n2:1"}})", "\xff"})
    for (const auto* path : {"join", "waive"})
      BOOST_TEST(has(refused(post(path, body), 400).detail, "host:port"), body);
  for (const auto* body :
       {"", "{}", R"({"nodes":"n2","above":9})", R"({"nodes":[],"above":9})",
        R"({"nodes":[null],"above":9})", R"({"nodes":["n2",""],"above":9})",
        R"({"nodes":["a b"],"above":9})", R"({"node":"n2","above":9})"})
    BOOST_TEST(has(refused(post("adopt", body), 400).detail, "\"nodes\""),
               body);
  for (const auto* body : {"", "{}", R"({"on":1})", R"({"on":"true"})"})
    BOOST_TEST(has(refused(post("drain", body), 400).detail, "true or false"),
               body);
  for (const auto* body :
       {R"({"nodes":["n2"]})", R"({"nodes":["n2"],"above":-1})",
        R"({"nodes":["n2"],"above":"9"})", R"({"nodes":["n2"],"above":1.5})",
        R"({"nodes":["n2"],"above":9223372036854775808})",
        R"({"nodes":["n2"],"above":9,"more":1})", R"({"above":9,"to":"n2"})"})
    BOOST_TEST(has(refused(post("adopt", body), 400).detail, "\"above\""),
               body);
  refused(post("leave", R"({"node":"n2"})"), 400);
  refused(post("leave", R"({"to":1})"), 400);
  BOOST_TEST(has(
    refused(post("leave", std::string(v1_message::body_max, ' ')), 400).detail,
    "too long"));
}

BOOST_AUTO_TEST_CASE(other_methods_and_parameters_are_refused) {
  BOOST_TEST(refused({verb::post, "/v1/cluster", {}, {}, {}}, 405).fields
             == "Allow: GET, HEAD\r\n");
  for (auto method : {verb::get, verb::head, verb::put, verb::unknown})
    BOOST_TEST(refused({method, "/v1/cluster/join", {}, {}, {}}, 405).fields
               == "Allow: POST\r\n");
  refused({verb::get, "/v1/cluster?a=1", {}, {}, {}}, 400);
  refused(post("leave?to=n2", ""), 400);
}

BOOST_AUTO_TEST_CASE(random_bodies_are_read_or_refused) {
  auto random = intd::test::seeded();
  const std::vector<std::string> parts{
    "{",      "}",    "\"address\"", ":",    "\"n2:7070\"", ",",  "[",
    "\"on\"", "true", "\"to\"",      "null", "\xff",        "\\", "1e999"};
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string body = random() % 2 == 0 ? "{" : "";
    for (auto n = random() % 7; n > 0; --n)
      body += parts[random() % parts.size()];
    for (const auto* path : {"join", "leave", "drain"})
      if (auto read = read_admin(post(path, body), "t"))
        ++taken;
      else
        BOOST_TEST(!read.error().detail.empty());
  }
  BOOST_TEST(taken > 0);
}
