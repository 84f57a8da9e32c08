// A real store as a test's child process: with a data directory of its own
// on a disk, a port of its own that outlives restarts, and its log kept. Tests
// of engines and of whole nodes start one, hand its DSN on, and then kill it,
// freeze it, empty it or give it back an old backup.
//
// MariaDB, Redis and rqlite run everywhere: Debian has the first two, and
// scripts/install-servers builds the third. SummitDB's tests run where
// INTD_SUMMITDB_SERVER names its program: scripts/test sets it to the one that
// scripts/install-servers built, which not every Go module proxy serves.
//
// A store dies with the thread that started it (process.hpp): start and restart
// from a thread that lives as long as the test.
#pragma once

#include "tests/support/process.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace intd::test {

/// Where what is made once a machine is kept: $XDG_CACHE_HOME/intd/servers.
[[nodiscard]] std::filesystem::path servers_cache();

/// A TCP port of 127.0.0.1 that no other test on this machine is given, and
/// that the kernel gives to no client.
class own_port {
public:
  /// Throws `std::runtime_error` where none is free.
  own_port();
  own_port(const own_port&) = delete;
  own_port& operator=(const own_port&) = delete;
  ~own_port();

  [[nodiscard]] uint16_t number() const {
    return number_;
  }

private:
  uint16_t number_ = 0;
  int lock_ = -1;
};

/// What goes wrong in a call is thrown as `std::runtime_error`.
class store_server {
public:
  store_server();
  store_server(const store_server&) = delete;
  store_server& operator=(const store_server&) = delete;

  /// Kills it and removes its files.
  virtual ~store_server();

  /// The name of its engine in the registry, e.g. "mysql".
  [[nodiscard]] virtual std::string_view engine() const = 0;

  /// Its data source name, in the spelling of engines/dsn.hpp.
  [[nodiscard]] virtual std::string dsn() const = 0;

  [[nodiscard]] uint16_t port() const {
    return port_.number();
  }

  /// The process, of the present run. Present once it was started.
  [[nodiscard]] process& child() {
    return *child_;
  }

  [[nodiscard]] pid_t pid() const {
    return child_ ? child_->pid() : -1;
  }

  /// Its data directory.
  [[nodiscard]] std::filesystem::path data() const {
    return home_ / "data";
  }

  /// Tells whether its process is there, frozen or not.
  [[nodiscard]] bool running() {
    return child_ && child_->running();
  }

  /// What it wrote to its two streams in all runs.
  [[nodiscard]] std::string log() const;

  /// Starts the process and returns without waiting for an answer.
  void launch();

  /// Starts it and waits until it answers; the text of what is thrown holds its
  /// log.
  void start();

  /// Waits until it answers.
  void wait_until_it_answers();

  /// Sends SIGTERM and waits for the end; thaws it first.
  void stop();

  /// Kills it with SIGKILL and reaps it.
  void kill();

  /// Kills it and starts it again.
  void restart();

  /// Halts the process by SIGSTOP: connections stay, answers do not come.
  void freeze();

  /// Lets it run on.
  void thaw();

  /// Kills it and removes its data: the next start is its first.
  void forget();

  /// Forgets everything it knows and starts anew, as a machine does that was
  /// set up again.
  void empty();

  /// Copies its data directory into `to`, which is made: a backup. It is
  /// stopped for it, and started again where it ran.
  void snapshot(const std::filesystem::path& to);

  /// Gives it the data directory of a backup. It is stopped for it, and
  /// started again where it ran.
  void restore(const std::filesystem::path& from);

protected:
  /// The directory that holds `data` and what else a kind of store puts there.
  [[nodiscard]] const std::filesystem::path& home() const {
    return home_;
  }

  /// Fills the data directory, which is empty, before the first start.
  virtual void make_data() {
  }

  [[nodiscard]] virtual command command_line() const = 0;

  /// Asks it something cheap and tells whether it answered as it should; ends
  /// within a second or two. Nothing is thrown.
  [[nodiscard]] virtual bool answers() = 0;

private:
  own_port port_;
  std::filesystem::path home_;
  int lock_;
  std::unique_ptr<process> child_;
  std::string old_logs_;
};

} // namespace intd::test
