// What a lone client waits for: asks a store straight, one integer after the
// other, and HTTP servers that mint from it, in short turns, so that a disk
// that is slow at the moment is slow for all of them.
//
//   round_trips ENGINE FOLDER SECONDS DSN [PORT]...
//
// An empty DSN is a store of its own in FOLDER, guarded as a node would have
// it. Prints a line for the store, then one for each server on 127.0.0.1: how
// many integers a second it gives while it is asked, the median of one round
// trip, and the median over the turns of what its own median in a turn was more
// than the store's, both in microseconds.
#include "engines/guard/state_directory.hpp"
#include "engines/registry.hpp"
#include "node/open_engine.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace intd;
namespace asio = boost::asio;
namespace http = boost::beast::http;
using microseconds = std::chrono::duration<double, std::micro>;
using clock_type = std::chrono::steady_clock;

// How long one peer is asked before the next one has its turn. The first
// answers are not counted: threads of the peer before still look out, those of
// this one are asleep.
constexpr std::chrono::milliseconds turn{25};
constexpr std::chrono::milliseconds uncounted{5};

// One that is asked: the store, or a server in front of it.
struct peer {
  std::function<result<void>()> ask;
  std::vector<double> times;
  std::vector<double> added;
};

// A store of its own, guarded as a node would have it; or one that is reached
// by a name, as it is, for a node is to claim it later.
result<engine_ptr> open(const std::string& engine, const std::string& folder,
                        const std::string& dsn) {
  if (!dsn.empty())
    return make_engine(engine, dsn);
  auto state = state_directory::open(folder, {});
  if (!state)
    return tl::unexpected{state.error()};
  engine_settings settings;
  settings.name = "main";
  settings.engine = engine;
  if (engine == "sqlite")
    settings.dsn = "sqlite://" + folder + "/integers.db";
  settings.guard_block = 10'000;
  settings.state = *state;
  return open_engine(settings);
}

// A connection that is kept; the plainest of clients.
class http_client {
public:
  explicit http_client(uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    socket_.set_option(asio::ip::tcp::no_delay{true});
    get_.set(http::field::host, "127.0.0.1");
  }

  result<void> ask() {
    http::write(socket_, get_);
    http::response<http::string_body> answer;
    http::read(socket_, buffer_, answer);
    if (answer.result() != http::status::ok)
      return fail(ec::unavailable, "answered wrongly: " + answer.body());
    return {};
  }

private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  http::request<http::empty_body> get_{http::verb::get, "/", 11};
};

double median_of(std::vector<double> x) {
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

// The median of one turn.
result<double> take_turn(peer& x) {
  std::vector<double> times;
  const auto begin = clock_type::now();
  auto last = begin;
  while (times.empty() || last < begin + turn) {
    if (const auto given = x.ask(); !given)
      return tl::unexpected{given.error()};
    const auto now = clock_type::now();
    if (last >= begin + uncounted)
      times.push_back(microseconds(now - last).count());
    last = now;
  }
  x.times.insert(x.times.end(), times.begin(), times.end());
  return median_of(std::move(times));
}

// The first peer is the store.
result<void> take_turns(std::vector<peer>& peers, double seconds) {
  const auto begin = clock_type::now();
  do {
    double store = 0;
    for (size_t i = 0; i < peers.size(); ++i) {
      const auto middle = take_turn(peers[i]);
      if (!middle)
        return tl::unexpected{middle.error()};
      if (i == 0)
        store = *middle;
      peers[i].added.push_back(*middle - store);
    }
  } while (microseconds(clock_type::now() - begin).count() < seconds * 1e6);
  return {};
}

void report(const std::vector<peer>& peers) {
  for (const auto& x : peers) {
    double sum = 0;
    for (auto time : x.times)
      sum += time;
    std::printf("per_s=%.0f median_us=%.2f added_us=%.2f\n",
                static_cast<double>(x.times.size()) / sum * 1e6,
                median_of(x.times), median_of(x.added));
  }
}

int fail_with(const std::string& reason) {
  std::fprintf(stderr, "round_trips: %s\n", reason.c_str());
  return EXIT_FAILURE;
}

int run_all(char** words, int ports) {
  auto store = open(words[0], words[1], words[3]);
  if (!store)
    return fail_with(to_string(store.error()));
  std::vector<peer> peers(1);
  peers[0].ask = [&store] {
    return (*store)->reserve({}, 1).map([](const run&) {});
  };
  for (int i = 0; i < ports; ++i) {
    const auto port
      = static_cast<uint16_t>(std::strtoul(words[4 + i], nullptr, 10));
    peers.emplace_back().ask = [link = std::make_shared<http_client>(port)] {
      return link->ask();
    };
  }
  if (const auto done = take_turns(peers, std::strtod(words[2], nullptr));
      !done)
    return fail_with(to_string(done.error()));
  report(peers);
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fputs("usage: round_trips ENGINE FOLDER SECONDS DSN [PORT]...\n",
               stderr);
    return 2;
  }
  try {
    return run_all(argv + 1, argc - 5);
  } catch (const std::exception& e) {
    return fail_with(e.what());
  }
}
