// The one row that a node keeps in a MariaDB or MySQL database about the whole
// store: its identity, and the owner on record. The mysql engine asks for it;
// no table of a sequence can have its name.
#pragma once

#include "engines/engine.hpp"
#include "engines/mysql/mysql_connection.hpp"
#include "engines/mysql/mysql_settings.hpp"

#include <optional>
#include <string>

namespace intd {

/// Reads the identity of the store, made on the first use of the database by
/// whichever node comes first. Fails with `unavailable`, naming the SQL an
/// administrator can run where the user may not create tables.
[[nodiscard]] result<std::string> ask_identity(mysql_connection& server,
                                               mysql_storage made_with);

/// Records an owner as `engine::claim` says, and returns who is recorded then.
/// The record must be there: see `ask_identity`.
[[nodiscard]] result<std::string>
claim_store(mysql_connection& server, const std::string& owner, claim_mode how);

/// Reads and writes the stripe on the store's record, as `engine::held` and
/// `engine::hold` say.
[[nodiscard]] result<std::optional<store_record>>
held_of_store(mysql_connection& server);
[[nodiscard]] result<void> hold_store(mysql_connection& server,
                                      const store_record& x);

} // namespace intd
