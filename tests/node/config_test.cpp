#include "node/config_file.hpp"

#include "node/config_keys.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>
#include <vector>

using namespace intd;

namespace {

constexpr std::string_view every_key = R"(
    [node]
    name = "n1"
    cluster = "c"
    state_dir = "/var/x"
    state_pool = false
    key = "orders"
    spin_us = 5
    [[engine]]
    name = "odd"
    engine = "memory"
    offset = 1
    increment = 2
    guard = false
    guard_block = 7
    [[engine]]
    name = "even"
    dsn = "sqlite:///x.db"
    offset = 2
    increment = 2
    shared = false
    prefetch = 8
    [[listen]]
    protocol = "tcp"
    host = "::1"
    port = 0
    [actor]
    listen = "10.0.0.1:8082"
    address = "n1:8082"
    [cluster]
    peers = ["n2:8082", "n3:8082"]
    bootstrap = true
    ping_ms = 14
    suspect_ms = 15
    witness_ms = 16
    require_witness = true
    max_drift = 17
    [admin]
    token = "t0ken=="
    [limits]
    count = 8
    connections = 1
    waiting = 2
    pipeline = 3
    header_bytes = 1024
    body_bytes = 0
    output_bytes = 2048
    [timeouts]
    request_ms = 1
    engine_ms = 2
    store_connect_ms = 12
    store_answer_ms = 13
    header_ms = 3
    idle_ms = 4
    write_ms = 5
    grace_ms = 6
    [router]
    strategy = "round-robin"
    set_aside_min_ms = 7
    set_aside_max_ms = 8
    [supervisor]
    backoff_min_ms = 9
    backoff_max_ms = 10
    [log]
    level = "debug"
    format = "json"
    [scheduler]
    threads = 3
)";

std::vector<std::string> errors_in(std::string_view text) {
  auto parsed = parse_config(text, "x.toml");
  std::vector<std::string> found;
  if (!parsed)
    for (const auto& x : parsed.error())
      found.push_back(to_string(x));
  return found;
}

// The file has this one error.
void refused(std::string_view text, const std::string& expected) {
  auto found = errors_in(text);
  BOOST_TEST_REQUIRE(found.size() == 1, text << " has other errors");
  BOOST_TEST(found[0] == "x.toml:" + expected);
}

node_config accepted(std::string_view text) {
  for (const auto& found : errors_in(text))
    BOOST_FAIL(found);
  return *parse_config(text, "x.toml");
}

std::string header_of(const config_section& section) {
  return section.repeated() ? "[[" + section.name + "]]"
                            : "[" + section.name + "]";
}

} // namespace

BOOST_AUTO_TEST_CASE(what_a_file_leaves_out_keeps_its_default) {
  BOOST_TEST((accepted("") == node_config{}));
  BOOST_TEST((accepted("[log]\n[[engine]]\n[[listen]]\n") == node_config{}));
}

