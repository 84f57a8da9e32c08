#include "engines/mysql/mysql_table.hpp"

#include "engines/sequence.hpp"

#include <mariadb/mysqld_error.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace intd {

namespace {

std::optional<uint64_t> read_number(const std::optional<std::string>& text) {
  uint64_t value = 0;
  if (!text)
    return std::nullopt;
  const auto* end = text->data() + text->size();
  const auto [stop, failure] = std::from_chars(text->data(), end, value);
  if (failure != std::errc{} || stop != end)
    return std::nullopt;
  return value;
}

int64_t within_range(uint64_t value) {
  return static_cast<int64_t>(
    std::min(value, static_cast<uint64_t>(max_integer)));
}

std::optional<mysql_storage> read_storage(const std::string& name) {
  if (name == "InnoDB")
    return mysql_storage::innodb;
  if (name == "Aria")
    return mysql_storage::aria;
  if (name == "MyISAM")
    return mysql_storage::myisam;
  return std::nullopt;
}

// The first comparison finds the one file, the second tells capitals apart.
std::string where_key(const std::string& key) {
  return " WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='" + key
    + "' AND BINARY TABLE_NAME='" + key + "'";
}

bool transactional(const std::string& create_options,
                   const std::string& row_format) {
  return row_format == "Page"
    && create_options.find("transactional=0") == std::string::npos;
}

tl::unexpected<error> unfit(const mysql_connection& server,
                            const std::string& key, const std::string& why) {
  return server.refuse(ec::invalid_key,
                       "no integers can be minted from " + key + ": " + why);
}

// ON DUPLICATE KEY needs the unique stub, and the counter the whole range.
result<void> check_columns(mysql_connection& server, const std::string& key) {
  const auto rows = server.rows(
    "SELECT (SELECT COUNT(*) FROM information_schema.COLUMNS" + where_key(key)
    + " AND COLUMN_NAME='id' AND COLUMN_TYPE LIKE 'bigint%unsigned' "
      "AND EXTRA LIKE '%auto_increment%' AND COLUMN_KEY='PRI'), "
      "(SELECT COUNT(*) FROM information_schema.COLUMNS"
    + where_key(key)
    + " AND COLUMN_NAME='stub' AND DATA_TYPE='char' AND COLUMN_KEY='UNI')");
  if (!rows)
    return tl::unexpected{rows.error()};
  const mysql_row fine{"1", "1"};
  if (rows->size() != 1 || rows->front() != fine)
    return unfit(server, key,
                 "its columns must be id BIGINT UNSIGNED NOT NULL "
                 "AUTO_INCREMENT PRIMARY KEY and stub CHAR(1) NOT NULL UNIQUE; "
                 "ALTER it, or use another key");
  return {};
}

} // namespace

result<std::optional<mysql_table>> look_at_table(mysql_connection& server,
                                                 const std::string& key) {
  const auto rows
    = server.rows("SELECT TABLE_TYPE, ENGINE, TABLE_COMMENT, CREATE_OPTIONS, "
                  "ROW_FORMAT FROM information_schema.TABLES"
                  + where_key(key));
  if (!rows)
    return tl::unexpected{rows.error()};
  if (rows->empty())
    return std::nullopt;
  const auto& row = rows->front();
  const auto text = [&row](size_t i) {
    return row[i].value_or("");
  };
  if (text(0) != "BASE TABLE")
    return unfit(server, key, "it is no table, but a " + text(0));
  // Where a table cannot be opened its comment says why.
  if (!row[1])
    return server.refuse(ec::corrupt,
                         key + " cannot be opened: " + text(2)
                           + "; REPAIR it, or put a backup in its "
                             "place");
  const auto storage = read_storage(text(1));
  if (!storage || text(3).find("partitioned") != std::string::npos)
    return unfit(server, key,
                 "how " + text(1) + " " + text(3)
                   + " counts is not known; ALTER TABLE `" + key
                   + "` ENGINE=InnoDB, or use another key");
  if (auto done = check_columns(server, key); !done)
    return tl::unexpected{std::move(done.error())};
  // The row first: what others mint in between is above it.
  const auto integer = ask_row(server, key, *storage);
  if (!integer)
    return tl::unexpected{integer.error()};
  return ask_counter(server, key).map([&](int64_t counter) {
    return std::optional{mysql_table{
      key, *storage, transactional(text(3), text(4)), counter, *integer, true}};
  });
}

