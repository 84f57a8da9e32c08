// Which node a mint client asks next. Plain: the client tells what it sees of
// the nodes, by their place in its list, and this decides.
#pragma once

#include "actors/backoff.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace intd {

class node_ring {
public:
  using milliseconds = std::chrono::milliseconds;

  /// Takes `nodes` (1 or more), all of them down. The seed says which is asked
  /// first, so that many clients spread over the nodes, and makes the jitter.
  node_ring(size_t nodes, milliseconds backoff_min, milliseconds backoff_max,
            uint64_t seed);

  void up(size_t node);

  void down(size_t node);

  /// A node minted: the delay before it is dialed begins anew.
  void proven(size_t node);

  /// Turns to the next node, where this is the one that is asked at present.
  void leave(size_t node);

  /// Returns how long to wait before a node is dialed again.
  [[nodiscard]] milliseconds delay(size_t node);

  [[nodiscard]] bool any_up() const;

  /// Returns the present node, or the first after it that is up and was not
  /// tried; nothing where there is none.
  [[nodiscard]] std::optional<size_t>
  pick(const std::vector<size_t>& tried) const;

private:
  struct health {
    explicit health(const backoff& x) : delays(x) {
      // nop
    }

    bool up = false;
    backoff delays;
  };

  std::vector<health> nodes_;
  size_t present_;
};

} // namespace intd
