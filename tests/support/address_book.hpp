// Where the nodes of a test listen at present. A server enters itself when it
// is ready and is struck out before it goes; load looks a node up before every
// connection. A restarted server has another port, so that nobody else's server
// can be taken for it.
#pragma once

#include "tests/support/client_socket.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace intd::test {

/// How long whoever waits for a node lets pass before it looks again.
inline constexpr std::chrono::milliseconds look_again{20};

class address_book {
public:
  void enter(const std::string& node, const std::string& protocol,
             uint16_t port, const std::string& address = "127.0.0.1") {
    std::lock_guard lock{mutex_};
    ports_[{node, protocol}] = port;
    addresses_[node] = address;
    changed_.notify_all();
  }

  void strike_out(const std::string& node) {
    std::lock_guard lock{mutex_};
    std::erase_if(ports_, [&node](const auto& entry) {
      return entry.first.first == node;
    });
  }

  /// Returns the port, or 0 while the node is not there.
  [[nodiscard]] uint16_t port(const std::string& node,
                              const std::string& protocol) const {
    std::lock_guard lock{mutex_};
    auto found = ports_.find({node, protocol});
    return found == ports_.end() ? uint16_t{0} : found->second;
  }

  /// Returns the address that a node was last entered with.
  [[nodiscard]] std::string address(const std::string& node) const {
    std::lock_guard lock{mutex_};
    auto found = addresses_.find(node);
    return found == addresses_.end() ? "127.0.0.1" : found->second;
  }

  /// Waits until somebody is entered, or for the deadline.
  void wait_for_change(time_point deadline) {
    std::unique_lock lock{mutex_};
    changed_.wait_until(lock, deadline);
  }

  /// Waits until a condition holds, which is asked again whenever somebody is
  /// entered, and every `look_again`. False: it did not by the deadline.
  template <class Condition>
  [[nodiscard]] bool becomes_true(const Condition& condition,
                                  time_point deadline) {
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline)
        return false;
      wait_for_change(std::min(deadline, in(look_again)));
    }
    return true;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::pair<std::string, std::string>, uint16_t> ports_;
  std::map<std::string, std::string> addresses_;
};

} // namespace intd::test
