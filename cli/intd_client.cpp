// intd-client: asks a server for integers, and writes them to standard output.

#include "cli/actor_client.hpp"
#include "cli/client.hpp"
#include "cli/integer_writer.hpp"
#include "cli/interruption.hpp"
#include "cli/progress.hpp"
#include "engines/sequence.hpp"
#include "node/defaults.hpp"
#include "node/flags.hpp"

#include <unistd.h>

#include <chrono>
#include <cstring>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <tuple>

namespace {

using namespace intd;

constexpr const char* examples = R"(Examples:
  intd-client
      an integer from http://localhost:8080
  intd-client -count 10
      ten, over one connection
  intd-client -protocol tcp -host 127.0.0.1 -port 8081
      as the original's TCP server speaks it
  intd-client -protocol actor -port 8082 -key orders
      from the address that [actor] listen gives
  intd-client -continuous | head
      until the reader has enough

Exit codes: 0 fine, 1 failed, 2 usage.
)";

struct wanted {
  std::string protocol{defaults::protocol};
  std::string host{defaults::host};
  int64_t port = defaults::port;
  std::string path = "/";
  std::string key{defaults::key};
  int64_t count = 1;
  bool continuous = false;
  int64_t timeout_ms = defaults::client.count();

  [[nodiscard]] server_address where() const {
    return {host, static_cast<uint16_t>(port), path,
            std::chrono::milliseconds{timeout_ms}};
  }
};

void add_flags(flags& from, wanted& x) {
  from.add_text("protocol", x.protocol, "http, tcp or actor");
  from.add_text("host", x.host, "the server's name or address");
  from.add_integer("port", x.port, 1, 65'535, "the server's port");
  from.add_text("path", x.path, "what to get by HTTP");
  from.add_text("key", x.key, "the sequence to mint by actor");
  from.add_integer("count", x.count, 1, max_integer, "how many integers");
  from.add_switch("continuous", x.continuous, "ask until interrupted");
  from.add_integer("timeout-ms", x.timeout_ms, 1, 3'600'000,
                   "milliseconds for a connection or an answer");
}

int failed(const std::string& text) {
  std::cerr << "intd-client: " << text << "\n";
  return exit_failed;
}

// Asks until the count is reached, the output fails, or a signal comes. Each
// integer of a few is seen at once.
result<void> ask(integer_client& server, const wanted& x, integer_writer& out) {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds unseen{100};
  auto show = !x.continuous && wants_progress(x.count);
  progress bar{x.count, show ? draw_on_terminal : progress::sink{}};
  auto left = x.continuous ? std::numeric_limits<int64_t>::max() : x.count;
  auto flushed = clock::now();
  for (; left > 0 && !interrupted(); --left) {
    auto value = server.next();
    if (!value) {
      bar.clear();
      return tl::unexpected{value.error()};
    }
    if (!out.put(*value))
      break;
    auto now = clock::now();
    bar.advance(1, now);
    if (now < flushed + unseen)
      continue;
    flushed = now;
    if (!out.flush())
      break;
  }
  bar.clear();
  return {};
}

int finish(const wanted& x, const integer_writer& out) {
  if (x.continuous && (out.failure() == EPIPE || out.failure() == 0))
    return exit_fine;
  if (out.failure() != 0)
    return failed(std::string{"cannot write to standard output: "}
                  + std::strerror(out.failure()));
  if (out.written() != x.count)
    return failed("interrupted after " + std::to_string(out.written()) + " of "
                  + std::to_string(x.count) + " integers");
  return exit_fine;
}

std::unique_ptr<integer_client> make_client(const wanted& x) {
  if (x.protocol == "actor")
    return make_actor_client(x.where(), x.key);
  return x.protocol == "tcp" ? make_tcp_client(x.where())
                             : make_http_client(x.where());
}

int run_with(const wanted& x) {
  catch_interruption();
  auto server = make_client(x);
  integer_writer out{STDOUT_FILENO, interrupted};
  auto asked = ask(*server, x, out);
  std::ignore = out.flush();
  if (!asked)
    return failed(to_string(asked.error()));
  return finish(x, out);
}

} // namespace

int main(int argc, char** argv) {
  claim_standard_descriptors();
  flags all{{"intd-client", "asks intd-server for unique integers, one a line",
             examples}};
  wanted x;
  add_flags(all, x);
  if (auto code = all.parse(argc, argv, std::cout, std::cerr))
    return *code;
  if (x.protocol != "http" && x.protocol != "tcp" && x.protocol != "actor")
    return all.misused("-protocol: found '" + x.protocol
                         + "', expected http, tcp or actor",
                       std::cerr);
  if (x.continuous && all.given("count"))
    return all.misused("-count and -continuous exclude each other", std::cerr);
  return run_with(x);
}