BOOST_AUTO_TEST_CASE(each_value_goes_where_it_belongs) {
  using std::chrono::milliseconds;
  node_config y;
  y.node = {"n1", "c", "/var/x", false, "orders", 5};
  y.engines
    = {{"odd", "memory", "", 1, 2, false, 7},
       {"even", "sqlite", "sqlite:///x.db", 2, 2, true, 10'000, false, 8}};
  y.listens = {{"tcp", "::1", 0}};
  y.actor = {"10.0.0.1:8082", "n1:8082"};
  y.cluster = {{"n2:8082", "n3:8082"},
               true,
               milliseconds{14},
               milliseconds{15},
               milliseconds{16},
               true,
               17};
  y.admin = {"t0ken=="};
  y.limits = {8, 1, 2, 3, 1024, 0, 2048};
  y.timeouts
    = {milliseconds{1}, milliseconds{2}, milliseconds{12}, milliseconds{13},
       milliseconds{3}, milliseconds{4}, milliseconds{5},  milliseconds{6}};
  y.router = {"round-robin", milliseconds{7}, milliseconds{8}};
  y.supervisor = {milliseconds{9}, milliseconds{10}};
  y.log = {"debug", "json"};
  y.scheduler = {3};
  BOOST_TEST((accepted(every_key) == y));
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_an_error_with_a_suggestion) {
  refused("\n[loging]\n",
          "2:2: unknown section \"loging\"; expected one of "
          "node, engine, listen, actor, cluster, admin, limits, timeouts, "
          "router, supervisor, log, scheduler");
  refused("[limit]\n",
          "1:2: unknown section \"limit\"; did you mean "
          "\"limits\"?");
  refused("[log]\n  verbose = true\n",
          "2:3: unknown key \"verbose\" in [log]; expected one of level, "
          "format");
  refused("[log]\nlevl = \"info\"\n",
          "2:1: unknown key \"levl\" in [log]; did you mean \"level\"?");
  refused("[[engine]]\noffst = 1\n",
          "2:1: unknown key \"offst\" in [engine]; did you mean \"offset\"?");
  refused("key = 1\n",
          "1:1: unknown section \"key\"; expected one of node, "
          "engine, listen, actor, cluster, admin, limits, timeouts, router, "
          "supervisor, log, scheduler");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_an_error) {
  refused("[limits]\nwaiting = \"many\"\n",
          "2:11: limits.waiting: found the string 'many'; expected an integer "
          "from 1 to 100000000");
  refused("[limits]\nwaiting = 1.5\n",
          "2:11: limits.waiting: found 1.5; expected an integer from 1 to "
          "100000000");
  refused("[log]\nlevel = 3\n",
          "2:9: log.level: found the integer 3; expected "
          "\"debug\" or \"info\" or \"warn\" or \"error\"");
  refused("[[engine]]\nguard = 1\n",
          "2:9: engine[0].guard: found the integer "
          "1; expected true or false");
  refused("[node]\nkey = [\"a\"]\n",
          "2:7: node.key: found an array; expected a key: "
          "[A-Za-z_][A-Za-z0-9_]{0,63}");
  refused("[log.level]\n",
          "1:1: log.level: found a table; expected \"debug\" "
          "or \"info\" or \"warn\" or \"error\"");
}

BOOST_AUTO_TEST_CASE(a_section_of_another_shape_is_an_error) {
  refused("[engine]\n",
          "1:2: engine: found a table; expected an array of "
          "tables: [[engine]]");
  refused("engine = []\n",
          "1:1: engine: found an array; expected an array of tables: "
          "[[engine]]");
  refused("[[log]]\n",
          "1:3: log: found an array of tables; expected a table: [log]");
  refused("log = 1\n",
          "1:1: log: found the integer 1; expected a table: [log]");
}

BOOST_AUTO_TEST_CASE(a_value_out_of_range_is_an_error) {
  refused("[[listen]]\nport = 65536\n",
          "2:8: listen[0].port: found the integer 65536; expected an integer "
          "from 0 to 65535");
  refused("[timeouts]\ngrace_ms = 0\n",
          "2:12: timeouts.grace_ms: found the integer 0; expected "
          "milliseconds, an integer from 1 to 3600000");
  refused("[[engine]]\noffset = -1\n",
          "2:10: engine[0].offset: found the integer -1; expected an integer "
          "from 0 to 9223372036854775807");
}

BOOST_AUTO_TEST_CASE(a_text_that_cannot_be_meant_is_an_error) {
  refused("[[listen]]\nhost = \"localhost:80\"\n",
          "2:8: listen[0].host: found the string 'localhost:80'; expected a "
          "host name or an address, without a port");
  refused("[[listen]]\nprotocol = \"htp\"\n",
          "2:12: listen[0].protocol: found the string 'htp'; expected \"http\" "
          "or \"tcp\"");
  refused("[node]\nkey = \"1a\"\n",
          "2:7: node.key: found the string '1a'; expected a key: "
          "[A-Za-z_][A-Za-z0-9_]{0,63}");
  refused("[node]\nspin_us = 1001\n",
          "2:11: node.spin_us: found the integer 1001; expected an integer "
          "from 0 to 1000");
  refused("[node]\nstate_dir = \"~/x\"\n",
          "2:13: node.state_dir: found the string '~/x'; expected a path; ~ is "
          "for shells");
  refused("[[engine]]\nname = \"a/b\"\n",
          "2:8: engine[0].name: found the string 'a/b'; expected 1 to 64 "
          "letters, digits, - or _");
  refused("[[engine]]\nengine = \"sqlit\"\n",
          "2:10: engine[0].engine: found the string 'sqlit'; expected "
          "\"memory\" or \"sqlite\" or \"mysql\" or \"redis\" or "
          "\"rqlite\" or \"summitdb\" or \"http\"");
}

BOOST_AUTO_TEST_CASE(a_token_is_not_shown_even_where_it_is_wrong) {
  refused("[admin]\ntoken = \"se cret\"\n",
          "2:9: admin.token: found a text that is not shown; expected letters, "
          "digits and - . _ ~ + / =");
  for (const auto* token : {"", "a", "A-z.0_9~+/==", "0"})
    BOOST_TEST(valid_token(token), token);
  for (const auto* token : {"=", "a=b", " a", "a\n", "a,b", "\xc3\xa9", "a:b"})
    BOOST_TEST(!valid_token(token), token);
}

BOOST_AUTO_TEST_CASE(hosts_are_names_and_addresses) {
  for (const auto* host : {"localhost", "127.0.0.1", "0.0.0.0", "::1",
                           "::", "fe80::1%eth0", "my-host.example.org"})
    BOOST_TEST(valid_host(host), host);
  for (const auto* host :
       {"", "a b", "host:80", "[::1]", "http://host", "host/", "h\nost"})
    BOOST_TEST(!valid_host(host), host);
  BOOST_TEST(!valid_host(std::string(254, 'a')));
}

BOOST_AUTO_TEST_CASE(every_key_refuses_what_it_does_not_expect_at_its_line) {
  for (const auto& section : config_sections())
    for (const auto& key : section.keys) {
      auto path
        = section.name + (section.repeated() ? "[0]" : "") + "." + key.name;
      refused(header_of(section) + "\n\n" + key.name + " = 1979-05-27\n",
              "3:" + std::to_string(key.name.size() + 4) + ": " + path
                + ": found 1979-05-27; expected " + key.expected);
    }
}

BOOST_AUTO_TEST_CASE(a_state_pool_is_for_nodes_without_a_name) {
  BOOST_TEST(accepted("[node]\nstate_pool = true\n").node.state_pool);
  refused("[node]\nstate_pool = true\nname = \"n1\"\n",
          "3:8: node.name: found \"n1\", which every node of the state pool "
          "would have; expected none");
}

BOOST_AUTO_TEST_CASE(an_offset_above_its_increment_is_an_error) {
  refused("[[engine]]\noffset = 3\nincrement = 2\n",
          "2:10: engine[0].offset: found 3, above the increment; expected 1 to "
          "2, or a greater increment");
}

BOOST_AUTO_TEST_CASE(two_engines_of_one_name_are_an_error) {
  refused("[[engine]]\noffset = 1\nincrement = 2\ndsn = \"a\"\n"
          "[[engine]]\noffset = 2\nincrement = 2\ndsn = \"b\"\n",
          "5:1: engine[1].name: found \"main\", which another engine has; "
          "expected a name of its own");
}

BOOST_AUTO_TEST_CASE(stores_of_their_own_that_share_an_integer_are_an_error) {
  refused("[[engine]]\nengine = \"memory\"\nincrement = 2\n"
          "[[engine]]\nname = \"b\"\noffset = 3\nincrement = 4\n",
          "6:10: engine[1].offset: stripe 3 mod 4 of engine \"b\" shares "
          "integers with 1 mod 2 of engine \"main\"; expected stripes without "
          "a common integer, such as offsets 1 and 2 with increment 2");
  // Two memories are never one store.
  BOOST_TEST(errors_in("[[engine]]\nengine = \"memory\"\n"
                       "[[engine]]\nengine = \"memory\"\nname = \"b\"\n")
               .size()
             == 1);
}

BOOST_AUTO_TEST_CASE(a_database_is_for_one_engine_however_it_is_spelt) {
  for (const auto* other :
       {"sqlite:///x/a.db", "/x/a.db", "sqlite:///x/y/../%61.db"})
    refused("[[engine]]\nincrement = 2\ndsn = \"sqlite:///x/a.db\"\n"
            "[[engine]]\nname = \"b\"\noffset = 2\nincrement = 2\ndsn = \""
              + std::string{other} + "\"\n",
            "8:7: engine[1].dsn: engines \"main\" and \"b\" share a database, "
            "which sqlite opens but once; expected a file of its own");
}

BOOST_AUTO_TEST_CASE(a_store_that_one_process_opens_cannot_be_shared) {
  for (const auto* engine : {"memory", "sqlite"})
    refused("[[engine]]\nengine = \"" + std::string{engine}
              + "\"\nshared = true\n",
            "3:10: engine[0].shared: one process alone opens this store; "
            "expected false, or another engine");
}

BOOST_AUTO_TEST_CASE(integers_are_taken_along_only_where_nobody_else_mints) {
  refused("[[engine]]\nguard = false\nprefetch = 2\n",
          "3:12: engine[0].prefetch: without its guard a store does not know "
          "whose it is; expected guard = true");
}

BOOST_AUTO_TEST_CASE(a_dsn_that_its_engine_cannot_read_is_an_error) {
  auto found = errors_in("[[engine]]\nengine = \"memory\"\ndsn = \"x\"\n");
  BOOST_TEST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].starts_with("x.toml:3:7: engine[0].dsn: "));
  found = errors_in("[[engine]]\ndsn = \"redis://localhost\"\n");
  BOOST_TEST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].starts_with("x.toml:2:7: engine[0].dsn: "));
}

