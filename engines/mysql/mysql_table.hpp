// The table of a sequence, as the server describes it: the mysql engine looks
// when it first meets a key, and picks the statements by what it sees.
#pragma once

#include "engines/mysql/mysql_connection.hpp"
#include "engines/mysql/mysql_settings.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace intd {

struct mysql_table {
  std::string key;
  mysql_storage storage = mysql_storage::innodb;
  /// Whether Aria logs what it writes.
  bool transactional = true;
  /// What was given: what comes next is above it.
  int64_t mark = 0;
  /// The row's integer, when it was looked at. Where it is above the counter's
  /// last, a crash lost what the counter was.
  int64_t row = 0;
  /// No other client was seen to mint from it: blocks can be tight.
  bool quiet = true;
};

/// Looks at the table of `key`; nothing where there is none. Fails with
/// `invalid_key` where integers cannot be minted from it, with `corrupt` where
/// the server says that it is damaged.
[[nodiscard]] result<std::optional<mysql_table>>
look_at_table(mysql_connection& server, const std::string& key);

/// Makes the statement that creates a table with the original's schema.
[[nodiscard]] std::string create_table(const std::string& key,
                                       mysql_storage with);

/// Asks for the counter's last; `max_integer` where it is past that.
[[nodiscard]] result<int64_t> ask_counter(mysql_connection& server,
                                          const std::string& key);

/// Asks for the row's integer; `max_integer` where it is past that, 0 where
/// there is no row.
[[nodiscard]] result<int64_t> ask_row(mysql_connection& server,
                                      const std::string& key,
                                      mysql_storage storage);

/// Finds out what the least durable of all sequences in the database is worth,
/// or a new one where there is none.
[[nodiscard]] result<mysql_durability>
weakest_durability(mysql_connection& server, const mysql_settings& settings);

/// Tells whether an error's number says that a table is damaged.
[[nodiscard]] bool is_damage(unsigned error_number);

/// Repairs a damaged table (MyISAM, Aria). Fails with `corrupt`.
[[nodiscard]] result<void> repair_table(mysql_connection& server,
                                        const std::string& key);

} // namespace intd
