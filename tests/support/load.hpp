// Clients that want integers without a pause, each on a thread of its own, and
// remember every call for the checker: HTTP on kept connections (now and then
// pipelined, with other requests between), and TCP.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/support/address_book.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace intd::test {

struct load_options {
  /// Every client knows all of them, and begins with another one.
  std::vector<std::string> nodes{"n1"};
  /// Client i speaks protocol i, modulo their number.
  std::vector<std::string> front_ends{"http", "tcp"};
  std::string key = "integers";
  size_t clients = 4;
  /// How long one attempt at one node may take.
  std::chrono::milliseconds attempt_bound{10'000};
  /// How long a client tries for one integer.
  std::chrono::milliseconds budget{30'000};
  /// In front of the clients' names, to tell two loads apart.
  std::string name = "c";
};

class load {
public:
  /// Starts the clients. `book` must outlive the load.
  load(load_options options, address_book& book);
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load();

  /// Waits until `count` more calls were answered with an integer. Returns
  /// false where that takes longer than `bound`.
  [[nodiscard]] bool wait_for(size_t count, std::chrono::milliseconds bound);

  /// Returns how many calls were answered with an integer so far.
  [[nodiscard]] size_t answered() const {
    return answered_.load();
  }

  /// Ends the clients and returns every call. What is under way is finished,
  /// but not tried again.
  [[nodiscard]] std::vector<checker::call> stop();

private:
  load_options options_;
  std::atomic<bool> stopping_{false};
  std::atomic<size_t> answered_{0};
  std::vector<std::vector<checker::call>> calls_;
  std::vector<std::thread> threads_;
};

} // namespace intd::test
