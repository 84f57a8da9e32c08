// The three places that hold defaults are one: node/defaults.hpp, the options
// of the actors, and configs/intd.toml.
#include "node/defaults.hpp"

#include "engines/guard/guard.hpp"
#include "node/config_file.hpp"
#include "node/config_keys.hpp"

#include <boost/test/unit_test.hpp>
#include <toml++/toml.h>

#include <fstream>
#include <string>
#include <vector>

using namespace intd;

namespace {

constexpr std::string_view other_values = R"(
    [[engine]]
    name = "a"
    engine = "memory"
    increment = 2
    [[engine]]
    name = "b"
    engine = "memory"
    offset = 2
    increment = 2
    prefetch = 7
    [node]
    key = "orders"
    spin_us = 5
    [actor]
    listen = "[::1]:8"
    [cluster]
    peers = ["n2:1"]
    ping_ms = 11
    suspect_ms = 12
    witness_ms = 13
    require_witness = true
    max_drift = 14
    [admin]
    token = "secret"
    [limits]
    count = 6
    connections = 1
    waiting = 2
    pipeline = 3
    header_bytes = 1024
    body_bytes = 5
    output_bytes = 2048
    [timeouts]
    request_ms = 1
    engine_ms = 2
    header_ms = 3
    idle_ms = 4
    write_ms = 5
    grace_ms = 100
    store_connect_ms = 6
    store_answer_ms = 7
    [router]
    strategy = "round-robin"
    set_aside_min_ms = 7
    set_aside_max_ms = 8
    [supervisor]
    backoff_min_ms = 9
    backoff_max_ms = 10
)";

std::vector<std::string> reference_lines() {
  std::ifstream file{INTD_CONFIG};
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  BOOST_TEST_REQUIRE(!lines.empty());
  return lines;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_reference_file_says_the_defaults) {
  auto loaded = load_config(INTD_CONFIG);
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST((*loaded == node_config{}));
  BOOST_TEST(loaded->engines.size() == 1);
  BOOST_TEST(loaded->listens.size() == 1);
}

BOOST_AUTO_TEST_CASE(the_reference_file_has_every_key) {
  auto root = toml::parse_file(INTD_CONFIG);
  for (const auto& section : config_sections())
    for (const auto& key : section.keys) {
      auto table
        = section.repeated() ? root[section.name][0] : root[section.name];
      BOOST_TEST(bool{table[key.name]}, section.name << "." << key.name);
    }
  // That it has no key besides is what loading it checks.
}

BOOST_AUTO_TEST_CASE(the_reference_file_explains_every_key) {
  bool explained = false;
  for (const auto& line : reference_lines()) {
    if (line.starts_with("#"))
      explained = true;
    else if (line.empty())
      explained = false;
    else if (!line.starts_with("["))
      BOOST_TEST(explained, line);
  }
}

BOOST_AUTO_TEST_CASE(front_ends_start_with_the_defaults) {
  front_end_options x;
  auto y = front_end_options_of({});
  BOOST_TEST(x.key == y.key);
  BOOST_TEST((x.header_timeout == y.header_timeout));
  BOOST_TEST((x.idle_timeout == y.idle_timeout));
  BOOST_TEST((x.write_timeout == y.write_timeout));
  BOOST_TEST(x.count_max == y.count_max);
  BOOST_TEST(x.admin_token == y.admin_token);
  BOOST_TEST(x.header_max == y.header_max);
  BOOST_TEST(x.body_max == y.body_max);
  BOOST_TEST(x.connections_max == y.connections_max);
  BOOST_TEST(x.waiting_max == y.waiting_max);
  BOOST_TEST(x.pipeline_max == y.pipeline_max);
  BOOST_TEST(x.output_max == y.output_max);
}

