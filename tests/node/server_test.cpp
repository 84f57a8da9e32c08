// The real intd-server: how it starts, or does not.
#include "tests/support/bytes.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

using namespace intd::test;
using namespace std::chrono_literals;

namespace {

constexpr auto bound = 30s;

// A server of the test's own, and one client.
struct fixture {
  server_options options(const std::string& engine = "memory") {
    server_options x;
    x.state = dir.path() / "state";
    x.engine = engine;
    x.protocols = {"http"};
    return x;
  }

  // Asks for the next integer; 0 where the answer is none.
  static int64_t next(const server& from, int* status = nullptr) {
    auto client = http_client::connect(from.port("http"), in(bound));
    auto answer = client ? client->get("/", in(bound)) : std::nullopt;
    if (!answer)
      return 0;
    if (status != nullptr)
      *status = answer->status;
    int64_t value = 0;
    const auto& body = answer->body;
    std::from_chars(body.data(), body.data() + body.size(), value);
    return answer->status == 200 ? value : 0;
  }

  // Runs intd-server, which is expected to end by itself.
  std::optional<ending> run_server(std::vector<std::string> flags,
                                   std::string& output) {
    command what;
    what.arguments = {server_program().string(), "-state-dir",
                      dir.path() / "state", "-engine", "memory"};
    what.arguments.insert(what.arguments.end(), flags.begin(), flags.end());
    return run(what, bound, output);
  }

  // It ends with this status, and the output has all of these.
  void refused(std::vector<std::string> flags, int status,
               const std::vector<std::string>& parts) {
    std::string output;
    auto how = run_server(std::move(flags), output);
    BOOST_TEST_REQUIRE(how.has_value());
    BOOST_TEST(to_string(*how) == "exit status " + std::to_string(status));
    for (const auto& part : parts)
      BOOST_TEST(output.find(part) != std::string::npos,
                 output << " lacks " << part);
    BOOST_TEST(output.find(" serves ") == std::string::npos);
  }

  temp_dir dir;
  address_book book;
};

// Whether this machine's resolver has an IPv6 address for localhost.
bool localhost_has_ipv6() {
  addrinfo hints{};
  hints.ai_family = AF_INET6;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  bool has = ::getaddrinfo("localhost", "1", &hints, &found) == 0;
  if (has)
    ::freeaddrinfo(found);
  return has;
}

template <class Address>
bool connects(int family, const Address& where) {
  int fd = ::socket(family, SOCK_STREAM, 0);
  bool connected
    = ::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof(where))
    == 0;
  ::close(fd);
  return connected;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_server, fixture)

BOOST_AUTO_TEST_CASE(says_in_one_line_what_is_served_where) {
  auto x = options("sqlite");
  x.protocols = {"http", "tcp"};
  x.stripe = {2, 3};
  x.flags = {"-key", "orders"};
  server s{x, book};
  s.start();
  auto state = x.state.string();
  std::regex line{"\\S+ info intd \\S+ serves http://127\\.0\\.0\\.1:\\d+ "
                  "tcp://127\\.0\\.0\\.1:\\d+; key orders; engine main: sqlite "
                  "sqlite://"
                  + state + "/integers\\.db, stripe 2 mod 3, guarded; state "
                  + state + ", node [0-9a-f]{32}"};
  std::istringstream log{s.log()};
  int found = 0;
  for (std::string text; std::getline(log, text);)
    found += std::regex_match(text, line) ? 1 : 0;
  BOOST_TEST(found == 1, s.log());
  BOOST_TEST(next(s) == 2);
  BOOST_TEST(next(s) == 5);
}

BOOST_AUTO_TEST_CASE(on_localhost_is_on_all_of_its_addresses) {
  process s{{{server_program().string(), "-state-dir", dir.path().string(),
              "-engine", "memory", "-port", "0"},
             {},
             0}};
  BOOST_TEST_REQUIRE(s.wait_for_error(" serves http://localhost:", bound),
                     s.standard_error());
  auto log = s.standard_error();
  auto port
    = static_cast<uint16_t>(std::stoi(log.substr(log.find("localhost:") + 10)));
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_TEST(connects(AF_INET, v4));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  v6.sin6_addr = in6addr_loopback;
  BOOST_TEST(connects(AF_INET6, v6) == localhost_has_ipv6());
}

