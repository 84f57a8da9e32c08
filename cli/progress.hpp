// A bar on standard error for the patient: how far `int` and `intd-client`
// have come with a large count. Their loops call `advance`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace intd {

/// Tells whether a bar makes sense: standard error is a terminal, the integers
/// go elsewhere, and `count` is large.
[[nodiscard]] bool wants_progress(int64_t count);

class progress {
public:
  using clock = std::chrono::steady_clock;
  using sink = std::function<void(std::string_view)>;

  /// Draws with `draw`; never where that is empty. `total` is 1 or more.
  progress(int64_t total, sink draw);

  /// Takes note of `count` more; draws at most ten times a second.
  void advance(int64_t count, clock::time_point now = clock::now());

  /// Wipes the bar away.
  void clear();

private:
  int64_t total_;
  sink draw_;
  int64_t done_ = 0;
  clock::time_point next_;
  bool drawn_ = false;
};

/// Lays out a bar without moving the cursor, e.g. "[####    ]  50 %  5 of 10".
[[nodiscard]] std::string draw_bar(int64_t done, int64_t total);

/// Writes to standard error.
void draw_on_terminal(std::string_view text);

} // namespace intd
