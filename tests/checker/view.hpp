// A history, read for judging: which boot served a call, which integers were
// answered and in which stripe each lies. The invariants of checker.hpp look at
// a history through it.
#pragma once

#include "tests/checker/history.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace intd::checker {

/// A key and a stripe, for grouping.
struct stripe_id {
  std::string key;
  int64_t offset = 0;
  int64_t increment = 0;

  friend auto operator<=>(const stripe_id&, const stripe_id&) = default;
};

/// An integer in an answer.
struct minted {
  const call* from = nullptr;
  int64_t value = 0;
  /// Increment 0 where no stripe of the node that answered holds the value.
  progression stripe;

  [[nodiscard]] stripe_id id() const {
    return {from->key, stripe.offset, stripe.increment};
  }
};

/// Reads the integer at the beginning of `text`, however it is written (spaces,
/// sign, leading zeros), so that two spellings of one integer are found to be
/// the same. Returns false where there is none.
[[nodiscard]] bool read_integer(std::string_view text, int64_t& value);

/// Counts the integers of a stripe from 1 to `last`.
[[nodiscard]] int64_t members_to(const progression& x, int64_t last);

[[nodiscard]] bool contains(const progression& x, int64_t value);

class view {
public:
  /// `of` must outlive the view.
  explicit view(const history& of);

  [[nodiscard]] const history& all() const {
    return *history_;
  }

  /// Returns every integer of every complete answer, in the calls' order.
  [[nodiscard]] const std::vector<minted>& answered() const {
    return answered_;
  }

  /// Returns the integers that came with no complete answer: too late, cut off,
  /// or beside an error.
  [[nodiscard]] const std::vector<minted>& stray() const {
    return stray_;
  }

  /// Returns a node's boots, in time.
  [[nodiscard]] const std::vector<const boot*>&
  boots_of(const std::string& node) const;

  /// Returns the boots that can have served a call.
  [[nodiscard]] std::vector<const boot*> serving(const call& x) const;

  /// Returns every stripe that any boot of the node had.
  [[nodiscard]] std::vector<progression>
  stripes_of(const std::string& node) const;

private:
  void expand(const call& x);

  const history* history_;
  std::map<std::string, std::vector<const boot*>> boots_;
  std::vector<minted> answered_;
  std::vector<minted> stray_;
};

} // namespace intd::checker