BOOST_AUTO_TEST_CASE(an_address_that_is_listened_on_twice_is_an_error) {
  refused("[[listen]]\n[[listen]]\nprotocol = \"tcp\"\nport = 8080\n",
          "4:8: listen[1].port: localhost:8080 is listened on already; "
          "expected another port");
  BOOST_TEST(errors_in("[[listen]]\nport = 0\n[[listen]]\nport = 0\n").empty());
}

BOOST_AUTO_TEST_CASE(a_maximum_below_its_minimum_is_an_error) {
  refused("[router]\nset_aside_max_ms = 5\nset_aside_min_ms = 6\n",
          "2:20: router.set_aside_max_ms: found 5, below the minimum; expected "
          "6 or more");
  refused("[supervisor]\nbackoff_min_ms = 9999\n",
          "1:1: supervisor.backoff_max_ms: found 1500, below the minimum; "
          "expected 9999 or more");
}

BOOST_AUTO_TEST_CASE(what_is_not_toml_is_an_error_at_its_place) {
  auto found = errors_in("[log]\nlevel = \n");
  BOOST_TEST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].starts_with("x.toml:2:9: not TOML: "), found[0]);
  found = errors_in("[log]\nlevel = \"info\"\nlevel = \"warn\"\n");
  BOOST_TEST_REQUIRE(found.size() == 1);
  BOOST_TEST(found[0].starts_with("x.toml:3:"), found[0]);
}

