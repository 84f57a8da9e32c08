#include "cli/integer_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

namespace intd {

namespace {

constexpr size_t buffer_size = 65'536;
// 19 digits and the end of the line.
constexpr size_t line_max = 20;

} // namespace

integer_writer::integer_writer(int fd, std::function<bool()> stopped)
  : fd_(fd), stopped_(std::move(stopped)), buffer_(buffer_size, '\0') {
  // nop
}

bool integer_writer::put(int64_t value) {
  if (buffer_size - used_ < line_max && !flush())
    return false;
  auto* begin = buffer_.data() + used_;
  auto* end = std::to_chars(begin, begin + line_max, value).ptr;
  *end++ = '\n';
  used_ += static_cast<size_t>(end - begin);
  return !ended_;
}

bool integer_writer::put(const run& integers) {
  auto value = integers.first;
  for (int64_t i = 0; i < integers.count; ++i) {
    // Not past the last one: it may be the greatest there is.
    if (i > 0)
      value += integers.increment;
    if (!put(value))
      return false;
  }
  return true;
}

bool integer_writer::flush() {
  size_t begin = 0;
  auto end = std::exchange(used_, 0);
  while (begin < end && !ended_) {
    auto done = ::write(fd_, buffer_.data() + begin, end - begin);
    if (done < 0 && errno != EINTR) {
      failure_ = errno;
      ended_ = true;
    } else if (done > 0) {
      count_lines(begin, begin + static_cast<size_t>(done));
      begin += static_cast<size_t>(done);
    }
    if (begin < end && stopped_()) {
      // A part of a line would be read as another integer.
      bool whole = begin == 0 || buffer_[begin - 1] == '\n';
      end = whole ? begin : buffer_.find('\n', begin) + 1;
      ended_ = ended_ || whole;
    }
  }
  ended_ = ended_ || stopped_();
  return !ended_;
}

void integer_writer::count_lines(size_t begin, size_t end) {
  auto* text = buffer_.data();
  written_ += std::count(text + begin, text + end, '\n');
}

} // namespace intd
