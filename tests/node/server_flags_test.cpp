#include "node/server_flags.hpp"

#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace intd;

namespace {

struct outcome {
  tl::expected<server_command, exit_code> command;
  std::string out;
  std::string err;
};

// The flags, after -state-dir: tests look at nobody's home.
outcome read(std::vector<std::string> args) {
  args.insert(args.begin(), {"intd-server", "-state-dir", "/nowhere"});
  std::vector<const char*> argv;
  for (const auto& x : args)
    argv.push_back(x.c_str());
  std::ostringstream out;
  std::ostringstream err;
  auto command
    = read_server_command(static_cast<int>(argv.size()), argv.data(), out, err);
  return {command, out.str(), err.str()};
}

node_config accepted(std::vector<std::string> args) {
  auto x = read(std::move(args));
  BOOST_TEST_REQUIRE(x.command.has_value(), x.err);
  return x.command->config;
}

void misused(std::vector<std::string> args, const std::string& expected) {
  auto x = read(std::move(args));
  BOOST_TEST_REQUIRE(!x.command.has_value());
  BOOST_TEST(x.command.error() == exit_usage);
  BOOST_TEST(x.err.find(expected) != std::string::npos, x.err);
  BOOST_TEST(x.out == "");
}

std::vector<listen_section> listens(std::vector<std::string> args) {
  return accepted(std::move(args)).listens;
}

using addresses = std::vector<listen_section>;

struct config_file {
  explicit config_file(const std::string& text) {
    std::ofstream{path} << text;
  }

  test::temp_dir dir;
  std::string path = (dir.path() / "x.toml").string();
};

} // namespace

BOOST_AUTO_TEST_CASE(without_flags_all_is_default) {
  auto x = accepted({});
  node_config y;
  y.node.state_dir = "/nowhere";
  y.engines[0].dsn = "sqlite:///nowhere/integers.db";
  BOOST_TEST((x == y));
}

BOOST_AUTO_TEST_CASE(the_originals_flags_work) {
  auto x = read({"-protocol", "tcp", "-host", "127.0.0.1", "-port", "9",
                 "-engine", "sqlite", "-dsn", "sqlite:///x.db", "-set-last-int",
                 "7", "-set-offset", "2", "-set-increment", "3"});
  BOOST_TEST_REQUIRE(x.command.has_value(), x.err);
  const auto& config = x.command->config;
  BOOST_TEST((config.listens == addresses{{"tcp", "127.0.0.1", 9}}));
  BOOST_TEST(config.engines[0].dsn == "sqlite:///x.db");
  BOOST_TEST((stripe_of(config.engines[0]) == stripe{2, 3}));
  BOOST_TEST(x.command->orders.set_last == 7);
}

BOOST_AUTO_TEST_CASE(a_store_is_taken_over_only_where_that_is_said) {
  BOOST_TEST(!read({}).command->orders.take_over);
  BOOST_TEST(read({"-take-over"}).command->orders.take_over);
}

BOOST_AUTO_TEST_CASE(a_backup_is_one_only_where_that_is_said) {
  BOOST_TEST(!read({}).command->orders.restored);
  BOOST_TEST(read({"-restored"}).command->orders.restored);
}

BOOST_AUTO_TEST_CASE(zero_leaves_numbers_as_they_are) {
  auto x = accepted(
    {"-set-offset", "0", "-set-increment", "0", "-set-last-int", "0"});
  BOOST_TEST((stripe_of(x.engines[0]) == stripe{1, 1}));
}

BOOST_AUTO_TEST_CASE(other_flags_reach_their_place) {
  auto x = accepted({"-key", "orders", "-log-level", "warn", "-log-format",
                     "json", "-engine", "memory"});
  BOOST_TEST(x.node.key == "orders");
  BOOST_TEST(x.log.level == "warn");
  BOOST_TEST(x.log.format == "json");
  BOOST_TEST(x.engines[0].engine == "memory");
  BOOST_TEST(x.engines[0].dsn == "");
}

BOOST_AUTO_TEST_CASE(each_protocol_has_its_port) {
  addresses both{{"http", "localhost", 1}, {"tcp", "localhost", 5}};
  BOOST_TEST((listens({"-protocol", "http,tcp", "-port", "1,5"}) == both));
  BOOST_TEST((listens({"-protocol", "http", "-port", "1", "-protocol", "tcp",
                       "-port", "5"})
              == both));
  BOOST_TEST((listens({"-protocol", "http:1,tcp:5"}) == both));
  BOOST_TEST((listens({"-protocol", "http:1", "-protocol", "tcp:5"}) == both));
  BOOST_TEST((listens({"-port", "1", "-protocol", "http,tcp:5"}) == both));
}

