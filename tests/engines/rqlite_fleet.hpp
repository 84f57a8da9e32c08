// Everybody who may mint from one table of rqlite at once: engines of any
// stripe, and plain connections that send what the original sends. Each has a
// thread of its own; what they were given is counted when all have stopped.
#pragma once

#include "engines/engine.hpp"
#include "engines/http/http_connection.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace intd::test {

class fleet {
public:
  /// Its members talk to the nodes of `dsn`.
  explicit fleet(std::string dsn);
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;
  ~fleet();

  /// Adds an engine that reserves `count` at a time, and is opened anew after
  /// a failure, as by a supervisor.
  void add_engine(const sequence& what, int64_t count);

  /// Adds a plain connection that asks for one integer at a time: at the node
  /// that answered last, or wherever that points to, or at the next one.
  void add_old_client();

  /// Starts them all.
  void start();

  /// Ends them all.
  void stop();

  /// Starts them, waits until `total` integers were given, at most `bound`,
  /// and ends them.
  void run_until(size_t total, std::chrono::seconds bound);

  /// Waits until each member was given `more` answers from now on, at most
  /// `bound`; false where some was not.
  [[nodiscard]] bool each_goes_on(size_t more, std::chrono::seconds bound);

  /// Of all integers given so far.
  [[nodiscard]] size_t total() const;

  /// The answers of the member that got the fewest.
  [[nodiscard]] size_t least() const;

  // Once it was stopped:

  [[nodiscard]] size_t duplicates() const;
  /// Integers outside of the stripe of the engine that got them.
  [[nodiscard]] size_t misaligned() const;
  /// The longest time between two answers of an engine, and of a plain
  /// connection.
  [[nodiscard]] std::chrono::milliseconds longest_pause_of_engines() const;
  [[nodiscard]] std::chrono::milliseconds longest_pause_of_old() const;

private:
  struct member {
    bool is_engine = false;
    intd::stripe stripe;
    std::function<void(member&)> work;
    std::atomic<size_t> answers = 0;
    std::vector<intd::run> given;
    std::chrono::steady_clock::time_point last{};
    std::chrono::milliseconds pause{0};

    void note(const intd::run& x);
  };

  void mint(member& me, const sequence& what, int64_t count);
  void mint_as_old(member& me);
  [[nodiscard]] std::chrono::milliseconds longest_pause(bool engines) const;

  std::string dsn_;
  std::vector<std::unique_ptr<member>> members_;
  std::vector<std::thread> threads_;
  std::atomic<size_t> total_ = 0;
  std::atomic<bool> stopping_ = false;
};

} // namespace intd::test