BOOST_AUTO_TEST_CASE(the_router_starts_with_the_defaults) {
  router_options x;
  auto y = router_options_of({});
  BOOST_TEST((x.strategy == y.strategy));
  BOOST_TEST((x.request_timeout == y.request_timeout));
  BOOST_TEST((x.engine_timeout == y.engine_timeout));
  BOOST_TEST((x.set_aside_min == y.set_aside_min));
  BOOST_TEST((x.set_aside_max == y.set_aside_max));
  BOOST_TEST(x.waiting_max == y.waiting_max);
}

BOOST_AUTO_TEST_CASE(supervisors_start_with_the_defaults) {
  supervisor_options x;
  auto y = supervisor_options_of({}, 0);
  BOOST_TEST(x.engine.name == y.engine.name);
  BOOST_TEST((x.engine.stripe == y.engine.stripe));
  BOOST_TEST(x.engine.waiting_max == y.engine.waiting_max);
  BOOST_TEST(x.engine.prefetch == y.engine.prefetch);
  BOOST_TEST(x.detached == y.detached);
  BOOST_TEST((x.backoff_min == y.backoff_min));
  BOOST_TEST((x.backoff_max == y.backoff_max));
  BOOST_TEST((x.drain_timeout == y.drain_timeout));
}

BOOST_AUTO_TEST_CASE(the_desk_starts_with_the_defaults) {
  desk_keeper_options x;
  node_config config;
  config.actor.listen = "8082";
  auto y = desk_keeper_options_of(config);
  BOOST_TEST_REQUIRE(y.has_value());
  BOOST_TEST(x.desk.count_max == y->desk.count_max);
  BOOST_TEST(x.desk.waiting_max == y->desk.waiting_max);
  BOOST_TEST((y->listen == node_address{"127.0.0.1", 8082}));
}

BOOST_AUTO_TEST_CASE(stores_are_talked_to_with_the_defaults) {
  store_options x;
  auto y = store_options_of({});
  BOOST_TEST((x.connect_timeout == y.connect_timeout));
  BOOST_TEST((x.answer_timeout == y.answer_timeout));
  BOOST_TEST(y.spin.count() == defaults::spin_us);
}

BOOST_AUTO_TEST_CASE(the_guard_starts_with_the_defaults) {
  guard_options x;
  BOOST_TEST(x.name == defaults::engine_name);
  BOOST_TEST(x.block == defaults::guard_block);
  BOOST_TEST((x.stripe == stripe_of(engine_section{})));
  BOOST_TEST(sequence{}.key == defaults::key);
}

BOOST_AUTO_TEST_CASE(other_values_reach_the_front_ends) {
  auto parsed = parse_config(other_values, "x");
  BOOST_TEST_REQUIRE(parsed.has_value());
  auto front = front_end_options_of(*parsed);
  BOOST_TEST(front.key == "orders");
  BOOST_TEST(front.count_max == 6);
  BOOST_TEST(front.admin_token == "secret");
  BOOST_TEST(front.connections_max == 1);
  BOOST_TEST(front.waiting_max == 2);
  BOOST_TEST(front.pipeline_max == 3);
  BOOST_TEST(front.header_max == 1024);
  BOOST_TEST(front.body_max == 5);
  BOOST_TEST(front.output_max == 2048);
  BOOST_TEST(front.header_timeout.count() == 3);
  BOOST_TEST(front.idle_timeout.count() == 4);
  BOOST_TEST(front.write_timeout.count() == 5);
}

BOOST_AUTO_TEST_CASE(the_cluster_starts_with_the_defaults) {
  cluster_options x;
  const auto y = cluster_options_of({});
  BOOST_TEST((x.ping_interval == y.ping_interval));
  BOOST_TEST((x.witness_timeout == y.witness_timeout));
  BOOST_TEST(x.require_witness == y.require_witness);
  BOOST_TEST(x.max_drift == y.max_drift);
  BOOST_TEST((x.members.suspect_after == y.members.suspect_after));
}

BOOST_AUTO_TEST_CASE(a_node_is_not_suspected_before_its_next_ping) {
  BOOST_TEST(
    !parse_config("[cluster]\nping_ms = 500\nsuspect_ms = 500\n", "x"));
  BOOST_TEST(!!parse_config("[cluster]\nping_ms = 500\n", "x"));
}

