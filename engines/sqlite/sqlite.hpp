// The embedded durable store, and the default: one SQLite file, owned by one
// process. Calls come from the engine's owner; each reservation is one
// statement and one sync of the write-ahead log, answered only after both.
//
// The file holds two tables, `store` (one row: the identity) and `mark` (the
// last integer of each key). It is put in place whole, so a file without them
// was damaged or is somebody else's and is refused. While it is open, SQLite's
// exclusive lock keeps every other process out, readers too.
#pragma once

#include "engines/engine.hpp"

#include <filesystem>

namespace intd {

/// Opens the database `given`, making it (mode 0600) and its directory where
/// there is none. Fails with `in_use`, `corrupt`, `wrong_owner` (a database of
/// another program, or of a later release), `unavailable`.
[[nodiscard]] result<engine_ptr>
open_sqlite(const std::filesystem::path& given);

} // namespace intd
