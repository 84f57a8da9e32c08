// The real `intd-server` as a test's child: started on free ports (of
// 127.0.0.1, where the test says nothing else) with a state directory of the
// test, killed, stopped, started again, and recorded for the checker.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/support/address_book.hpp"
#include "tests/support/process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace intd::test {

/// Returns the machine's monotonic time, as histories count it.
[[nodiscard]] int64_t now_ns();

/// The binary under test.
[[nodiscard]] std::filesystem::path server_program();

struct server_options {
  std::string name = "n1";
  std::filesystem::path state;
  std::string engine = "memory";
  checker::progression stripe;
  /// It is told no stripe: its cluster gives it one.
  bool joins = false;
  std::vector<std::string> protocols{"http", "tcp"};
  /// Whether it has an actor port, `port("actor")`, and which; 0: a free one.
  bool actors = false;
  uint16_t actor_port = 0;
  /// Where it listens, an IPv4 address that the test reaches.
  std::string host = "127.0.0.1";
  /// TOML; flags win over it.
  std::string config;
  /// More flags of intd-server.
  std::vector<std::string> flags;
  /// What runs it, e.g. strace with its options.
  std::vector<std::string> wrapper;
  std::vector<std::string> environment;
  rlim_t open_files = 0;
  /// How long a start may take.
  std::chrono::milliseconds start_bound{30'000};
};

class server {
public:
  /// Enters itself into `book`, which must outlive it.
  server(server_options options, address_book& book);

  /// Strikes itself out and kills what runs.
  ~server();

  /// Starts the process without waiting for it.
  process& launch();

  /// Starts and waits until it serves. Throws `std::runtime_error` with its
  /// log where it does not.
  void start();

  /// Waits until a launched process serves; false where it does not.
  [[nodiscard]] bool wait_until_ready();

  /// Kills it with `kill -9` and records the fault.
  void kill();

  /// Sends SIGTERM; how it ended, or nothing where it runs on after `bound`.
  std::optional<ending> stop(std::chrono::milliseconds bound);

  /// Waits until it ends by itself, and records that as a fault of this kind
  /// that began at `begin`.
  std::optional<ending> wait_for_end(const std::string& kind, int64_t begin,
                                     std::chrono::milliseconds bound);

  /// Records a fault that leaves the process alive.
  void record(checker::fault x);

  /// Says which stripes it may answer from, where its cluster gave them: it
  /// asks its peers where it cannot mint itself.
  void answers_from(const std::vector<checker::progression>& stripes);

  [[nodiscard]] uint16_t port(const std::string& protocol) const;

  /// The process: of the present boot, or of the last one. Present once it was
  /// launched.
  [[nodiscard]] process& child() {
    return *child_;
  }

  /// May be changed between two boots.
  [[nodiscard]] server_options& options() {
    return options_;
  }

  /// The log of every boot so far, the present one included.
  [[nodiscard]] std::string log() const;

  /// Returns what was recorded of it: boots and faults.
  [[nodiscard]] checker::history history() const;

private:
  [[nodiscard]] command command_line() const;
  [[nodiscard]] std::vector<std::string> served() const;
  std::map<std::string, uint16_t> read_ports() const;
  void ended(const std::string& kind, int64_t begin, const ending& how);

  server_options options_;
  address_book& book_;
  std::unique_ptr<process> child_;
  std::string old_logs_;
  std::map<std::string, uint16_t> ports_;
  checker::history seen_;
  int64_t boots_ = 0;
};

} // namespace intd::test
