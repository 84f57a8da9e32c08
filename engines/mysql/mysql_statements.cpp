#include "engines/mysql/mysql_statements.hpp"

#include "engines/assert.hpp"

#include <algorithm>

namespace intd {

namespace {

std::string text(int64_t x) {
  return std::to_string(x);
}

std::string insert_into(std::string_view table) {
  std::string sql = "INSERT INTO `";
  sql.append(table).append("` (stub) VALUES ('a') ON DUPLICATE KEY UPDATE id=");
  return sql;
}

std::string settings(const mysql_block& x) {
  return "auto_increment_increment=" + text(x.window)
    + ", auto_increment_offset=" + text(x.offset);
}

} // namespace

mysql_block plan_block(const stripe& what, int64_t mark, int64_t count,
                       bool tight) {
  const auto first = next_above(what, mark);
  INTD_ASSERT(first && what.increment <= max_step && count >= 1);
  const auto most = std::min(count, max_step / what.increment);
  const int64_t reach = (most - 1) * what.increment;
  // The counter's next must be of the stripe, or a tight block misses it.
  const bool exact = tight && *first == mark + 1;
  const int64_t window = exact ? reach + 1 : most * what.increment;
  return {window, (*first - 1) % window + 1, reach};
}

std::string in_a_block(std::string_view table, const mysql_block& block,
                       bool set_statement) {
  std::string sql;
  if (set_statement)
    sql.append("SET STATEMENT ").append(settings(block)).append(" FOR ");
  return sql + insert_into(table) + "LAST_INSERT_ID(VALUES(id)+"
    + text(block.reach) + ")";
}

std::string set_up_block(const mysql_block& block) {
  return "SET SESSION " + settings(block);
}

// What comes next is VALUES(id), the counter's next, or what follows the row
// where that is more: a MyISAM server that was killed may have written the row
// and not the counter. It is moved up to the stripe; all terms are below
// 2^63 + 1, and what passes 2^64 is an error to the server.
std::string in_one_lock(std::string_view table, const stripe& what,
                        int64_t count) {
  const std::string next = "GREATEST(VALUES(id),id+1)";
  std::string last = next;
  if (what.increment > 1) {
    const auto by = text(what.increment);
    last += "+(" + by + "-(" + next + "+" + text(what.increment - what.offset)
      + ")%" + by + ")%" + by;
  }
  if (count > 1)
    last += "+" + text((count - 1) * what.increment);
  return insert_into(table) + "IF(" + last + "<=" + text(max_integer)
    + ",LAST_INSERT_ID(" + last + "),id)";
}

// By the counter's next and not by VALUES (value, 'a'): InnoDB would then step
// as far as the statement before did.
std::string raise_to(std::string_view table, int64_t value) {
  return insert_into(table) + "GREATEST(id,VALUES(id)," + text(value) + ")";
}

} // namespace intd
