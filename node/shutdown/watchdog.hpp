// Ends a process whose stop takes too long: a store that hangs, an actor that
// never finishes. main keeps one from the moment a stop begins to its end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace intd {

/// Counts down from its construction on a thread of its own; unless it is
/// destroyed before, it writes a line to standard error and ends the process
/// with exit code 1, no destructor run.
class watchdog {
public:
  watchdog(std::chrono::milliseconds grace, std::string last_words);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog();

private:
  void watch();

  std::chrono::steady_clock::time_point deadline_;
  std::string last_words_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_off_ = false;
  // Last: it uses the others.
  std::thread thread_;
};

/// Writes a line to standard error where that cannot block: neither by a log
/// whose lock is held nor by a pipe that nobody reads. Safe in signal handlers.
void write_last_words(const char* text, size_t size);

} // namespace intd
