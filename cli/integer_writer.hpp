// The output of `int` and `intd-client`: integers, one a line, through a large
// buffer, with every error of the descriptor noticed.
#pragma once

#include "engines/sequence.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace intd {

class integer_writer {
public:
  /// Writes to `fd`. A call that a signal interrupts goes on, unless `stopped`
  /// says that it should end: then it ends with a whole line.
  integer_writer(int fd, std::function<bool()> stopped);

  /// Appends a line, and writes when the buffer is full. Returns false after a
  /// failure or a stop: then nothing more is written.
  [[nodiscard]] bool put(int64_t value);

  /// Appends a line for each integer of the run.
  [[nodiscard]] bool put(const run& integers);

  /// Writes what is in the buffer.
  [[nodiscard]] bool flush();

  /// The errno of the write that failed; 0 where none did.
  [[nodiscard]] int failure() const {
    return failure_;
  }

  /// Lines that were handed to the descriptor whole.
  [[nodiscard]] int64_t written() const {
    return written_;
  }

private:
  void count_lines(size_t begin, size_t end);

  int fd_;
  std::function<bool()> stopped_;
  std::string buffer_;
  size_t used_ = 0;
  int failure_ = 0;
  int64_t written_ = 0;
  bool ended_ = false;
};

} // namespace intd
