#include "actors/http/report.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::http;
using json = nlohmann::json;

namespace {

constexpr manner kept{true, true, false};

// Two nodes; what the second one claims is refused.
cluster_status two_nodes() {
  held_stripe first;
  first.engine = "main";
  first.stripe = {1, 2};
  first.epoch = 3;
  first.store = "s1";
  first.healthy = true;
  first.given = 41;
  first.marks = {{"orders", 81, 100}, {"a", max_integer, max_integer}};
  held_stripe spare;
  spare.stripe = {4, 4};
  node_status one;
  one.report.id = "id1";
  one.report.name = "n1";
  one.report.cluster = "c";
  one.report.boot = "b1";
  one.report.version = "9";
  one.report.address = "10.0.0.1:7070";
  one.report.stripes = {first, spare};
  one.report.gifts = {{"r", "id3", {2, 4}, 2, {}}};
  one.report.peers = {"10.0.0.2:7070"};
  one.alive = true;
  one.silent_ms = 0;
  held_stripe second;
  second.engine = "other";
  second.stripe = {3, 4};
  second.reason = "overlaps 1 mod 2 of n1";
  node_status two;
  two.report.id = "id2";
  two.report.name = "n2";
  two.report.stripes = {second};
  two.reason = "silent for 12 s";
  two.silent_ms = 12'000;
  return {{one, two}};
}

template <class Append>
std::pair<int, json> told(Append append, const site_report& now) {
  std::string out;
  append(out, now, kept);
  BOOST_TEST(out.find("\r\nContent-Type: application/json\r\n")
             != std::string::npos);
  return {std::stoi(out.substr(9, 3)),
          json::parse(out.substr(out.find("\r\n\r\n") + 4))};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_node_is_ready_while_any_stripe_is) {
  site_report now{{{{"a", {1, 2}, false, "gone"}, {"b", {2, 2}, true, ""}}},
                  {}};
  auto [status, body] = told(append_ready, now);
  BOOST_TEST(status == 200);
  BOOST_TEST(body == json::parse(R"({"ready":true,"draining":false,"stripes":[
  {"name":"a","offset":1,"increment":2,"healthy":false,"reason":"gone"},
  {"name":"b","offset":2,"increment":2,"healthy":true}]})"));
  now.router.stripes[1].healthy = false;
  std::tie(status, body) = told(append_ready, now);
  BOOST_TEST(status == 503);
  BOOST_TEST(!body.at("ready").get<bool>());
  now.router.stripes.clear();
  BOOST_TEST(told(append_ready, now).first == 503);
}

BOOST_AUTO_TEST_CASE(
  a_draining_node_is_not_ready_a_draining_peer_is_no_matter) {
  site_report now{{{{"main", {1, 2}, true, ""}}}, two_nodes()};
  BOOST_TEST(told(append_ready, now).first == 200);
  now.cluster->nodes[1].report.draining = true;
  BOOST_TEST(told(append_ready, now).first == 200);
  now.cluster->nodes[0].report.draining = true;
  auto [status, body] = told(append_ready, now);
  BOOST_TEST(status == 503);
  BOOST_TEST(body.at("draining").get<bool>());
}

BOOST_AUTO_TEST_CASE(who_is_not_ready_names_both_nodes_and_both_stripes) {
  site_report now{{{{"other", {3, 4}, false, "refused"}}}, two_nodes()};
  auto [status, body] = told(append_ready, now);
  BOOST_TEST(status == 503);
  BOOST_TEST(body.at("stripes")[0].at("reason") == "refused");
  BOOST_TEST(body.at("nodes")[1]
             == json::parse(R"({"id":"id2","name":"n2","alive":false,
  "reason":"silent for 12 s","stripes":[{"engine":"other","offset":3,
  "increment":4,"healthy":false,"reason":"overlaps 1 mod 2 of n1"}]})"));
  BOOST_TEST(body.at("nodes")[0].at("name") == "n1");
  BOOST_TEST(body.at("nodes")[0].at("stripes")[0].at("increment") == 2);
}

// The names are an API: whoever changes one changes docs/operations.md too.
BOOST_AUTO_TEST_CASE(the_cluster_is_told_with_all_that_operators_need) {
  auto [status, body] = told(append_cluster, {{}, two_nodes()});
  BOOST_TEST(status == 200);
  BOOST_TEST(body.at("nodes").size() == 2u);
  BOOST_TEST(body.at("nodes")[0]
             == json::parse(R"({"id":"id1","name":"n1","cluster":"c",
  "boot":"b1","version":"9","address":"10.0.0.1:7070","alive":true,
  "reason":"","silent_ms":0,"draining":false,
  "stripes":[{"engine":"main","offset":1,"increment":2,"epoch":3,
    "store":"s1","shared":false,"healthy":true,"reason":"","given":41,
    "keys":[{"key":"a","last":9223372036854775807},
            {"key":"orders","last":81}],"keys_left_out":0}],
  "spares":[{"to":"","request":"","offset":4,"increment":4,"epoch":0}],
  "gifts":[{"to":"id3","request":"r","offset":2,"increment":4,"epoch":2}],
  "peers":["10.0.0.2:7070"]})"));
  BOOST_TEST(body.at("nodes")[1].at("silent_ms") == 12'000);
}

BOOST_AUTO_TEST_CASE(a_node_without_a_cluster_tells_its_own_stripes) {
  site_report now{{{{"main", {1, 2}, false, "gone"}}}, {}};
  auto body = told(append_cluster, now).second;
  BOOST_TEST_REQUIRE(body.at("nodes").size() == 1u);
  const auto& self = body.at("nodes")[0];
  BOOST_TEST(self.at("alive").get<bool>());
  BOOST_TEST(self.at("version") == INTD_VERSION);
  BOOST_TEST(self.at("id") == "");
  BOOST_TEST(self.at("stripes")[0].at("engine") == "main");
  BOOST_TEST(self.at("stripes")[0].at("reason") == "gone");
  BOOST_TEST(self.at("stripes")[0].at("increment") == 2);
}

BOOST_AUTO_TEST_CASE(many_keys_and_broken_text_are_told_within_bounds) {
  auto all = two_nodes();
  auto& stripe = all.nodes[0].report.stripes[0];
  stripe.marks.clear();
  for (int i = 999; i >= 100; --i)
    stripe.marks.push_back({"k" + std::to_string(i), i, i});
  stripe.reason = "\xff\"\n";
  auto told_stripe
    = told(append_cluster, {{}, all}).second.at("nodes")[0].at("stripes")[0];
  BOOST_TEST(told_stripe.at("keys").size() == keys_told_max);
  BOOST_TEST(told_stripe.at("keys")[0].at("key") == "k100");
  BOOST_TEST(told_stripe.at("keys_left_out") == 900 - keys_told_max);
}
