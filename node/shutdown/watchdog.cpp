#include "node/shutdown/watchdog.hpp"

#include "node/flags.hpp"

#include <poll.h>
#include <unistd.h>

#include <tuple>
#include <utility>

namespace intd {

watchdog::watchdog(std::chrono::milliseconds grace, std::string last_words)
  : deadline_(std::chrono::steady_clock::now() + grace),
    last_words_(std::move(last_words) + "\n"),
    thread_([this] {
      watch();
    }) {
  // nop
}

watchdog::~watchdog() {
  {
    std::lock_guard guard{mutex_};
    called_off_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void watchdog::watch() {
  std::unique_lock guard{mutex_};
  if (changed_.wait_until(guard, deadline_, [this] {
        return called_off_;
      }))
    return;
  write_last_words(last_words_.data(), last_words_.size());
  ::_exit(exit_failed);
}

void write_last_words(const char* text, size_t size) {
  // A pipe that polls as writable takes PIPE_BUF bytes without blocking.
  pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&standard_error, 1, 0) == 1)
    std::ignore = ::write(STDERR_FILENO, text, size);
}

} // namespace intd
