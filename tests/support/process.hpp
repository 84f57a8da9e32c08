// A child process of a test: started with its own process group, watched
// through /proc, and never left behind. Its two output streams are kept in
// memory, so that a failing test can show them.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intd::test {

struct command {
  /// The program (looked up in PATH) and its arguments.
  std::vector<std::string> arguments;
  /// NAME=value, on top of the test's own environment.
  std::vector<std::string> environment;
  /// How many files it may have open; 0: as many as the test.
  rlim_t open_files = 0;
};

/// How a process ended.
struct ending {
  /// The exit status, or nothing where a signal ended it.
  std::optional<int> status;
  /// The signal, or 0.
  int signal = 0;

  friend bool operator==(const ending&, const ending&) = default;
};

/// Renders "exit status 1" or "signal 9".
[[nodiscard]] std::string to_string(const ending& x);

class process {
public:
  /// Starts it. Throws `std::runtime_error` where that is impossible; a program
  /// that does not exist ends with status 127.
  explicit process(const command& what);
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  /// Kills the whole process group and waits for the process.
  ~process();

  [[nodiscard]] pid_t pid() const {
    return pid_;
  }

  /// Sends a signal to the process; nothing happens where it has ended.
  void signal(int number);

  /// Waits until it ends, at most `bound`; nothing where it still runs then.
  std::optional<ending> wait(std::chrono::milliseconds bound);

  [[nodiscard]] bool running();

  /// Waits until its standard error has `text`, at most `bound`. Returns
  /// whether it has, at once where the process has ended.
  [[nodiscard]] bool wait_for_error(std::string_view text,
                                    std::chrono::milliseconds bound);

  /// Returns what it has written so far.
  [[nodiscard]] std::string standard_output() const;
  [[nodiscard]] std::string standard_error() const;

  /// Returns its resident memory in bytes, 0 where it has ended.
  [[nodiscard]] uint64_t memory() const;

  /// Returns the processor time it has used.
  [[nodiscard]] std::chrono::milliseconds processor_time() const;

  /// Returns its main thread's state as proc(5) has it: 'Z' once that ended.
  [[nodiscard]] char state() const;

  /// Returns how many files it has open.
  [[nodiscard]] size_t open_files() const;

private:
  pid_t pid_ = -1;
  int pid_fd_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;
  std::optional<ending> ended_;
};

/// Runs a command to its end, at most `bound`; nothing where it was killed
/// then. `output` gets both its streams.
std::optional<ending> run(const command& what, std::chrono::milliseconds bound,
                          std::string& output);

} // namespace intd::test
