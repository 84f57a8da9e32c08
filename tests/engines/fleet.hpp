// Everybody who may mint from one store at once, each on a thread of its own:
// engines of any stripe, and plain clients that send what the original sends.
// What they were given is compared when all have stopped.
#pragma once

#include "tests/engines/persistent_minter.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace intd::test {

class fleet {
public:
  /// One of them, for the work that it does.
  class member {
  public:
    /// Keeps what it was given.
    void keep(const intd::run& x);

    /// False once it is to stop.
    [[nodiscard]] bool goes_on() const {
      return !all_.stopping_;
    }

  private:
    friend fleet;

    member(fleet& all, bool is_engine, const stripe& of)
      : all_{all}, is_engine_{is_engine}, of_{of} {
      // nop
    }

    fleet& all_;
    bool is_engine_;
    stripe of_;
    std::function<void(member&)> work_;
    std::atomic<size_t> answers_ = 0;
    std::vector<intd::run> given_;
    std::chrono::steady_clock::time_point last_{};
    std::chrono::milliseconds pause_{0};
  };

  using work = std::function<void(member&)>;

  fleet() = default;
  fleet(const fleet&) = delete;
  fleet& operator=(const fleet&) = delete;
  ~fleet();

  /// Adds an engine of the key "integers" that reserves `count` at a time, and
  /// is opened anew after a failure.
  void add_engine(opening open, const stripe& of, int64_t count);

  /// Adds an engine that does something else besides.
  void add_engine(const stripe& of, work what);

  /// Adds a plain client. What it throws ends the fleet, and fails the test.
  void add_client(work what);

  /// Starts them all.
  void start();

  /// Ends them all.
  void stop();

  /// Waits until all have ended by themselves.
  void join();

  /// Starts them, waits until `total` integers were given and everybody had
  /// `each` answers, at most 90 s, and ends them. Nothing harms the store, so
  /// that an engine that has to be opened anew fails the test.
  void run_until(size_t total, size_t each);

  /// Waits until each member was given `more` answers from now on, at most
  /// 60 s; false where some was not.
  [[nodiscard]] bool each_goes_on(size_t more);

  /// Of all integers given so far.
  [[nodiscard]] size_t total() const {
    return total_;
  }

  // Once it was stopped:

  /// Fails the test where somebody failed, an integer came twice, or an engine
  /// was given one outside of its stripe, or below one that it had.
  void judge() const;

  /// The longest time between two answers of an engine, and of a plain client.
  [[nodiscard]] std::chrono::milliseconds longest_pause_of_engines() const;
  [[nodiscard]] std::chrono::milliseconds longest_pause_of_clients() const;

private:
  void add(bool is_engine, const stripe& of, work what);
  void run(member& x);
  void end(const std::string& failure);
  void note_trouble(const std::string& text);
  [[nodiscard]] size_t least() const;
  [[nodiscard]] std::chrono::milliseconds longest_pause(bool engines) const;

  std::vector<std::unique_ptr<member>> members_;
  std::vector<std::thread> threads_;
  std::atomic<size_t> total_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::string failure_; // What ended them all.
  std::string trouble_; // Why an engine was opened anew.
};

} // namespace intd::test
