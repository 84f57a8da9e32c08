#include "actors/listener.hpp"

#include "tests/support/message_config.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>

#include <sys/resource.h>

#include <chrono>
#include <vector>

using namespace intd;
using boost::asio::ip::tcp;

namespace {

struct fixture {
  // Runs the loop until `done` says so; fails after a bounded time.
  template <class Predicate>
  void run_until(Predicate done) {
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!done()) {
      BOOST_REQUIRE(std::chrono::steady_clock::now() < end);
      loop.io().restart();
      loop.io().run_one_for(std::chrono::milliseconds{10});
    }
  }

  tcp::socket connect(const char* host, uint16_t port) {
    tcp::socket socket{clients};
    socket.connect({boost::asio::ip::make_address(host), port});
    return socket;
  }

  test::message_config cfg;
  caf::actor_system system{cfg};
  event_loop loop{system};
  boost::asio::io_context clients;
};

// Lowers the limit of open files to those open now and `more`.
class few_files {
public:
  explicit few_files(rlim_t more) {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto next = dup(0);
    close(next);
    auto low = before_;
    low.rlim_cur = static_cast<rlim_t>(next) + more;
    setrlimit(RLIMIT_NOFILE, &low);
  }

  ~few_files() {
    setrlimit(RLIMIT_NOFILE, &before_);
  }

private:
  rlimit before_{};
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_free_port_is_found_and_accepts, fixture) {
  auto source = listener::listen(loop, "127.0.0.1", 0);
  BOOST_REQUIRE(source.has_value());
  BOOST_TEST(source->port() != 0);
  std::vector<stream_socket> accepted;
  source->start([&accepted](stream_socket socket) {
    accepted.push_back(std::move(socket));
  });
  auto one = connect("127.0.0.1", source->port());
  auto two = connect("127.0.0.1", source->port());
  run_until([&accepted] {
    return accepted.size() == 2;
  });
  source->stop();
}

BOOST_FIXTURE_TEST_CASE(localhost_is_every_loopback_address, fixture) {
  auto source = listener::listen(loop, "localhost", 0);
  BOOST_REQUIRE(source.has_value());
  size_t accepted = 0;
  source->start([&accepted](stream_socket) {
    ++accepted;
  });
  auto four = connect("127.0.0.1", source->port());
  run_until([&accepted] {
    return accepted == 1;
  });
  source->stop();
}

BOOST_FIXTURE_TEST_CASE(a_port_in_use_is_named, fixture) {
  auto first = listener::listen(loop, "127.0.0.1", 0);
  BOOST_REQUIRE(first.has_value());
  auto second = listener::listen(loop, "127.0.0.1", first->port());
  BOOST_REQUIRE(!second.has_value());
  BOOST_TEST((second.error().code == ec::in_use));
  auto address = "127.0.0.1:" + std::to_string(first->port());
  BOOST_TEST(second.error().context.find(address) != std::string::npos);
  first->stop();
}

BOOST_FIXTURE_TEST_CASE(an_unknown_host_is_named, fixture) {
  auto source = listener::listen(loop, "no such host", 0);
  BOOST_REQUIRE(!source.has_value());
  BOOST_TEST((source.error().code == ec::unavailable));
  BOOST_TEST(source.error().context.find("no such host") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(without_descriptors_it_waits_and_goes_on, fixture) {
  auto source = listener::listen(loop, "127.0.0.1", 0);
  BOOST_REQUIRE(source.has_value());
  std::vector<stream_socket> accepted;
  source->start([&accepted](stream_socket socket) {
    accepted.push_back(std::move(socket));
  });
  auto one = connect("127.0.0.1", source->port());
  size_t turns = 0;
  {
    few_files limit{0};
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    while (std::chrono::steady_clock::now() < end) {
      loop.io().restart();
      turns += loop.io().run_one_for(std::chrono::milliseconds{50});
    }
    BOOST_TEST(accepted.empty());
  }
  // One readiness, then a retry each 100 ms: no spinning.
  BOOST_TEST(turns < 30u);
  run_until([&accepted] {
    return accepted.size() == 1;
  });
  source->stop();
}

BOOST_FIXTURE_TEST_CASE(stop_still_accepts_what_the_kernel_took, fixture) {
  auto source = listener::listen(loop, "127.0.0.1", 0);
  BOOST_REQUIRE(source.has_value());
  size_t accepted = 0;
  source->start([&accepted](stream_socket) {
    ++accepted;
  });
  auto one = connect("127.0.0.1", source->port());
  source->stop();
  BOOST_TEST(accepted == 1u);
  boost::system::error_code code;
  tcp::socket late{clients};
  late.connect({boost::asio::ip::address_v4::loopback(), source->port()}, code);
  BOOST_TEST((code == boost::asio::error::connection_refused));
}
