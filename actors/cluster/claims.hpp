// The arithmetic of ownership: halves of a stripe, who gives way where two
// claim the same integers, and marks merged. Plain functions; ownership.cpp
// decides by them.
#pragma once

#include "engines/ledger.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace intd {

/// Splits (o, i) into (o, 2i) and (o+i, 2i), which together hold the same
/// integers; nothing where 2i would pass `max_integer`.
[[nodiscard]] std::optional<std::pair<stripe, stripe>> halve(const stripe& x);

/// Who says that a stripe is its own, and since when.
struct claim {
  std::string node;
  intd::stripe stripe;
  uint64_t epoch = 0;
  /// The store's identity; claims on one shared store do not exclude each
  /// other, since the store itself serialises.
  std::string store;
  bool shared = false;
  int64_t claimed_s = 0;
};

/// Makes the claim of the node that was given, or keeps, a stripe.
[[nodiscard]] claim claim_of(const std::string& node, const gift& x);

/// Names a node in messages: "node n1 (0123...)".
[[nodiscard]] std::string described(const std::string& node,
                                    const std::string& name);

/// Tells whether both would mint some integer, each on its own.
[[nodiscard]] bool conflict(const claim& a, const claim& b);

/// Tells whether the first of two conflicting claims gives way: the lower epoch
/// does, then the later claim, then the greater node id.
[[nodiscard]] bool gives_way(const claim& mine, const claim& other);

/// What an engine has that has no stripe.
inline constexpr stripe no_stripe{0, 0};

/// Tells whether an engine got its stripe, or nobody objected to it.
[[nodiscard]] inline bool has_stripe(const holding& x) {
  return x.claimed_s > 0;
}

/// Finds the holding of an engine.
template <class Holdings>
[[nodiscard]] auto find(Holdings& all, const std::string& engine)
  -> decltype(&*all.begin()) {
  auto i = std::find_if(all.begin(), all.end(), [&engine](const auto& x) {
    return x.engine == engine;
  });
  return i == all.end() ? nullptr : &*i;
}

/// Merges marks by key: the greater last, the greater bound. Both are sorted by
/// key afterwards.
void merge(std::vector<key_mark>& into, const std::vector<key_mark>& more);

} // namespace intd