BOOST_AUTO_TEST_CASE(a_port_left_out_follows_the_one_before) {
  BOOST_TEST(
    (listens({"-protocol", "http,tcp"})
     == addresses{{"http", "localhost", 8080}, {"tcp", "localhost", 8081}}));
  BOOST_TEST((listens({"-protocol", "http,tcp", "-port", "0"})
              == addresses{{"http", "localhost", 0}, {"tcp", "localhost", 0}}));
  BOOST_TEST((listens({"-port", "5"}) == addresses{{"http", "localhost", 5}}));
  BOOST_TEST(
    (listens({"-protocol", "tcp"}) == addresses{{"tcp", "localhost", 8080}}));
}

BOOST_AUTO_TEST_CASE(flags_win_over_the_file) {
  config_file file{"[[engine]]\nengine = \"sqlite\"\ndsn = \"/a.db\"\n"
                   "[[listen]]\nport = 1\n[[listen]]\nprotocol = \"tcp\"\n"
                   "port = 2\n[log]\nlevel = \"warn\"\n"};
  auto x = accepted({"-config", file.path});
  BOOST_TEST(x.engines[0].dsn == "/a.db");
  BOOST_TEST(x.log.level == "warn");
  x = accepted(
    {"-config", file.path, "-log-level", "debug", "-host", "h", "-port", "7"});
  BOOST_TEST(x.log.level == "debug");
  BOOST_TEST((x.listens == addresses{{"http", "h", 7}, {"tcp", "h", 2}}));
  x = accepted({"-config", file.path, "-protocol", "tcp"});
  BOOST_TEST((x.listens == addresses{{"tcp", "localhost", 8080}}));
  // The file's data source is not the other engine's.
  x = accepted({"-config", file.path, "-engine", "memory"});
  BOOST_TEST(x.engines[0].dsn == "");
}

BOOST_AUTO_TEST_CASE(flags_for_one_engine_do_not_fit_two) {
  config_file file{"[[engine]]\nengine = \"memory\"\nincrement = 2\n"
                   "[[engine]]\nengine = \"memory\"\nname = \"b\"\n"
                   "offset = 2\nincrement = 2\n"};
  BOOST_TEST(accepted({"-config", file.path}).engines.size() == 2);
  misused({"-config", file.path, "-set-offset", "1"}, "the file has 2");
}

BOOST_AUTO_TEST_CASE(what_a_file_may_not_say_no_flag_may) {
  misused({"-protocol", "htp"},
          "-protocol: found 'htp', expected \"http\" or \"tcp\"");
  misused({"-host", "a b"}, "-host: found 'a b', expected a host name");
  misused({"-port", "65536"},
          "-port: found '65536', expected an integer from 0 to 65535");
  misused({"-port", "x"}, "-port: found 'x'");
  misused({"-protocol", "tcp:"}, "-port: found '', expected an integer");
  misused({"-engine", "abacus"},
          "-engine: found 'abacus', expected \"memory\" or \"sqlite\" or "
          "\"mysql\" or \"redis\" or "
          "\"rqlite\" or \"summitdb\" or \"http\"");
  misused({"-dsn", "redis://x"}, "engine[0].dsn: ");
  misused({"-key", "a b"}, "-key: found 'a b', expected a key");
  misused({"-log-level", "loud"}, "-log-level: found 'loud', expected");
  misused({"-set-offset", "3", "-set-increment", "2"},
          "engine[0].offset: found 3, above the increment");
  misused({"-port", "1", "-port", "2"}, "there are 2 ports for 1 protocols");
  misused({"-protocol", "http:5,tcp:5"}, "localhost:5 is listened on already");
}

BOOST_AUTO_TEST_CASE(ports_do_not_count_past_their_end) {
  misused({"-protocol", "http:65535,tcp"}, "expected an integer from 0 to");
}

BOOST_AUTO_TEST_CASE(errors_of_the_file_are_all_told) {
  config_file file{"[log]\nlevel = 1\nform = 2\n"};
  auto x = read({"-config", file.path});
  BOOST_TEST_REQUIRE(!x.command.has_value());
  BOOST_TEST(x.command.error() == exit_usage);
  BOOST_TEST(x.err.find(file.path + ":2:9: ") != std::string::npos, x.err);
  BOOST_TEST(x.err.find(file.path + ":3:1: ") != std::string::npos, x.err);
}

BOOST_AUTO_TEST_CASE(the_help_tells_the_defaults) {
  auto x = read({"-h"});
  BOOST_TEST_REQUIRE(!x.command.has_value());
  BOOST_TEST(x.command.error() == exit_fine);
  for (const auto* part : {"(default: sqlite)", "(default: localhost)",
                           "(default: 8080)", "(default: http)", "Examples:"})
    BOOST_TEST(x.out.find(part) != std::string::npos, part);
}
