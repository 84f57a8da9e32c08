// How far a key was given out on a stripe: what guards keep, what witnesses
// remember, what a split hands on.
#pragma once

#include <cstdint>
#include <string>

namespace intd {

struct key_mark {
  std::string key;
  /// The last integer that was given.
  int64_t last = 0;
  /// Nothing above was given, and nothing will be before a new bound is told:
  /// `last` or more.
  int64_t bound = 0;

  friend bool operator==(const key_mark&, const key_mark&) = default;
};

} // namespace intd
