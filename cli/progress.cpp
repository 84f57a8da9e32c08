#include "cli/progress.hpp"

#include <unistd.h>

#include <cstddef>
#include <tuple>
#include <utility>

namespace intd {

namespace {

constexpr int64_t large = 100'000;
constexpr int64_t width = 40;
constexpr std::chrono::milliseconds period{100};
// Back to the first column, and erase to the end of the line.
constexpr std::string_view wipe = "\r\x1b[K";

} // namespace

bool wants_progress(int64_t count) {
  return count >= large && ::isatty(STDERR_FILENO) == 1
    && ::isatty(STDOUT_FILENO) == 0;
}

progress::progress(int64_t total, sink draw)
  : total_(total), draw_(std::move(draw)) {
  // nop
}

void progress::advance(int64_t count, clock::time_point now) {
  done_ += count;
  if (!draw_ || now < next_)
    return;
  next_ = now + period;
  drawn_ = true;
  draw_(std::string{wipe} + draw_bar(done_, total_));
}

void progress::clear() {
  if (std::exchange(drawn_, false))
    draw_(wipe);
}

std::string draw_bar(int64_t done, int64_t total) {
  auto part = static_cast<double>(done) / static_cast<double>(total);
  auto filled = static_cast<size_t>(part * static_cast<double>(width));
  auto percent = std::to_string(static_cast<int>(part * 100));
  return "[" + std::string(filled, '#')
    + std::string(static_cast<size_t>(width) - filled, ' ') + "] "
    + std::string(3 - percent.size(), ' ') + percent + " %  "
    + std::to_string(done) + " of " + std::to_string(total);
}

void draw_on_terminal(std::string_view text) {
  std::ignore = ::write(STDERR_FILENO, text.data(), text.size());
}

} // namespace intd
