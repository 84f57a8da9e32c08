// MariaDB and MySQL: each sequence is a table, the original's own schema, so
// that old clients may mint from it at the same time. Calls come from the
// engine's owner; each reservation is one statement, see mysql_statements.hpp.
//
// What a table's storage engine is decides the statement, and is asked once
// per key and opening: stop the nodes before an ALTER TABLE .. ENGINE.
#pragma once

#include "engines/dsn.hpp"
#include "engines/engine.hpp"
#include "engines/store_options.hpp"

namespace intd {

/// How the size of a block is told to the server.
enum class mysql_dialect {
  /// As the server's version has it.
  by_version,
  /// Within the statement, by SET STATEMENT, which MySQL does not know.
  set_statement,
  /// By a statement of its own, where the size changes.
  set_session,
};

/// Connects to a database. Fails with `unavailable` or `timeout`. Warns where
/// integers can be forgotten by the settings of the server or of a table.
/// Tables are made on first use, by a user that may. Any count; on InnoDB runs
/// are cut to 65,535 / increment, and stripes with an increment above 65,535
/// lock the table for a moment (`invalid_stripe` where the user may not).
[[nodiscard]] result<engine_ptr>
open_mysql(const mysql_dsn& dsn, const store_options& options,
           mysql_dialect dialect = mysql_dialect::by_version);

} // namespace intd
