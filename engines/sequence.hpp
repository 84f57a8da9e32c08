// What is minted, in numbers: keys, stripes, runs, and all arithmetic on them.
// Everything that cuts, aligns or compares integers calls these functions;
// none of them can overflow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace intd {

/// The largest integer that is ever minted, 2^63 - 1.
inline constexpr int64_t max_integer = std::numeric_limits<int64_t>::max();

/// The most integers one reservation may ask for: 2^32. What a client may ask
/// for in one request is limited far below, by the front ends.
inline constexpr int64_t max_count = int64_t{1} << 32;

/// The most characters of a key.
inline constexpr size_t max_key_size = 64;

/// All integers congruent to `offset` modulo `increment`, from `offset` up.
/// Valid when 1 <= offset <= increment.
struct stripe {
  int64_t offset = 1;
  int64_t increment = 1;

  friend bool operator==(const stripe&, const stripe&) = default;
};

/// What one reservation gives: `count` integers, `increment` apart, from
/// `first` up. A run that was handed out is never empty.
struct run {
  int64_t first = 0;
  int64_t increment = 1;
  int64_t count = 0;

  friend bool operator==(const run&, const run&) = default;
};

/// A named series of integers, restricted to one stripe.
struct sequence {
  std::string key = "integers";
  intd::stripe stripe;

  friend bool operator==(const sequence&, const sequence&) = default;
};

/// Tells whether `key` matches [A-Za-z_][A-Za-z0-9_]{0,63}.
[[nodiscard]] bool valid_key(std::string_view key);

/// Tells whether 1 <= offset <= increment.
[[nodiscard]] bool valid(const stripe& x);

/// Tells whether two valid stripes share an integer: by the Chinese remainder
/// theorem, when gcd(i1, i2) divides o1 - o2.
[[nodiscard]] bool overlap(const stripe& a, const stripe& b);

/// Tells whether every integer of `inner` lies in `outer`.
[[nodiscard]] bool within(const stripe& inner, const stripe& outer);

/// Tells whether `value` lies in `x`.
[[nodiscard]] bool contains(const stripe& x, int64_t value);

/// Renders "offset mod increment", e.g. "1 mod 2".
[[nodiscard]] std::string to_string(const stripe& x);

/// Returns the least integer of `x` that is greater than `value` (0 or more),
/// or nothing where that would pass `max_integer`.
[[nodiscard]] std::optional<int64_t> next_above(const stripe& x, int64_t value);

/// Returns the greatest integer of `x` that is at most `value`, or 0 if none.
[[nodiscard]] int64_t last_within(const stripe& x, int64_t value);

/// Counts the integers of `x` above `value` (0 or more) up to `max_integer`.
[[nodiscard]] int64_t count_above(const stripe& x, int64_t value);

/// Takes the next `count` (1 or more) integers of `x` above `last`. The run is
/// shorter where the stripe ends before; nothing is left where it is exhausted.
[[nodiscard]] std::optional<run> take(const stripe& x, int64_t last,
                                      int64_t count);

/// Takes the next `count` (1 or more) integers of `x` that are above `last` and
/// at most `top`. The run is shorter where fewer are, and nothing where none
/// is.
[[nodiscard]] std::optional<run> take_up_to(const stripe& x, int64_t last,
                                            int64_t top, int64_t count);

/// Returns the run in the window of `count * increment` consecutive integers
/// that ends at `top`, for stores that can only add: any such window holds
/// exactly `count` integers of a stripe. Nothing where the window would begin
/// below 1.
[[nodiscard]] std::optional<run> run_in_window(const stripe& x, int64_t top,
                                               int64_t count);

/// Returns the last integer of a run that is not empty.
[[nodiscard]] int64_t last_of(const run& x);

/// Cuts up to `count` (0 or more) integers off the front of `x`, which keeps
/// the rest. The first of a run that became empty means nothing.
[[nodiscard]] run cut_front(run& x, int64_t count);

} // namespace intd