BOOST_AUTO_TEST_CASE(logs_json_where_told_to) {
  auto x = options();
  x.flags = {"-log-format", "json"};
  server s{x, book};
  s.start();
  s.child().signal(SIGTERM);
  BOOST_TEST_REQUIRE(s.child().wait(bound).has_value());
  std::istringstream log{s.log()};
  int lines = 0;
  for (std::string line; std::getline(log, line); ++lines) {
    auto event = nlohmann::json::parse(line);
    BOOST_TEST(event.size() == 3);
    BOOST_TEST(event.at("level") == "info");
    BOOST_TEST(event.at("time").is_string());
    BOOST_TEST(event.at("text").is_string());
  }
  BOOST_TEST(lines >= 3);
}

BOOST_AUTO_TEST_CASE(logs_no_more_than_it_is_asked_to) {
  auto x = options();
  x.config = "[log]\nlevel = \"error\"\n";
  server s{x, book};
  auto& child = s.launch();
  // Nothing says when it is ready, but it locks the directory before it waits
  // for signals.
  BOOST_TEST(!child.wait_for_error("info", 300ms));
  BOOST_TEST(child.running());
}

BOOST_AUTO_TEST_CASE(raises_the_last_integer) {
  auto x = options();
  x.flags = {"-set-last-int", "1000"};
  server s{x, book};
  s.start();
  BOOST_TEST(next(s) == 1001);
}

BOOST_AUTO_TEST_CASE(warns_of_a_last_integer_that_is_too_low_and_goes_on) {
  auto x = options();
  x.flags = {"-set-last-int", "1000"};
  server s{x, book};
  s.start();
  BOOST_TEST(s.stop(bound).has_value());
  s.options().flags = {"-set-last-int", "10"};
  s.start();
  BOOST_TEST(s.log().find("warn -set-last-int 10 changes nothing")
             != std::string::npos);
  BOOST_TEST(next(s) == 1001);
}

BOOST_AUTO_TEST_CASE(serves_several_stripes) {
  auto file = (dir.path() / "x.toml").string();
  std::ofstream{file}
    << "[router]\nstrategy = \"round-robin\"\n"
       "[[engine]]\nname = \"odd\"\nengine = \"memory\"\nincrement = 2\n"
       "[[engine]]\nname = \"even\"\nincrement = 2\noffset = 2\n";
  process s{
    {{server_program().string(), "-config", file, "-state-dir",
      (dir.path() / "state").string(), "-port", "0", "-host", "127.0.0.1"},
     {},
     0}};
  BOOST_TEST_REQUIRE(s.wait_for_error(" serves ", bound));
  auto log = s.standard_error();
  auto port
    = static_cast<uint16_t>(std::stoi(log.substr(log.find("127.0.0.1:") + 10)));
  std::vector<int> given(5);
  auto client = http_client::connect(port, in(bound));
  for (int i = 0; i < 4; ++i)
    ++given[std::stoul(client->get("/", in(bound))->body)];
  BOOST_TEST((given == std::vector<int>{0, 1, 1, 1, 1}));
}

BOOST_AUTO_TEST_CASE(does_not_start_on_a_port_in_use) {
  server first{options(), book};
  first.start();
  auto port = std::to_string(first.port("http"));
  refused({"-state-dir", (dir.path() / "other").string(), "-host", "127.0.0.1",
           "-port", port},
          1, {"error intd-server cannot start: in_use: ", "127.0.0.1:" + port});
}

BOOST_AUTO_TEST_CASE(does_not_start_on_a_state_directory_in_use) {
  server first{options(), book};
  first.start();
  refused({"-port", "0"}, 1,
          {"in_use: ", "process " + std::to_string(first.child().pid())});
  BOOST_TEST(next(first) == 1);
}

BOOST_AUTO_TEST_CASE(does_not_start_on_a_database_in_use) {
  server first{options("sqlite"), book};
  first.start();
  refused({"-state-dir", (dir.path() / "other").string(), "-port", "0",
           "-engine", "sqlite", "-dsn",
           (dir.path() / "state" / "integers.db").string()},
          1, {"in_use: engine main: "});
}

