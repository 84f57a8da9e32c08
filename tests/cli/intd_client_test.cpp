// The real intd-client against the real intd-server.
#include "tests/cli/programs.hpp"
#include "tests/cli/scripted_server.hpp"
#include "tests/support/server.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using namespace intd::test;
using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

namespace {

struct fixture : programs {
  fixture() {
    server_options x;
    x.state = state();
    x.actors = true;
    s = std::make_unique<server>(x, book);
    s->start();
  }

  [[nodiscard]] std::string port(const std::string& protocol) const {
    return std::to_string(s->port(protocol));
  }

  // Runs intd-client against the server.
  [[nodiscard]] outcome ask(const std::string& protocol,
                            std::vector<std::string> flags) const {
    flags.insert(
      flags.end(),
      {"-protocol", protocol, "-host", "127.0.0.1", "-port", port(protocol)});
    return run("intd-client", std::move(flags));
  }

  address_book book;
  std::unique_ptr<server> s;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(client, fixture)

BOOST_DATA_TEST_CASE_F(fixture, writes_integers_and_nothing_else,
                       data::make({"http", "tcp", "actor"}), protocol) {
  for (const auto* expected : {"1\n", "2\n"}) {
    auto x = ask(protocol, {});
    BOOST_TEST(x.status == 0);
    BOOST_TEST(x.out == expected);
    BOOST_TEST(x.err == "");
  }
  BOOST_TEST(ask(protocol, {"-count", "3"}).out == "3\n4\n5\n");
}

BOOST_AUTO_TEST_CASE(asks_by_http_unless_told_otherwise) {
  auto x = run("intd-client", {"-host", "127.0.0.1", "-port", port("http")});
  BOOST_TEST(x.status == 0);
  BOOST_TEST(x.out == "1\n");
}

BOOST_AUTO_TEST_CASE(mints_another_sequence_by_actor) {
  BOOST_TEST(ask("actor", {"-key", "orders", "-count", "2"}).out == "1\n2\n");
  BOOST_TEST(ask("http", {}).out == "1\n");
}

BOOST_AUTO_TEST_CASE(asks_many_over_one_connection) {
  auto x = ask("http", {"-count", "5000"});
  BOOST_TEST(x.status == 0);
  std::istringstream lines{x.out};
  int64_t expected = 0;
  for (int64_t value = 0; lines >> value;)
    BOOST_TEST(value == ++expected);
  BOOST_TEST(expected == 5'000);
}

BOOST_DATA_TEST_CASE_F(fixture, ends_quietly_when_its_reader_is_done,
                       data::make({"http", "tcp"}), protocol) {
  auto x = shell("$client -continuous -protocol " + std::string{protocol}
                 + " -host 127.0.0.1 -port " + port(protocol)
                 + " | head -n 3; echo ${PIPESTATUS[0]}");
  BOOST_TEST(x.out == "1\n2\n3\n0\n");
  BOOST_TEST(x.err == "");
}

BOOST_AUTO_TEST_CASE(ends_with_a_whole_line_by_a_signal) {
  process child{
    make("intd-client",
         {"-continuous", "-host", "127.0.0.1", "-port", port("http")})};
  while (child.standard_output().size() < 100)
    BOOST_TEST_REQUIRE(!child.wait(1ms).has_value());
  child.signal(SIGINT);
  auto x = finish(child);
  BOOST_TEST(x.status == 0);
  BOOST_TEST(x.out.back() == '\n');
}

BOOST_AUTO_TEST_CASE(says_when_the_server_is_not_there) {
  auto ports = std::vector{port("http"), port("tcp")};
  BOOST_TEST(s->stop(30s).has_value());
  for (const auto* protocol : {"http", "tcp", "actor"}) {
    auto x
      = run("intd-client",
            {"-protocol", protocol, "-host", "127.0.0.1", "-port", ports[0]});
    BOOST_TEST(x.status == 1);
    BOOST_TEST(x.out == "");
    BOOST_TEST(has(x.err,
                   "intd-client: unavailable: cannot connect to "
                   "127.0.0.1:"
                     + ports[0] + ": Connection refused; start intd-server"),
               x.err);
  }
}

BOOST_AUTO_TEST_CASE(says_when_the_server_speaks_another_protocol) {
  auto x = run("intd-client", {"-host", "127.0.0.1", "-port", port("tcp")});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  x = run("intd-client",
          {"-protocol", "tcp", "-host", "127.0.0.1", "-port", port("http"),
           "-timeout-ms", "100"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  BOOST_TEST(has(x.err, "within 100 ms"), x.err);
}

BOOST_AUTO_TEST_CASE(keeps_what_it_got_when_the_server_fails) {
  scripted_server bad{{[](server_side& side) {
    side.answer("200 OK", "7");
    side.answer("200 OK", "seven");
  }}};
  auto x = run(
    "intd-client",
    {"-host", "127.0.0.1", "-port", std::to_string(bad.port()), "-count", "5"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "7\n");
  BOOST_TEST(has(x.err, "answered no integer but 'seven'"), x.err);
}

BOOST_AUTO_TEST_CASE(tells_when_its_output_cannot_be_written) {
  auto flags = " -host 127.0.0.1 -port " + port("http");
  auto x = shell("$client" + flags + " > /dev/full");
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "No space left on device"), x.err);
  BOOST_TEST(shell("$client" + flags + " >&-").status == 1);
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_its_flags) {
  for (const auto& flags :
       std::vector<std::vector<std::string>>{{"-protocol", "htp"},
                                             {"-port", "0"},
                                             {"-port", "65536"},
                                             {"-prot", "http"},
                                             {"-count", "2", "-continuous"}}) {
    auto x = run("intd-client", flags);
    BOOST_TEST(x.status == 2);
    BOOST_TEST(x.out == "");
    BOOST_TEST(has(x.err, "Try 'intd-client -help'."), x.err);
  }
}

BOOST_AUTO_TEST_CASE(helps) {
  auto x = run("intd-client", {"-help"});
  BOOST_TEST(x.status == 0);
  for (const auto* part :
       {"-protocol TEXT", "(default: http)", "(default: localhost)",
        "(default: 8080)", "Examples:"})
    BOOST_TEST(has(x.out, part), x.out);
  BOOST_TEST(run("intd-client", {"--version"}).out
             == "intd-client " INTD_VERSION "\n");
}

BOOST_AUTO_TEST_SUITE_END()
