// The fleet of rqlite: engines on the nodes of a DSN, and the original's
// client.
#pragma once

#include "tests/engines/fleet.hpp"

#include <string>

namespace intd::test {

/// Opens an engine that waits for the nodes of `dsn` a second at most.
[[nodiscard]] opening rqlite_opening(std::string dsn);

/// Adds a plain client that asks for one integer at a time: at the node that
/// answered last, or wherever that points to, or at the next one.
void add_old_client(fleet& to, const std::string& dsn);

} // namespace intd::test