BOOST_AUTO_TEST_CASE(all_errors_are_told_in_the_order_of_their_lines) {
  auto found = errors_in("[router]\nstrategy = \"x\"\n[log]\nlevel = 1\n"
                         "[limits]\nfoo_bar = 1\n");
  BOOST_TEST_REQUIRE(found.size() == 3);
  BOOST_TEST(found[0].starts_with("x.toml:2:12: "));
  BOOST_TEST(found[1].starts_with("x.toml:4:9: "));
  BOOST_TEST(found[2].starts_with("x.toml:6:1: "));
}

BOOST_AUTO_TEST_CASE(a_file_is_read_from_disk) {
  test::temp_dir dir;
  auto path = (dir.path() / "x.toml").string();
  std::ofstream{path} << "[log]\nlevel = \"warn\"\n";
  auto loaded = load_config(path);
  BOOST_TEST_REQUIRE(loaded.has_value());
  BOOST_TEST(loaded->log.level == "warn");
  BOOST_TEST(load_config(INTD_CONFIG).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_read_is_an_error) {
  test::temp_dir dir;
  for (const auto& path : {dir.path() / "none.toml", dir.path()}) {
    auto loaded = load_config(path.string());
    BOOST_TEST_REQUIRE(!loaded.has_value());
    BOOST_TEST(loaded.error()[0].line == 0);
    auto text = to_string(loaded.error()[0]);
    BOOST_TEST(text.starts_with(path.string() + ": "), text);
  }
}

BOOST_AUTO_TEST_CASE(a_node_with_peers_has_to_be_reached_by_them) {
  refused("[cluster]\npeers = [\"n2:8082\"]\n",
          "2:9: cluster.peers: they are to reach this node, too; expected "
          "host:port of a private network, or a port of this machine, as "
          "[actor] listen");
  refused("[cluster]\npeers = \"n2:8082\"\n",
          "2:9: cluster.peers: found the string 'n2:8082'; expected a list of "
          "host:port");
}
