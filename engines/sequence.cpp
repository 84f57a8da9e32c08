#include "engines/sequence.hpp"

#include "engines/assert.hpp"

#include <algorithm>
#include <numeric>

namespace intd {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

} // namespace

bool valid_key(std::string_view key) {
  return !key.empty() && key.size() <= max_key_size && is_letter(key.front())
    && std::all_of(key.begin() + 1, key.end(), [](char c) {
         return is_letter(c) || is_digit(c);
       });
}

bool valid(const stripe& x) {
  return 1 <= x.offset && x.offset <= x.increment;
}

bool overlap(const stripe& a, const stripe& b) {
  INTD_ASSERT(valid(a) && valid(b));
  return (a.offset - b.offset) % std::gcd(a.increment, b.increment) == 0;
}

bool within(const stripe& inner, const stripe& outer) {
  INTD_ASSERT(valid(inner) && valid(outer));
  return inner.increment % outer.increment == 0
    && contains(outer, inner.offset);
}

bool contains(const stripe& x, int64_t value) {
  INTD_ASSERT(valid(x));
  return value >= x.offset && (value - x.offset) % x.increment == 0;
}

std::string to_string(const stripe& x) {
  return std::to_string(x.offset) + " mod " + std::to_string(x.increment);
}

std::optional<int64_t> next_above(const stripe& x, int64_t value) {
  INTD_ASSERT(valid(x));
  if (value < x.offset)
    return x.offset;
  // Both terms are in range: value >= offset >= 1, and step is 1 to increment.
  const int64_t step = x.increment - (value - x.offset) % x.increment;
  if (value > max_integer - step)
    return std::nullopt;
  return value + step;
}

int64_t last_within(const stripe& x, int64_t value) {
  INTD_ASSERT(valid(x));
  return value < x.offset ? 0 : value - (value - x.offset) % x.increment;
}

int64_t count_above(const stripe& x, int64_t value) {
  const auto first = next_above(x, value);
  return first ? (max_integer - *first) / x.increment + 1 : 0;
}

std::optional<run> take(const stripe& x, int64_t last, int64_t count) {
  INTD_ASSERT(count >= 1);
  const auto first = next_above(x, last);
  if (!first)
    return std::nullopt;
  const int64_t left = (max_integer - *first) / x.increment + 1;
  return run{*first, x.increment, std::min(count, left)};
}

std::optional<run> take_up_to(const stripe& x, int64_t last, int64_t top,
                              int64_t count) {
  auto taken = take(x, last, count);
  if (!taken || taken->first > top)
    return std::nullopt;
  taken->count = std::min(taken->count, (top - taken->first) / x.increment + 1);
  return taken;
}

std::optional<run> run_in_window(const stripe& x, int64_t top, int64_t count) {
  INTD_ASSERT(valid(x) && count >= 1);
  int64_t width = 0;
  if (__builtin_mul_overflow(count, x.increment, &width) || width > top)
    return std::nullopt;
  // The least integer of the stripe above the window's lower end: the window
  // is a whole number of increments wide, so `count` of them fit.
  const auto first = next_above(x, top - width);
  INTD_ASSERT(first && *first <= top);
  return run{*first, x.increment, count};
}

int64_t last_of(const run& x) {
  INTD_ASSERT(x.count >= 1);
  return x.first + (x.count - 1) * x.increment;
}

run cut_front(run& x, int64_t count) {
  INTD_ASSERT(count >= 0 && x.count >= 0);
  const run front{x.first, x.increment, std::min(count, x.count)};
  x.count -= front.count;
  // An emptied run keeps its first: one step further could pass 2^63 - 1.
  if (x.count > 0)
    x.first += front.count * x.increment;
  return front;
}

} // namespace intd
