// SummitDB as a store: one key a sequence, INCRBY takes a window of integers
// above it (resp_counter), and Raft keeps it on most nodes before it is
// answered. Calls come from the engine's owner and go to the leader; a
// connection that breaks is this engine's end, and the next one finds whoever
// leads then. The original's clients may mint from the same key.
//
// SummitDB lets INCRBY wrap past 2^63-1. So INCRBY is sent only far below;
// near the end a script adds, which looks first. A client that slept while
// others went there can still wrap the key once: it sees that, takes its
// addition back at once, and answers none of it. A negative key is refused.
//
// What a node syncs cannot be asked for. Run with -low or -medium, it answers
// reads without Raft, which can be seen and is warned of; -durability alone
// cannot.
#pragma once

#include "engines/dsn.hpp"
#include "engines/engine.hpp"
#include "engines/store_options.hpp"

#include <vector>

namespace intd {

/// Finds the leader among `nodes` and their peers, and connects to it. Warns by
/// `options.warn` of a cluster that can forget, and of each leader followed
/// later. Fails with `invalid_dsn` (SummitDB has no logins), `unavailable` or
/// `timeout`.
[[nodiscard]] result<engine_ptr> open_summitdb(const std::vector<server>& nodes,
                                               const store_options& options);

} // namespace intd