BOOST_AUTO_TEST_CASE(does_not_start_on_damaged_state) {
  server first{options(), book};
  first.start();
  BOOST_TEST(next(first) == 1);
  BOOST_TEST(first.stop(bound).has_value());
  auto file = dir.path() / "state" / "main.ceilings";
  auto bytes = read_bytes(file);
  bytes[bytes.size() / 2] ^= 1;
  write_bytes(file, bytes);
  refused({"-port", "0"}, 1, {"corrupt: engine main: ", "main.ceilings"});
}

BOOST_AUTO_TEST_CASE(does_not_start_with_another_nodes_state) {
  std::ofstream{dir.path() / "a.toml"} << "[node]\nname = \"a\"\n";
  std::ofstream{dir.path() / "b.toml"} << "[node]\nname = \"b\"\n";
  auto x = options();
  x.flags = {"-config", (dir.path() / "a.toml").string()};
  {
    server first{x, book};
    first.start();
  }
  refused({"-port", "0", "-config", (dir.path() / "b.toml").string()}, 1,
          {"wrong_owner: "});
}

BOOST_AUTO_TEST_CASE(does_not_start_with_another_stripe) {
  auto x = options();
  x.stripe = {1, 2};
  {
    server first{x, book};
    first.start();
    BOOST_TEST(next(first) == 1);
  }
  refused({"-port", "0", "-set-offset", "2", "-set-increment", "2"}, 1,
          {"wrong_owner: engine main: "});
}

BOOST_AUTO_TEST_CASE(says_where_its_configuration_is_wrong) {
  auto path = (dir.path() / "x.toml").string();
  refused({"-config", path}, 2, {path + ": "});
  std::ofstream{path} << "[log]\nlevel = \"loud\"\n";
  refused({"-config", path}, 2, {path + ":2:9: log.level: "});
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_its_flags) {
  refused({"-prot", "http"}, 2, {"there is no flag -prot"});
  refused({"-port", "http"}, 2, {"-port: found 'http'"});
}

BOOST_AUTO_TEST_CASE(that_cannot_reach_its_store_keeps_trying) {
  // A file is where the database's directory should be.
  auto blocked = dir.path() / "blocked";
  std::ofstream{blocked} << "x";
  auto x = options("sqlite");
  x.flags = {"-dsn", (blocked / "x.db").string()};
  server s{x, book};
  s.start();
  BOOST_TEST(s.log().find("warn engine main: ") != std::string::npos);
  int status = 0;
  BOOST_TEST(next(s, &status) == 0);
  BOOST_TEST(status == 503);
  std::filesystem::remove(blocked);
  auto deadline = in(bound);
  while (next(s, &status) == 0 && std::chrono::steady_clock::now() < deadline)
    s.child().wait(10ms);
  BOOST_TEST(status == 200);
}

BOOST_AUTO_TEST_CASE(at_rest_uses_no_processor_and_little_memory) {
  server s{options("sqlite"), book};
  s.start();
  BOOST_TEST(next(s) == 1);
  auto switches = [&s] {
    int64_t sum = 0;
    auto tasks = "/proc/" + std::to_string(s.child().pid()) + "/task";
    for (const auto& task : std::filesystem::directory_iterator{tasks}) {
      std::ifstream status{task.path() / "status"};
      for (std::string line; std::getline(status, line);)
        if (line.starts_with("voluntary_ctxt_switches:"))
          sum += std::stoll(line.substr(line.find(':') + 1));
    }
    return sum;
  };
  // What the request left to do, then nothing: no timer, no polling.
  auto deadline = in(bound);
  int64_t before = -1;
  int64_t after = switches();
  while (after - before > 2 && std::chrono::steady_clock::now() < deadline) {
    before = after;
    s.child().wait(1s);
    after = switches();
  }
  BOOST_TEST(after - before <= 2);
#ifndef INTD_SANITIZED
  BOOST_TEST(s.child().memory() <= 25u * 1024 * 1024);
#endif
}

BOOST_AUTO_TEST_SUITE_END()
