// Which stripe serves the next request. The router asks `next` for each
// attempt and reports how the attempt ended; supervisors' news arrive as `up`
// and `down`. A stripe that fails is set aside for a time that doubles, then
// one real request probes it. Plain: time is passed in, nothing is sent.
#pragma once

#include "engines/sequence.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// How a stripe is chosen among the healthy ones.
enum class strategy {
  /// Always the first in order; the others when it fails.
  local,
  /// Each in turn, as Flickr's ticket clients did.
  round_robin,
};

struct stripe_ring_options {
  intd::strategy strategy = strategy::local;
  /// How long a stripe is left alone after a failure; doubles with each failed
  /// probe up to the maximum.
  std::chrono::milliseconds set_aside_min{100};
  std::chrono::milliseconds set_aside_max{2'000};
};

class stripe_ring {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// An attempt: the stripe's index, which never changes, and when in the
  /// order of all events it was chosen.
  struct pick {
    size_t index = 0;
    uint64_t turn = 0;
  };

  struct entry {
    std::string name;
    intd::stripe stripe;
    bool up = false;
    /// Left alone since an attempt failed.
    bool aside = false;
    /// Why it is down or set aside; empty while it is healthy.
    std::string reason;
    /// How long it is left alone the next time it fails.
    std::chrono::milliseconds penalty{0};
    time_point aside_until;
    /// While a request finds out whether it works again: when that was sent.
    std::optional<time_point> probed;
    /// Outcomes of earlier attempts say nothing about it as it is now.
    uint64_t since = 0;

    [[nodiscard]] bool healthy() const {
      return up && !aside;
    }
  };

  explicit stripe_ring(stripe_ring_options options) : options_(options) {
    // nop
  }

  /// Adds a stripe that is down, or finds it by its name. Returns its index:
  /// the order of indices is the order of preference.
  size_t know(std::string_view name, const stripe& x, std::string_view reason);

  /// Takes a stripe into service, adding it when it is new.
  size_t up(std::string_view name, const stripe& x);

  /// Takes a stripe out of service until the next `up`.
  void down(size_t index, std::string_view reason);

  /// Chooses among the stripes that are not in `tried`: one that is to be
  /// probed, else a healthy one, else nothing.
  [[nodiscard]] std::optional<pick> next(time_point now,
                                         const std::vector<size_t>& tried);

  /// Takes note that an attempt was answered. Returns whether this ends the
  /// time aside.
  bool succeeded(const pick& x);

  /// Takes note that an attempt failed. Returns how long the stripe is set
  /// aside from now on; nothing where that is no news.
  std::optional<std::chrono::milliseconds> failed(const pick& x, time_point now,
                                                  std::string_view reason);

  [[nodiscard]] std::optional<size_t> find(std::string_view name) const;

  /// Lists the stripes that are not healthy and why, for errors.
  [[nodiscard]] std::string reasons() const;

  [[nodiscard]] const std::vector<entry>& entries() const {
    return entries_;
  }

private:
  [[nodiscard]] std::optional<size_t> choose(time_point now,
                                             const std::vector<size_t>& tried);
  [[nodiscard]] std::optional<size_t>
  choose_healthy(const std::vector<size_t>& tried);

  void mark_aside(entry& e, bool aside);

  stripe_ring_options options_;
  std::vector<entry> entries_;
  // Where round robin goes on.
  size_t cursor_ = 0;
  // How many are aside.
  int64_t asides_ = 0;
  uint64_t turn_ = 0;
};

} // namespace intd
