// The ledger of a node on disk: `ledger` in the state directory is a line of
// JSON, and a line with its checksum. It is replaced whole; one that is damaged
// is refused.
#pragma once

#include "engines/guard/state_directory.hpp"
#include "engines/ledger.hpp"

namespace intd {

/// Reads the ledger of a state directory; an empty one where there is none.
/// Fails with `corrupt` or `unavailable`.
[[nodiscard]] result<ledger> read_ledger(const state_directory& state);

/// Replaces the ledger durably.
[[nodiscard]] result<void> write_ledger(const state_directory& state,
                                        const ledger& x);

} // namespace intd
