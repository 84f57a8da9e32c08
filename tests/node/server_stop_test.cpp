// The real intd-server: how it stops.
#include "tests/support/client_socket.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/process.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <poll.h>

#include <chrono>
#include <csignal>
#include <string>

using namespace intd::test;
using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

namespace {

constexpr auto bound = 30s;

struct fixture {
  server_options options(const std::string& engine) {
    server_options x;
    x.state = dir.path() / "state";
    x.engine = engine;
    x.protocols = {"http", "tcp"};
    return x;
  }

  static std::string next(const server& from) {
    auto client = http_client::connect(from.port("http"), in(bound));
    auto answer = client ? client->get("/", in(bound)) : std::nullopt;
    return answer && answer->status == 200 ? answer->body : "none";
  }

  // Keeps a server from stopping: a client that asks much and reads nothing.
  static client_socket hold(const server& s) {
    auto socket = client_socket::connect(s.port("http"), in(bound), 4'096);
    BOOST_TEST_REQUIRE(socket.has_value());
    std::string requests;
    for (int i = 0; i < 1'000; ++i)
      requests += http_request("GET /ping");
    // Until neither side takes any more.
    pollfd writable{socket->descriptor(), POLLOUT, 0};
    while (::poll(&writable, 1, 300) == 1)
      BOOST_TEST_REQUIRE(socket->send_some(requests).has_value());
    return std::move(*socket);
  }

  temp_dir dir;
  address_book book;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_stop, fixture)

BOOST_DATA_TEST_CASE_F(fixture, leaves_no_gap_and_ends_with_0,
                       data::make({"memory", "sqlite"})
                         * data::make({SIGTERM, SIGINT}),
                       engine, signal) {
  server s{options(engine), book};
  for (int boot = 0; boot < 3; ++boot) {
    s.start();
    for (int i = 1; i <= 3; ++i)
      BOOST_TEST(next(s) == std::to_string(3 * boot + i));
    s.child().signal(signal);
    auto how = s.child().wait(bound);
    BOOST_TEST_REQUIRE(how.has_value());
    BOOST_TEST(to_string(*how) == "exit status 0", s.log());
    auto log = s.child().standard_error();
    BOOST_TEST(log.find("engine main is closed") != std::string::npos, log);
    BOOST_TEST(log.find("the last integer is exact") != std::string::npos);
  }
  auto name = signal == SIGINT ? "SIGINT" : "SIGTERM";
  BOOST_TEST(s.log().find(name + std::string{": stopping within 5000 ms"})
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_idle_clients) {
  server s{options("memory"), book};
  s.start();
  auto client = http_client::connect(s.port("http"), in(bound));
  BOOST_TEST_REQUIRE(client.has_value());
  BOOST_TEST(client->get("/", in(bound))->body == "1");
  auto how = s.stop(5s);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(*how) == "exit status 0");
  BOOST_TEST(!client->get("/", in(bound)).has_value());
}

BOOST_AUTO_TEST_CASE(answers_what_was_asked_before) {
  server s{options("sqlite"), book};
  s.start();
  auto client = http_client::connect(s.port("http"), in(bound));
  BOOST_TEST_REQUIRE(client.has_value());
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += http_request("GET /");
  // The first answer shows that the others have arrived too, in one segment.
  BOOST_TEST_REQUIRE(client->socket().send(requests, in(bound)));
  BOOST_TEST(client->answer(in(bound))->body == "1");
  s.child().signal(SIGTERM);
  for (int i = 2; i <= 100; ++i) {
    auto answer = client->answer(in(bound));
    BOOST_TEST_REQUIRE(answer.has_value(), "no answer " << i);
    BOOST_TEST(answer->body == std::to_string(i));
  }
  auto how = s.child().wait(bound);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(*how) == "exit status 0");
}

BOOST_AUTO_TEST_CASE(that_takes_longer_than_the_grace_time_ends_with_1) {
  auto x = options("memory");
  x.config = "[timeouts]\ngrace_ms = 300\nwrite_ms = 3600000\n";
  server s{x, book};
  s.start();
  auto client = hold(s);
  auto begin = std::chrono::steady_clock::now();
  s.child().signal(SIGTERM);
  auto how = s.child().wait(bound);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(*how) == "exit status 1", s.log());
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 250ms));
  BOOST_TEST(s.log().find("not stopped within 300 ms") != std::string::npos,
             s.log());
  // And still nothing is given twice.
  s.start();
  BOOST_TEST(next(s) == "1");
}

BOOST_AUTO_TEST_CASE(ends_at_once_by_a_second_signal) {
  auto x = options("memory");
  x.config = "[timeouts]\ngrace_ms = 3600000\nwrite_ms = 3600000\n";
  server s{x, book};
  s.start();
  auto client = hold(s);
  s.child().signal(SIGTERM);
  BOOST_TEST_REQUIRE(s.child().wait_for_error("SIGTERM: stopping", bound));
  BOOST_TEST(!s.child().wait(300ms).has_value());
  s.child().signal(SIGINT);
  auto how = s.child().wait(bound);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(*how) == "exit status 1");
  BOOST_TEST(s.log().find("stopped at once by a second signal")
             != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
