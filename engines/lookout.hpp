// Waiting without falling asleep (adaptive spinning): a thread that sleeps is
// woken later than many a store answers. So a thread looks out for what it
// waits for first, as long as that pays. The event loop, the engine actors and
// the connections to stores wait this way (`spin_us` in the configuration).
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>

namespace intd {

/// Looks out at most `longest` each time, and not at all where it would most
/// likely be in vain. Which waits are short it learns from those before, also
/// where a short and a long one take turns: a request and its answer do. As
/// processors predict branches, by saturating counters that the last outcome
/// chooses (Yeh and Patt, 1991). Not to be used by two threads at once.
template <class Clock>
class basic_lookout {
public:
  explicit basic_lookout(std::chrono::microseconds longest = {})
    : longest_{longest} {
    // nop
  }

  /// Returns whether `here()` became true in time. Where it did not, the caller
  /// sleeps, and tells by `came` when that is over.
  template <class F>
  [[nodiscard]] bool sees(const F& here) {
    if (here())
      return true;
    if (longest_.count() == 0)
      return false;
    const auto began = Clock::now();
    waiting_since_ = began;
    if (!pays())
      return false;
    do {
      std::this_thread::yield();
      if (here()) {
        came();
        return true;
      }
    } while (Clock::now() - began < longest_);
    return false;
  }

  /// What was waited for has come.
  void came() {
    if (!waiting_since_)
      return;
    const bool is_short = Clock::now() - *waiting_since_ <= longest_;
    auto& x = trust_[after_short_];
    x = std::clamp(is_short ? x + 1 : x - 1, 0, full_trust);
    after_short_ = is_short ? 1 : 0;
    waiting_since_.reset();
  }

private:
  static constexpr int full_trust = 3;

  [[nodiscard]] bool pays() const {
    return trust_[after_short_] > full_trust / 2;
  }

  std::chrono::microseconds longest_;
  std::optional<typename Clock::time_point> waiting_since_;
  // That the next wait is short: after a long one, and after a short one.
  std::array<int, 2> trust_{full_trust, full_trust};
  size_t after_short_ = 1;
};

using lookout = basic_lookout<std::chrono::steady_clock>;

} // namespace intd
