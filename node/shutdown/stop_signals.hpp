// How a node is told to stop: SIGTERM and SIGINT, taken by the main thread as
// something to wait for, next to what else it waits for.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace intd {

class stop_signals {
public:
  /// Blocks both signals for the calling thread and all it starts from now on,
  /// and ignores SIGPIPE. Make it before any other thread.
  stop_signals();
  stop_signals(const stop_signals&) = delete;
  stop_signals& operator=(const stop_signals&) = delete;
  ~stop_signals();

  enum class woken { signal, other, time };

  /// Waits for a signal, for the file descriptor `other` to be readable
  /// (-1: for none), or for the deadline. A signal wins.
  [[nodiscard]] woken
  wait(int other = -1,
       std::optional<std::chrono::steady_clock::time_point> deadline
       = std::nullopt);

  /// Takes the signal that `wait` saw; returns its name.
  [[nodiscard]] std::string take() const;

  /// From now on a signal ends the process at once, with exit code 1.
  void next_ends_process();

private:
  int fd_ = -1;
};

} // namespace intd
