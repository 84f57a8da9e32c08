// How long the supervisor waits before it opens an engine again. Plain: the
// same seed gives the same delays.
#pragma once

#include <chrono>
#include <cstdint>

namespace intd {

/// Delays that double from `min` to `max`, each with jitter, so that the nodes
/// that lost one store do not all come back to it at once.
class backoff {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Expects 1 ms <= min <= max; whatever is not is brought there.
  backoff(milliseconds min, milliseconds max, uint64_t seed);

  /// Returns the next delay: between half of the present step and all of it.
  [[nodiscard]] milliseconds next();

  /// Begins again with `min`.
  void reset();

private:
  uint64_t random();

  milliseconds min_;
  milliseconds max_;
  milliseconds step_;
  uint64_t state_;
};

} // namespace intd
