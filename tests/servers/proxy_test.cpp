// The proxy's faults, with a real server behind it.
#include "tests/support/proxy.hpp"

#include "tests/servers/redis.hpp"
#include "tests/support/client_socket.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using event = client_socket::event;

// Nothing takes this long unless it is broken.
constexpr milliseconds bound{20'000};
// How long something that must not come is waited for.
constexpr milliseconds quiet{100};

// One connection through a proxy.
class client {
public:
  explicit client(const proxy& x) {
    auto made = client_socket::connect(x.port(), in(bound));
    BOOST_REQUIRE(made.has_value());
    socket_.emplace(std::move(*made));
  }

  void send(std::string_view command) {
    BOOST_REQUIRE(socket_->send(std::string{command} + "\r\n", in(bound)));
  }

  /// Receives until `size` bytes are there, or something else happens.
  std::pair<event, std::string> receive(size_t size,
                                        milliseconds within = bound) {
    std::string out;
    auto what = event::bytes;
    while (what == event::bytes && out.size() < size)
      what = socket_->receive(out, in(within));
    return {what, out};
  }

  /// What INCR answers, or nothing where no whole answer comes.
  std::string increment() {
    send("INCR a");
    return receive(4).second;
  }

private:
  std::optional<client_socket> socket_;
};

// Tells whether a connection is reset, during its making or right after.
bool is_refused(const proxy& x) {
  auto made = client_socket::connect(x.port(), in(bound));
  std::string bytes;
  return !made || made->receive(bytes, in(bound)) == event::reset;
}

struct fixture {
  fixture() {
    server.start();
  }

  // Waits until the server itself has counted that far.
  void wait_for_count(const std::string& value) {
    auto deadline = in(bound);
    while (server.command({"GET", "a"}) != value)
      BOOST_REQUIRE(steady_clock::now() < deadline);
  }

  redis_server server{{.persistence = redis_persistence::none}};
  proxy between{server.port()};
};

BOOST_FIXTURE_TEST_SUITE(proxy_to_a_server, fixture)

BOOST_AUTO_TEST_CASE(it_forwards) {
  client x{between};
  client y{between};
  BOOST_TEST(x.increment() == ":1\r\n");
  BOOST_TEST(y.increment() == ":2\r\n");
  BOOST_TEST(between.connections() == 2);
  // More than fits into any buffer on the way.
  std::string big(8 << 20, 'x');
  server.command({"SET", "big", big});
  x.send("GET big");
  auto head = "$" + std::to_string(big.size()) + "\r\n";
  BOOST_TEST(
    (x.receive(head.size() + big.size() + 2).second == head + big + "\r\n"));
}

BOOST_AUTO_TEST_CASE(a_stalled_connection_comes_back) {
  client x{between};
  BOOST_TEST(x.increment() == ":1\r\n");
  between.stall();
  x.send("INCR a");
  BOOST_TEST((x.receive(1, quiet).first == event::nothing));
  BOOST_TEST(server.command({"GET", "a"}) == "1");
  between.forward();
  BOOST_TEST(x.receive(4).second == ":2\r\n");
}

BOOST_AUTO_TEST_CASE(a_dropped_answer_is_of_a_request_that_was_done) {
  client x{between};
  between.drop_answers();
  x.send("INCR a");
  wait_for_count("1");
  BOOST_TEST((x.receive(1, quiet).first == event::nothing));
  for (auto deadline = in(bound); between.swallowed() != 4;)
    BOOST_REQUIRE(steady_clock::now() < deadline);
  between.forward();
  BOOST_TEST(x.increment() == ":2\r\n");
}

BOOST_AUTO_TEST_CASE(an_answer_is_delayed) {
  client x{between};
  between.delay(quiet);
  auto begin = steady_clock::now();
  BOOST_TEST(x.increment() == ":1\r\n");
  BOOST_TEST((steady_clock::now() - begin >= quiet));
}

BOOST_AUTO_TEST_CASE(a_cut_connection_is_reset_and_another_works) {
  client x{between};
  BOOST_TEST(x.increment() == ":1\r\n");
  between.cut();
  BOOST_TEST((x.receive(1).first == event::reset));
  client y{between};
  BOOST_TEST(y.increment() == ":2\r\n");
}

BOOST_AUTO_TEST_CASE(new_connections_are_refused_and_old_ones_stay) {
  client x{between};
  BOOST_TEST(x.increment() == ":1\r\n");
  between.refuse();
  BOOST_TEST(is_refused(between));
  BOOST_TEST(x.increment() == ":2\r\n");
  between.forward();
  client z{between};
  BOOST_TEST(z.increment() == ":3\r\n");
}

BOOST_AUTO_TEST_CASE(an_answer_ends_in_its_middle) {
  client x{between};
  between.truncate_answers(6);
  BOOST_TEST(x.increment() == ":1\r\n");
  x.send("INCR a");
  auto [what, bytes] = x.receive(4);
  BOOST_TEST(bytes == ":2");
  BOOST_TEST((what == event::end));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_server_is_passed_on) {
  client x{between};
  BOOST_TEST(x.increment() == ":1\r\n");
  server.kill();
  auto what = x.receive(1).first;
  BOOST_TEST((what == event::reset || what == event::end));
  // It is asked of the server and refused there.
  BOOST_TEST(is_refused(between));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace

} // namespace intd::test
