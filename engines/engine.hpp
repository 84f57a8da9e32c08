// The ground floor: what intd asks of a data store. The engine actor calls it
// for every batch of requests; the store remembers the last integer.
//
// An engine is blocking and single-threaded: one owner calls it, one call at a
// time. It keeps no settings of its own: what to mint arrives as an argument.
#pragma once

#include "engines/error.hpp"
#include "engines/mark.hpp"
#include "engines/sequence.hpp"
#include "engines/store_record.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// What an answered integer is worth once the process that holds it is gone.
enum class durability {
  /// The store forgets with its process: only a guard makes it safe.
  forgets,
  /// The store keeps integers, but by its settings or a failover it may lose
  /// those that it answered last: a guard notices and repairs that.
  may_forget,
  /// The store wrote and synced before it answered.
  durable,
};

/// What `claim` does to another's record.
enum class claim_mode {
  if_free,
  /// Replaces it: its owner must never mint from the store again.
  take_over,
};

/// The owner on record of a store that several nodes mint from at once.
inline constexpr std::string_view shared_by_nodes = "shared";

/// Which marks to tell.
enum class marks_of {
  /// Every key's, compared with the store.
  every_key,
  /// Those of the keys that were minted or raised since this was asked last.
  changed,
};

class engine {
public:
  engine() = default;
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;
  virtual ~engine() = default;

  /// Reserves `count` (1 to `max_count`) integers of a sequence in one round
  /// trip, all above every integer reserved before. The run may be shorter,
  /// never empty; ask again for the rest. Fails with `invalid_key`,
  /// `invalid_stripe`, `invalid_count`, `exhausted` (nothing changed), or an
  /// error for which `is_fatal` holds: whether the store applied the
  /// reservation is then unknown, and its integers are never guessed.
  [[nodiscard]] virtual result<run> reserve(const sequence& what, int64_t count)
    = 0;

  /// Returns the last integer of the sequence at or below the store's mark, or
  /// 0 where none was given.
  [[nodiscard]] virtual result<int64_t> last(const sequence& what) = 0;

  /// Raises the last integer: everything reserved later is above `value`
  /// (0 to `max_integer`). The present value again is fine; a lower one fails
  /// with `too_small` and changes nothing.
  [[nodiscard]] virtual result<void> set_last(const sequence& what,
                                              int64_t value)
    = 0;

  /// Returns the random id that the store made on its first use and keeps.
  [[nodiscard]] virtual result<std::string> identity() = 0;

  /// Records in the store that it is `owner`'s (a node's id, or
  /// `shared_by_nodes`), atomically and only where nobody is recorded yet or
  /// `how` is `take_over`; returns who is recorded then. A store that no other
  /// process can open at the same time records nothing and answers `owner`.
  [[nodiscard]] virtual result<std::string> claim(const std::string& owner,
                                                  claim_mode how);

  /// Tells which stripe the store's owner has, as the store keeps it; nothing
  /// where none was recorded, or the store keeps no such record. Fails with
  /// `corrupt` where it is none, or with the store's error.
  [[nodiscard]] virtual result<std::optional<store_record>> held();

  /// Records which stripe the store's owner has. A store that cannot keep it
  /// answers that all is well. For the owner only: see `claim`. Fails with the
  /// store's error.
  [[nodiscard]] virtual result<void> hold(const store_record& x);

  /// Tells how far keys were given on the engine's stripe. An engine that keeps
  /// no account of it (none does without a guard) tells none.
  [[nodiscard]] virtual result<std::vector<key_mark>> marks(marks_of which);

  /// Writes what a clean stop should leave behind. No call may follow.
  [[nodiscard]] virtual result<void> close() = 0;

  /// The name in the registry, e.g. "sqlite".
  [[nodiscard]] virtual std::string_view name() const = 0;

  [[nodiscard]] virtual durability durable() const = 0;
};

using engine_ptr = std::unique_ptr<engine>;

/// Checks the arguments of `reserve`.
[[nodiscard]] result<void> check(const sequence& what, int64_t count);

/// Checks a sequence: its key and its stripe.
[[nodiscard]] result<void> check(const sequence& what);

/// Raises an engine above each of `floors` on its stripe, where it is not there
/// already: to the bound, since nobody knows how much of it was given. Returns
/// the keys that had to be raised.
[[nodiscard]] result<std::vector<std::string>>
raise_above(engine& x, const stripe& within,
            const std::vector<key_mark>& floors);

/// Makes the error of a `set_last` to `value` where `present` was given.
[[nodiscard]] tl::unexpected<error> too_small(const sequence& what,
                                              int64_t value, int64_t present);

} // namespace intd
