// A decorator that makes a duplicate impossible where the store forgets: it
// keeps a durable ceiling for each key and stripe, and answers nothing above a
// ceiling that is not on disk yet. The engine actor calls it like any engine.
//
// The floor of a key and stripe is the highest of what this guard answered on
// any stripe of the key that overlaps it: the exact last integer where it is
// known, else the ceiling. A store that would mint at or below the floor is
// raised above it first, where it is this node's alone; where other nodes share
// it, nobody here knows how far they were given, and the guard refuses.
#pragma once

#include "engines/engine.hpp"
#include "engines/guard/state_directory.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace intd {

/// What guards counted, for metrics; read from any thread.
struct guard_counters {
  /// Stores found below what they had given.
  std::atomic<uint64_t> regressions = 0;
  /// Stores raised to a floor, for whatever reason.
  std::atomic<uint64_t> raises = 0;
  /// Stores whose identity was not the one seen before.
  std::atomic<uint64_t> identity_changes = 0;
  /// Ceilings made durable.
  std::atomic<uint64_t> ceilings = 0;
};

struct guard_options {
  /// The file's name in the state directory ([A-Za-z0-9_-]{1,64}), and the
  /// engine's in messages.
  std::string name = "main";
  /// The stripe this guard is opened for, and the only one it mints in; one
  /// that is disjoint from the recorded one is refused with `wrong_owner`.
  intd::stripe stripe;
  /// How far ahead of the last integer a new ceiling is set, in integers of
  /// the stripe (1 or more). As many are skipped after a crash of the machine.
  int64_t block = 10'000;
  /// Other nodes mint from the store too, and say so as well. Only a store that
  /// is durable can be shared.
  bool shared = false;
  /// Whether to take the store over from another node on its record, or, where
  /// it is shared, to accept that it is another one than before.
  claim_mode claim = claim_mode::if_free;
  /// Of the stripe, by the node's ledger; 0: it has none, and the store's
  /// record of the stripe is neither compared nor written.
  uint64_t epoch = 0;
  /// Nobody but this node mints from the store.
  bool alone = false;
  /// Every key is minted above this one.
  int64_t above = 0;
  /// Told, in a sentence, of everything an operator should know: a store that
  /// went back, a changed identity, a ceiling that had to be trusted.
  std::function<void(std::string_view)> warn;
  /// Where to count; may be shared by guards and outlive them.
  std::shared_ptr<guard_counters> counters;
};

/// Guards `store` with the ceilings kept in `state`. Fails with `corrupt`,
/// `wrong_owner` (the state or the store belongs to somebody else), `in_use`,
/// `unavailable`, or the store's own error. The engine refuses, with
/// `invalid_stripe`, stripes that are not within the one it is opened for, and,
/// with `invalid_key`, keys past 65,536.
[[nodiscard]] result<engine_ptr>
make_guard(engine_ptr store, std::shared_ptr<state_directory> state,
           guard_options options);

} // namespace intd