std::string create_table(const std::string& key, mysql_storage with) {
  std::string sql = "CREATE TABLE IF NOT EXISTS `";
  sql.append(key)
    .append("` (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
            "stub CHAR(1) NOT NULL DEFAULT '', UNIQUE KEY stub (stub)) ENGINE=")
    .append(to_string(with));
  return sql;
}

result<int64_t> ask_counter(mysql_connection& server, const std::string& key) {
  const auto rows = server.rows(
    "SELECT AUTO_INCREMENT FROM information_schema.TABLES" + where_key(key));
  if (!rows)
    return tl::unexpected{rows.error()};
  const auto next
    = rows->size() == 1 ? read_number(rows->front()[0]) : std::nullopt;
  if (!next)
    return server.refuse(ec::corrupt,
                         "the table " + key
                           + " is gone or damaged; REPAIR it, or put a backup "
                             "in its place");
  // Before its first integer a counter may be shown as 0.
  return within_range(std::max<uint64_t>(*next, 1) - 1);
}

// From the rows, since an index may lag behind them after a crash. Where a
// table is locked as a whole the reader queues up with the writers: else it
// would wait until none of them does.
result<int64_t> ask_row(mysql_connection& server, const std::string& key,
                        mysql_storage storage) {
  std::string sql = "SELECT MAX(id) FROM `" + key + "` IGNORE INDEX (PRIMARY)";
  if (storage != mysql_storage::innodb)
    sql += " FOR UPDATE";
  const auto rows = server.rows(sql);
  if (!rows)
    return tl::unexpected{rows.error()};
  if (rows->size() != 1)
    return server.refuse(ec::corrupt, "the greatest of " + key + " is missing");
  return within_range(read_number(rows->front()[0]).value_or(0));
}

result<mysql_durability> weakest_durability(mysql_connection& server,
                                            const mysql_settings& settings) {
  const auto rows = server.rows(
    "SELECT DISTINCT t.ENGINE, t.CREATE_OPTIONS, t.ROW_FORMAT "
    "FROM information_schema.TABLES t JOIN information_schema.COLUMNS c "
    "USING (TABLE_SCHEMA, TABLE_NAME) WHERE t.TABLE_SCHEMA=DATABASE() "
    "AND c.TABLE_SCHEMA=DATABASE() AND c.COLUMN_NAME='stub'");
  if (!rows)
    return tl::unexpected{rows.error()};
  auto weakest = durability_of(settings, settings.makes, true);
  bool first = true;
  for (const auto& row : *rows) {
    const auto storage = read_storage(row[0].value_or(""));
    if (!storage)
      continue;
    auto here
      = durability_of(settings, *storage,
                      transactional(row[1].value_or(""), row[2].value_or("")));
    if (first || here.level < weakest.level)
      weakest = std::move(here);
    first = false;
  }
  return weakest;
}

// The handler's numbers and the server's own for them.
bool is_damage(unsigned error_number) {
  switch (error_number) {
    case 126: // index damaged
    case 127: // record damaged
    case 144: // crashed, and the last repair failed
    case 145: // marked as crashed
    case ER_NOT_KEYFILE:
    case ER_OLD_KEYFILE:
    case ER_CRASHED_ON_USAGE:
    case ER_CRASHED_ON_REPAIR:
      return true;
    default:
      return false;
  }
}

result<void> repair_table(mysql_connection& server, const std::string& key) {
  const auto rows = server.rows("REPAIR TABLE `" + key + "`");
  if (!rows)
    return tl::unexpected{rows.error()};
  const auto& last = rows->empty() ? mysql_row{} : rows->back();
  if (last.size() != 4 || last[2] != "status" || last[3] != "OK")
    return server.refuse(
      ec::corrupt,
      "REPAIR TABLE " + key
        + " failed: " + (last.size() == 4 ? last[3].value_or("") : "no answer")
        + "; put a backup in its place (the guard keeps old "
          "integers from coming again)");
  return {};
}

} // namespace intd
