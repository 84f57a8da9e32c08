#include "engines/mysql/mysql_settings.hpp"

#include <utility>

namespace intd {

namespace {

mysql_durability forgetful(std::string why) {
  return {durability::may_forget, std::move(why)};
}

// https://mariadb.com/kb/en/innodb-system-variables/. A transaction that is in
// the log but not in the binary log is taken back when the server recovers.
mysql_durability of_innodb(const mysql_settings& x) {
  // From 10.2.4 and 8.0 on the counter is on disk; before, a restart took the
  // row's integer, which may be an older one.
  if (x.version < (x.mariadb ? 100'204U : 80'000U))
    return forgetful("this release keeps InnoDB's counters in memory; upgrade "
                     "to MariaDB 10.2.4 or MySQL 8.0");
  if (x.innodb_flush != "1" && x.innodb_flush != "3")
    return forgetful("innodb_flush_log_at_trx_commit is " + x.innodb_flush
                     + ", so a crash may take back what was answered; set it "
                       "to 1");
  if (x.innodb_method == "nosync" || x.innodb_method == "littlesync")
    return forgetful("innodb_flush_method is " + x.innodb_method
                     + ", so a power cut may take back what was answered; set "
                       "it to fsync or O_DIRECT");
  if (x.binlog && x.sync_binlog != "1")
    return forgetful("sync_binlog is " + x.sync_binlog
                     + ", so a power cut may take back what was answered; set "
                       "it to 1");
  return {};
}

// https://mariadb.com/kb/en/aria-group-commit/.
mysql_durability of_aria(const mysql_settings& x, bool transactional) {
  if (!transactional)
    return forgetful("an Aria table is not crash-safe; ALTER TABLE .. "
                     "TRANSACTIONAL=1 makes it so");
  if (x.aria_group_commit != "none" && x.aria_group_commit != "hard")
    return forgetful("aria_group_commit is " + x.aria_group_commit
                     + ", so a power cut may take back what was answered; set "
                       "it to none");
  return {};
}

} // namespace

std::string_view to_string(mysql_storage x) {
  switch (x) {
    case mysql_storage::innodb:
      return "InnoDB";
    case mysql_storage::aria:
      return "Aria";
    case mysql_storage::myisam:
      return "MyISAM";
  }
  return "another engine";
}

result<mysql_settings> ask_settings(mysql_connection& server) {
  mysql_settings x;
  x.mariadb = server.mariadb();
  x.version = server.version();
  // MySQL answers AUTO_INCREMENT from statistics that are up to a day old.
  if (!x.mariadb && x.version >= 80'000)
    if (auto done = server.run("SET SESSION information_schema_stats_expiry=0");
        !done)
      return tl::unexpected{std::move(done.error())};
  auto rows = server.rows(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ("
    "'innodb_flush_log_at_trx_commit', 'innodb_flush_method', 'log_bin', "
    "'sync_binlog', 'aria_group_commit', 'lower_case_table_names')");
  if (!rows)
    return tl::unexpected{std::move(rows.error())};
  bool innodb = false;
  for (const auto& row : *rows) {
    if (row.size() != 2 || !row[0] || !row[1])
      return server.refuse(ec::corrupt, "a setting came without its value");
    const auto& [name, value] = std::pair{*row[0], *row[1]};
    if (name == "innodb_flush_log_at_trx_commit") {
      innodb = true;
      x.innodb_flush = value;
    } else if (name == "innodb_flush_method") {
      x.innodb_method = value;
    } else if (name == "log_bin") {
      x.binlog = value == "ON";
    } else if (name == "sync_binlog") {
      x.sync_binlog = value;
    } else if (name == "aria_group_commit") {
      x.aria_group_commit = value;
    } else if (name == "lower_case_table_names") {
      x.keeps_case = value == "0";
    }
  }
  if (!innodb)
    x.makes = x.aria_group_commit.empty() ? mysql_storage::myisam
                                          : mysql_storage::aria;
  return x;
}

mysql_durability durability_of(const mysql_settings& x, mysql_storage table,
                               bool transactional) {
  switch (table) {
    case mysql_storage::innodb:
      return of_innodb(x);
    case mysql_storage::aria:
      return of_aria(x, transactional);
    case mysql_storage::myisam:
      break;
  }
  return forgetful("MyISAM writes without syncing, so a power cut may take "
                   "back what was answered; ALTER TABLE .. ENGINE=InnoDB "
                   "makes it durable");
}

} // namespace intd
