#include "actors/backoff.hpp"

#include <algorithm>

namespace intd {

backoff::backoff(milliseconds min, milliseconds max, uint64_t seed)
  : min_(std::max(min, milliseconds{1})),
    max_(std::max(max, min_)),
    step_(min_),
    state_(seed) {
  // nop
}

backoff::milliseconds backoff::next() {
  auto step = step_;
  // Doubling stops before it could overflow.
  step_ = step_ > max_ / 2 ? max_ : step_ * 2;
  auto half = step.count() / 2;
  auto span = static_cast<uint64_t>(step.count() - half) + 1;
  return milliseconds{half + static_cast<int64_t>(random() % span)};
}

void backoff::reset() {
  step_ = min_;
}

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
// generators", OOPSLA 2014).
uint64_t backoff::random() {
  state_ += 0x9e3779b97f4a7c15u;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

} // namespace intd
