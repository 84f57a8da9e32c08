// What a MariaDB or MySQL server says of itself, asked once when the mysql
// engine opens: which statements it knows, and what it may forget.
#pragma once

#include "engines/engine.hpp"
#include "engines/mysql/mysql_connection.hpp"

#include <string>
#include <string_view>

namespace intd {

/// The storage engines whose counters are known well enough to mint from.
enum class mysql_storage { innodb, aria, myisam };

/// Names one as SQL does.
[[nodiscard]] std::string_view to_string(mysql_storage x);

/// What answered integers are worth, and why they are not worth more: a
/// sentence for an operator, empty where they are durable.
struct mysql_durability {
  durability level = durability::durable;
  std::string why;
};

struct mysql_settings {
  bool mariadb = true;
  uint64_t version = 0;
  /// innodb_flush_log_at_trx_commit and innodb_flush_method.
  std::string innodb_flush = "1";
  std::string innodb_method;
  /// log_bin and sync_binlog.
  bool binlog = false;
  std::string sync_binlog;
  /// aria_group_commit; empty on MySQL, which has no Aria.
  std::string aria_group_commit;
  /// Whether names of tables keep their capitals (lower_case_table_names).
  bool keeps_case = true;
  /// What new tables are made with.
  mysql_storage makes = mysql_storage::innodb;
};

[[nodiscard]] result<mysql_settings> ask_settings(mysql_connection& server);

/// Tells what integers of a table are worth by the server's settings.
/// `transactional` matters to Aria alone.
[[nodiscard]] mysql_durability
durability_of(const mysql_settings& x, mysql_storage table, bool transactional);

} // namespace intd
