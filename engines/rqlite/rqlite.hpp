// rqlite, releases 4 to 8, as a store: SQLite behind a consensus log, spoken
// to by HTTP. Calls come from the engine's owner; each reservation is one
// statement that the log orders and every node's SQLite executes, so engines
// of any stripe and the original's clients share a table without a duplicate.
//
// A key is a table as the original made it (rqlite_protocol.hpp says which),
// its mark the greater of its highest id and its row of sqlite_sequence. The
// table "intd-store" holds the store's identity and its owner.
//
// An answer means that a majority of the cluster has the statement in its
// synced log: rqlite cannot be told to skip that, and its SQLite database,
// in memory or not, is made again from the log. Writes are never queued.
#pragma once

#include "engines/dsn.hpp"
#include "engines/engine.hpp"
#include "engines/store_options.hpp"

#include <vector>

namespace intd {

/// Opens the cluster of which `nodes` are some (all of them is best: whichever
/// leads is found as long as one that lives is named). Fails with
/// `unavailable`, `timeout`, `corrupt`.
[[nodiscard]] result<engine_ptr> open_rqlite(const std::vector<server>& nodes,
                                             const store_options& options);

} // namespace intd
