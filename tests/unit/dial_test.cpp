// Connections to places that are no store: they end in time, and by an error.
#include "engines/dial.hpp"
#include "engines/registry.hpp"
#include "engines/resp/resp_connection.hpp"
#include "tests/support/listening_socket.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

using namespace intd;
using namespace intd::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

store_options hasty() {
  store_options options;
  options.connect_timeout = milliseconds{300};
  options.answer_timeout = milliseconds{300};
  return options;
}

std::pair<file_descriptor, file_descriptor> connected() {
  int ends[2];
  BOOST_TEST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends)
                     == 0);
  return {file_descriptor{ends[0]}, file_descriptor{ends[1]}};
}

std::string dsn(const std::string& host, uint16_t port) {
  return "redis://" + host + ":" + std::to_string(port);
}

/// Opens both engines and checks that they fail with a text, within a second.
void refused(const std::string& where, ec code, std::string_view text) {
  for (const auto* name : {"redis", "summitdb"}) {
    const auto begin = steady_clock::now();
    const auto made = make_engine(name, where, hasty());
    if (name == std::string_view{"redis"})
      BOOST_TEST(code_of(made) == code);
    BOOST_TEST(is_fatal(code_of(made)));
    BOOST_TEST(says(made, text), text_of(made));
    BOOST_TEST((steady_clock::now() - begin < milliseconds{1'000}));
  }
}

/// Says the same to whoever comes, all at once or byte by byte.
class talker {
public:
  talker(std::string text, milliseconds between)
    : thread_{[this, text = std::move(text), between] {
        while (!done_)
          talk(text, between);
      }} {
  }

  ~talker() {
    done_ = true;
    thread_.join();
  }

  talker(const talker&) = delete;
  talker& operator=(const talker&) = delete;

  [[nodiscard]] uint16_t port() const {
    return at_.port;
  }

private:
  void talk(const std::string& text, milliseconds between) {
    const auto client = at_.next();
    char bytes[512];
    if (client.get() < 0 || recv(client.get(), bytes, sizeof bytes, 0) <= 0)
      return;
    for (size_t i = 0; i < text.size() && !done_; ++i) {
      const auto size = between.count() == 0 ? text.size() - i : 1;
      if (send(client.get(), text.data() + i, size, MSG_NOSIGNAL) < 0)
        return;
      i += size - 1;
      std::this_thread::sleep_for(between);
    }
    while (recv(client.get(), bytes, sizeof bytes, 0) > 0 && !done_) {
      // until it hangs up
    }
  }

  listening_socket at_{8};
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

} // namespace

BOOST_AUTO_TEST_CASE(nobody_listens) {
  uint16_t port = 0;
  {
    const listening_socket at{1};
    port = at.port;
  }
  refused(dsn("127.0.0.1", port), ec::unavailable, "Connection refused");
  refused(dsn("[::1]", port), ec::unavailable, "");
  refused(dsn("localhost", port), ec::unavailable, "Connection refused");
}

BOOST_AUTO_TEST_CASE(a_black_hole_ends_by_timeout) {
  // Its queue is full, so the kernel drops further connects.
  const listening_socket at{0};
  std::vector<file_descriptor> filling;
  for (int i = 0; i < 4; ++i) {
    auto begun
      = dial("127.0.0.1", at.port, steady_clock::now() + milliseconds{50});
    if (begun)
      filling.push_back(std::move(*begun));
  }
  refused(dsn("127.0.0.1", at.port), ec::timeout, "");
}

BOOST_AUTO_TEST_CASE(a_name_that_does_not_exist) {
  const auto made = make_engine("redis", "redis://nobody.invalid", hasty());
  BOOST_TEST(is_fatal(code_of(made)));
  BOOST_TEST(says(made, "name"));
}

BOOST_AUTO_TEST_CASE(whoever_speaks_another_protocol) {
  const talker http{"HTTP/1.1 400 Bad Request\r\n\r\n", milliseconds{0}};
  refused(dsn("127.0.0.1", http.port()), ec::unavailable, "protocol");
  const talker endless{"$2000000\r\n" + std::string(1'500'000, 'x'),
                       milliseconds{0}};
  refused(dsn("127.0.0.1", endless.port()), ec::unavailable, "far too long");
}

BOOST_AUTO_TEST_CASE(an_answer_that_comes_byte_by_byte_ends_by_timeout) {
  const talker slow{"$100\r\n" + std::string(100, 'x') + "\r\n",
                    milliseconds{20}};
  refused(dsn("127.0.0.1", slow.port()), ec::timeout, "no answer");
}

BOOST_AUTO_TEST_CASE(what_nobody_asked_for_is_no_answer) {
  // Two answers to the first question: the second one must not be taken for
  // that to the next.
  const talker doubled{"$11\r\nrole:master\r\n$11\r\nrole:master\r\n",
                       milliseconds{0}};
  const auto made
    = make_engine("redis", dsn("127.0.0.1", doubled.port()), hasty());
  BOOST_TEST(code_of(made) == ec::unavailable);
  BOOST_TEST(says(made, "nobody asked for"));
}

BOOST_AUTO_TEST_CASE(after_a_timeout_a_connection_reads_nothing_more) {
  auto [here, there] = connected();
  auto options = hasty();
  options.answer_timeout = milliseconds{50};
  options.spin = milliseconds{1};
  resp_connection connection{"a store", std::move(here), options};
  BOOST_TEST(code_of(connection.ask({"INCR", "a"})) == ec::timeout);
  // Nobody is there to take the late answer.
  BOOST_TEST(send(there.get(), ":7\r\n", 4, MSG_NOSIGNAL) < 0);
  BOOST_TEST(code_of(connection.ask({"INCR", "a"})) == ec::timeout);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_late_each_time_is_slept_for) {
  const auto ends = connected();
  lookout out{milliseconds{1}};
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(!must(wait_for(ends.first.get(), POLLIN,
                              steady_clock::now() + milliseconds{5}, out)));
  int looks = 0;
  BOOST_TEST(!out.sees([&looks] {
    ++looks;
    return false;
  }));
  BOOST_TEST(looks == 1);
}

BOOST_AUTO_TEST_CASE(an_answer_in_time_is_seen) {
  const auto ends = connected();
  for (const auto spin : {milliseconds{0}, milliseconds{1}}) {
    lookout out{spin};
    BOOST_TEST(send(ends.second.get(), "x", 1, MSG_NOSIGNAL) == 1);
    BOOST_TEST(must(wait_for(ends.first.get(), POLLIN,
                             steady_clock::now() + milliseconds{1'000}, out)));
  }
}