BOOST_AUTO_TEST_CASE(other_values_reach_the_cluster) {
  using std::chrono::milliseconds;
  auto parsed = parse_config(other_values, "x");
  BOOST_TEST_REQUIRE(parsed.has_value());
  const auto x = cluster_options_of(*parsed);
  BOOST_TEST((x.peers == std::vector<std::string>{"n2:1"}));
  BOOST_TEST((x.ping_interval == milliseconds{11}));
  BOOST_TEST((x.members.suspect_after == milliseconds{12}));
  BOOST_TEST((x.witness_timeout == milliseconds{13}));
  BOOST_TEST(x.require_witness);
  BOOST_TEST(x.max_drift == 14);
  const auto terms = ownership_options_of(*parsed);
  BOOST_TEST(!terms.first);
  BOOST_TEST_REQUIRE(terms.engines.size() == 2U);
  BOOST_TEST((terms.engines[1].fixed == stripe{2, 2}));
  BOOST_TEST(terms.engines[1].splits);
}

BOOST_AUTO_TEST_CASE(engines_that_join_need_no_stripe) {
  const auto parsed
    = parse_config("[actor]\nlisten = \"1\"\n[cluster]\npeers = [\"2\"]\n"
                   "[[engine]]\nname = \"a\"\nengine = \"memory\"\n"
                   "[[engine]]\nname = \"b\"\nengine = \"memory\"\n",
                   "x");
  BOOST_TEST_REQUIRE(parsed.has_value());
  for (const auto& x : ownership_options_of(*parsed).engines)
    BOOST_TEST(!x.fixed.has_value());
}

BOOST_AUTO_TEST_CASE(other_values_reach_the_desk) {
  auto parsed = parse_config(other_values, "x");
  BOOST_TEST_REQUIRE(parsed.has_value());
  auto desk = desk_keeper_options_of(*parsed);
  BOOST_TEST_REQUIRE(desk.has_value());
  BOOST_TEST((desk->listen == node_address{"::1", 8}));
  BOOST_TEST(desk->desk.count_max == 6);
  BOOST_TEST(desk->desk.waiting_max == 2);
}

BOOST_AUTO_TEST_CASE(other_values_reach_router_and_supervisors) {
  auto parsed = parse_config(other_values, "x");
  BOOST_TEST_REQUIRE(parsed.has_value());
  auto routes = router_options_of(*parsed);
  BOOST_TEST((routes.strategy == strategy::round_robin));
  BOOST_TEST(routes.request_timeout.count() == 1);
  BOOST_TEST(routes.engine_timeout.count() == 2);
  BOOST_TEST(routes.set_aside_min.count() == 7);
  BOOST_TEST(routes.set_aside_max.count() == 8);
  BOOST_TEST(routes.waiting_max == 2);
  BOOST_TEST_REQUIRE(routes.stripes.size() == 2);
  BOOST_TEST(routes.stripes[1].name == "b");
  BOOST_TEST((routes.stripes[1].stripe == stripe{2, 2}));
  auto second = supervisor_options_of(*parsed, 1);
  BOOST_TEST(second.engine.name == "b");
  BOOST_TEST((second.engine.stripe == stripe{2, 2}));
  BOOST_TEST(second.engine.waiting_max == 2);
  BOOST_TEST(second.engine.prefetch == 7);
  BOOST_TEST(second.engine.spin.count() == 5);
  auto store = store_options_of(*parsed);
  BOOST_TEST(store.connect_timeout.count() == 6);
  BOOST_TEST(store.answer_timeout.count() == 7);
  BOOST_TEST(store.spin.count() == 5);
  BOOST_TEST(second.backoff_min.count() == 9);
  BOOST_TEST(second.backoff_max.count() == 10);
  BOOST_TEST(second.drain_timeout.count() == 80);
}
