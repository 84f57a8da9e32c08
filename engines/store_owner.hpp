// Whose a store is. The guard asks when it opens one: a store that is a node's
// alone may be raised by that node when it went back; one that several nodes
// share may not, since none of them knows how far the others were given.
#pragma once

#include "engines/engine.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace intd {

/// Claims `store` for the node `node_id`, or for all nodes that share it, and
/// checks that nobody else is on its record. Fails with `wrong_owner`, also
/// where a store is to be shared that may forget, or with the store's error.
[[nodiscard]] result<void> check_owner(engine& store,
                                       const std::string& node_id, bool shared,
                                       claim_mode how);

/// Reads the store's record of its owner's stripe. Fails with `wrong_owner`
/// where it is of a later epoch than what the owner knows.
[[nodiscard]] result<std::optional<store_record>>
check_epoch(engine& store, const stripe& mine, uint64_t epoch);

/// Compares the store's record of its owner's stripe with what the owner knows,
/// and brings it up to date. Fails with `wrong_owner` where the store knows of
/// a later change, unless `how` is `take_over`.
[[nodiscard]] result<void> check_record(engine& store, const store_record& mine,
                                        claim_mode how);

/// Makes the error of a shared store that lost integers it had answered.
[[nodiscard]] tl::unexpected<error>
shared_store_went_back(const sequence& what);

/// Makes the error of a shared store with another identity than before.
[[nodiscard]] tl::unexpected<error>
shared_store_changed(const std::string& identity, const std::string& before);

} // namespace intd
