// Finds the node of an rqlite cluster to talk to when an engine is opened:
// all nodes of the data source name are asked at the same time, and so is
// whatever node they point to.
#pragma once

#include "engines/dsn.hpp"
#include "engines/store_options.hpp"

#include <optional>
#include <string>
#include <vector>

namespace intd {

/// Returns the leader, or a node that reaches it where it cannot be reached
/// from here (release 8 forwards). While some node answers it waits for an
/// election, together no longer than both timeouts of `options`. Fails with
/// `unavailable` or `timeout`, saying what each node answered.
[[nodiscard]] result<server>
find_rqlite_leader(const std::vector<server>& nodes,
                   const store_options& options);

/// Reads the node that a redirect of `from` points to. Its scheme is `from`'s:
/// release 4 writes https wherever it wants a password.
[[nodiscard]] std::optional<server> pointed_to(const server& from,
                                               const std::string& location);

} // namespace intd
