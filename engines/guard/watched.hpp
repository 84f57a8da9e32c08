// What a guard knows of the keys of its engine while it runs.
#pragma once

#include "engines/sequence.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>

namespace intd {

/// One key and stripe, as this process knows it.
struct watched {
  intd::stripe stripe;
  /// Its slot in the file; none before its first ceiling.
  std::optional<size_t> slot;
  /// Nothing above is answered before it is raised.
  int64_t ceiling = 0;
  /// The last integer answered, or the ceiling where that is not known.
  int64_t last = 0;
  /// The store was compared with the floor since it was opened.
  bool compared = false;
  /// It is among those that `marks` tells next.
  bool changed = false;
};

// All stripes of one key. A deque keeps its elements where they are.
using watched_key = std::deque<watched>;

[[nodiscard]] inline int64_t floor_of(const watched_key& all, const stripe& x) {
  if (all.size() == 1 && all.front().stripe == x)
    return all.front().last;
  int64_t highest = 0;
  for (const auto& other : all)
    if (overlap(other.stripe, x))
      highest = std::max(highest, other.last);
  return highest;
}

// A block ahead, but never more than half of what is left: else a crash near
// the end would exhaust a sequence that still had integers.
[[nodiscard]] inline int64_t ceiling_above(const stripe& x, int64_t last,
                                           int64_t block) {
  const int64_t ahead = std::min(block, count_above(x, last) / 2);
  return ahead == 0 ? last : last_of(*take(x, last, ahead));
}

} // namespace intd
