#include "cli/cluster_view.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

using namespace intd;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

// What a node of this release answers, as docs/operations.md tells it.
json answer() {
  return json::parse(R"({"nodes":[
 {"id":"0123456789abcdef","name":"n1","cluster":"c","boot":"b1",
  "version":"0.1.0","address":"10.0.0.1:7070","alive":true,"reason":"",
  "silent_ms":0,"draining":false,
  "stripes":[{"engine":"main","offset":1,"increment":2,"epoch":3,
    "store":"s","shared":false,"healthy":true,"reason":"","given":41,
    "keys":[{"key":"a","last":7},{"key":"b","last":5},
            {"key":"c","last":7},{"key":"d","last":9}],"keys_left_out":2}],
  "spares":[{"to":"","request":"","offset":4,"increment":4,"epoch":1}],
  "gifts":[{"to":"id3","request":"r","offset":2,"increment":4,
    "epoch":2}],
  "peers":["10.0.0.2:7070"]},
 {"id":"fedcba987654","name":"","cluster":"c","boot":"b2","version":"",
  "address":"","alive":false,"reason":"overlaps \u001b[31m1 mod 2 of n1",
  "silent_ms":12345,"draining":false,
  "stripes":[{"engine":"x","offset":0,"increment":0,"epoch":0,"store":"",
    "shared":false,"healthy":false,"reason":"store gone","given":0,
    "keys":[],"keys_left_out":0}],
  "spares":[],"gifts":[],"peers":[]}]})");
}

cluster_view view_of(const json& x) {
  auto view = parse_cluster(x.dump());
  BOOST_TEST_REQUIRE(view.has_value());
  return *view;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_table_shows_nodes_stripes_and_what_is_wrong) {
  BOOST_TEST(lay_out(view_of(answer()), nullptr, {}) ==
             R"(NODE      STATE          VERSION  ADDRESS        ID
n1        up             0.1.0    10.0.0.1:7070  0123456789abcdef
fedcba98  silent 12.3 s  -        -              fedcba987654

NODE      ENGINE  STRIPE   EPOCH  HEALTH       GIVEN  PER S  LAST
n1        main    1 mod 2  3      ok           41     -      a 7, b 5 and 4 more
n1        -       4 mod 4  1      spare        -      -      -
n1        -       2 mod 4  2      gift to id3  -      -      -
fedcba98  x       none     0      not ok       0      -      -

fedcba98: overlaps  [31m1 mod 2 of n1
fedcba98 x: store gone
)");
}

BOOST_AUTO_TEST_CASE(a_node_drains_or_was_never_heard) {
  auto x = answer();
  x["nodes"][0]["draining"] = true;
  x["nodes"][1]["silent_ms"] = -1;
  auto text = lay_out(view_of(x), nullptr, {});
  BOOST_TEST(text.find("n1        draining") != std::string::npos, text);
  BOOST_TEST(text.find("never heard") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_rate_comes_from_two_readings_of_one_process) {
  auto before = view_of(answer());
  auto later = answer();
  later["nodes"][0]["stripes"][0]["given"] = 141;
  auto now = view_of(later);
  auto rate = [&before](const cluster_view& x, std::chrono::nanoseconds apart) {
    return rate_of(x.nodes[0], x.nodes[0].stripes[0], &before, apart);
  };
  BOOST_TEST(rate(now, 2s) == "50.0");
  BOOST_TEST(rate(before, 2s) == "0.0");
  BOOST_TEST(rate(now, 0s) == "-");
  BOOST_TEST(rate_of(now.nodes[0], now.nodes[0].stripes[0], nullptr, 2s)
             == "-");
  // Started again in between, and has given more since.
  later["nodes"][0]["boot"] = "b3";
  BOOST_TEST(rate(view_of(later), 2s) == "-");
  // Another node, another engine.
  later = answer();
  later["nodes"][0]["id"] = "other";
  BOOST_TEST(rate(view_of(later), 2s) == "-");
  later = answer();
  later["nodes"][0]["stripes"][0]["engine"] = "other";
  BOOST_TEST(rate(view_of(later), 2s) == "-");
  later = answer();
  later["nodes"][0]["stripes"][0]["given"] = 40;
  BOOST_TEST(rate(view_of(later), 2s) == "-");
}

BOOST_AUTO_TEST_CASE(a_node_may_know_more_than_this_release) {
  auto x = answer();
  x["more"] = 1;
  x["nodes"][0]["load"] = {1, 2, 3};
  x["nodes"][0]["stripes"][0]["colour"] = "red";
  BOOST_TEST(parse_cluster(x.dump()).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_no_state_of_a_cluster_is_none) {
  for (const auto* text : {"", "7", "[]", "{}", "{\"nodes\":{}}",
                           "{\"nodes\":[7]}", "{\"nodes\":[{}]}", "<html>"})
    BOOST_TEST(!parse_cluster(text).has_value(), text);
  auto x = answer();
  x["nodes"][0]["stripes"][0]["given"] = "many";
  BOOST_TEST(!parse_cluster(x.dump()).has_value());
  x = answer();
  x["nodes"][1].erase("boot");
  BOOST_TEST(!parse_cluster(x.dump()).has_value());
  BOOST_TEST(parse_cluster("{\"nodes\":[]}").has_value());
}
