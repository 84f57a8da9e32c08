// The tables that the mysql engine has met, and the connection by which it
// asks them: found or made on a key's first use, repaired once where a crash
// damaged them, and never lowered.
#pragma once

#include "engines/mysql/mysql_connection.hpp"
#include "engines/mysql/mysql_settings.hpp"
#include "engines/mysql/mysql_table.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace intd {

class mysql_tables {
public:
  /// How often a call may ask: a table that was empty, a counter that somebody
  /// else moved, or a deadlock can make one statement give nothing.
  static constexpr int most_tries = 4;

  /// Warns where the weakest known durability is less than durable.
  mysql_tables(mysql_connection server, mysql_settings settings,
               mysql_durability weakest,
               std::function<void(std::string_view)> warn);

  [[nodiscard]] mysql_connection& server() {
    return server_;
  }

  [[nodiscard]] const mysql_settings& settings() const {
    return settings_;
  }

  /// What integers of the least durable table known are worth.
  [[nodiscard]] durability durable() const {
    return weakest_.level;
  }

  /// Finds the table of a key; null where there is none. It stays where it is.
  [[nodiscard]] result<mysql_table*> find(const std::string& key);

  /// Finds it, or makes it where the user may. Fails with `invalid_key` where
  /// that one may not.
  [[nodiscard]] result<mysql_table*> find_or_make(const std::string& key);

  /// Runs a statement on a table. Answers nothing where the server surely did
  /// not carry it out and it may be asked again: the counter has no such
  /// integer (the mark was asked for anew), or InnoDB took it back to end a
  /// deadlock, which is the fate of about one in 500 where several clients
  /// mint from one table at once. A statement that a damaged table refused
  /// comes again by itself once that is repaired.
  [[nodiscard]] result<std::optional<mysql_answer>> ask(mysql_table& at,
                                                        std::string_view sql);

  /// Asks for the mark anew.
  [[nodiscard]] result<void> refresh(mysql_table& at);

  /// Raises the counter to `value` (1 or more), whatever others mint from it
  /// in the meantime. Fails with `corrupt` where it does not follow.
  [[nodiscard]] result<void> raise(mysql_table& at, int64_t value);

private:
  [[nodiscard]] result<void> make_table(const std::string& key);
  [[nodiscard]] result<std::optional<mysql_table>> look(const std::string& key);
  [[nodiscard]] result<void> repair(const std::string& key);
  [[nodiscard]] result<void> repair_and_raise(mysql_table& at);
  [[nodiscard]] result<void> lift(mysql_table& at);
  void warn(std::string_view text) const;

  mysql_connection server_;
  mysql_settings settings_;
  mysql_durability weakest_;
  std::function<void(std::string_view)> warn_;
  std::unordered_map<std::string, mysql_table> known_;
  bool repaired_ = false;
};

} // namespace intd
