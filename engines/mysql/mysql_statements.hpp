// The SQL that the mysql engine mints with, as text, and the arithmetic that
// goes with it; nothing here talks to a server.
//
// A table of a sequence is the original's: one row, whose AUTO_INCREMENT
// counter is the sequence. Old clients REPLACE the row, and take the counter's
// next. Two statements fit in between without ever giving an integer twice:
//
// - `in_one_lock`, where a statement has the table for itself: MyISAM and Aria
//   by nature, any other below LOCK TABLES. It moves the row, and by it the
//   counter, to the last integer of the run; any stripe, any count.
// - `in_a_block`, for InnoDB, which takes from the counter before it locks the
//   row. A step of `window` makes the counter jump over a whole block at once,
//   and the row moves to the last integer of it, so that a crash, a replica or
//   an old release that looks at the row goes on behind the block, too.
#pragma once

#include "engines/sequence.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace intd {

/// The greatest step of an AUTO_INCREMENT counter: auto_increment_increment
/// above it is cut to it, with no more than a warning.
inline constexpr int64_t max_step = 65'535;

/// A block of a counter's integers to take at once.
struct mysql_block {
  /// Its size, and what its first integer is congruent to modulo its size:
  /// auto_increment_increment and auto_increment_offset.
  int64_t window = 1;
  int64_t offset = 1;
  /// From its first integer to the one that the row moves to.
  int64_t reach = 0;

  friend bool operator==(const mysql_block&, const mysql_block&) = default;
};

/// Plans a block for `count` integers of `what`, fewer where the step does not
/// carry them, where `mark` is the counter's last and somebody may take more of
/// it meanwhile. A `tight` one ends at its last integer of the stripe, and
/// begins with the stripe only where nobody did. The stripe's increment must be
/// at most `max_step`, and some of it be left above `mark`.
[[nodiscard]] mysql_block plan_block(const stripe& what, int64_t mark,
                                     int64_t count, bool tight);

/// Makes the statement that takes a block, by session settings made before or
/// (`set_statement`, on MariaDB) by its own. Affects 2 rows and answers the
/// block's first integer plus `reach`; where there was no row it affects 1,
/// answers the first, and no more than that is taken.
[[nodiscard]] std::string in_a_block(std::string_view table,
                                     const mysql_block& block,
                                     bool set_statement);

/// Makes the statement that sets a session up for a block.
[[nodiscard]] std::string set_up_block(const mysql_block& block);

/// Makes the statement that takes `count` integers of a stripe. Affects 2 rows
/// and answers the last of them; affects none, or fails as out of range, where
/// they would pass `max_integer`; where there was no row it affects 1, and
/// answers the one integer it took, of whatever stripe.
[[nodiscard]] std::string in_one_lock(std::string_view table,
                                      const stripe& what, int64_t count);

/// Makes the statement that raises a counter to `value`, and never lowers it;
/// it takes the counter's next, too. Affects 1 row, and raises nothing, where
/// there was no row.
[[nodiscard]] std::string raise_to(std::string_view table, int64_t value);

} // namespace intd
