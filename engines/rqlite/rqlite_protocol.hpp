// What is said to rqlite, and what its answers mean: SQL made of checked keys
// and integers, and JSON read with distrust. The engine (rqlite.cpp) sends
// one and reads the other; nothing here touches the network.
//
// Statements are plain text, without parameters, since release 4 has none.
// See https://rqlite.io/docs/api/api/ and https://sqlite.org/autoinc.html.
#pragma once

#include "engines/error.hpp"
#include "engines/sequence.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace intd::rqlite_protocol {

/// Names the table of a key: the key itself, as old clients have it. SQLite
/// does not tell capitals apart and keeps names with "sqlite_" for itself, so
/// a key with either gets a table no key without can have: "key:", then the
/// key with ^ before each capital, and that in lower case.
[[nodiscard]] std::string table_of(std::string_view key);

/// Quotes a text as SQL has it.
[[nodiscard]] std::string literal(std::string_view text);

/// Asks which table a key has: `table_of` it, or else one that is named
/// exactly as the key, capitals and all, made by an old client. Answers no
/// value, or one for `parse_table`.
[[nodiscard]] std::string find_table(std::string_view key);

/// Makes the table of a key as the original has it.
[[nodiscard]] std::string create_table(std::string_view table);

/// What is known of a key's table.
struct table_facts {
  std::string name;
  /// Its ids are AUTOINCREMENT, so that they never go back.
  bool counts = false;
  /// A column is unique, so that it keeps one row.
  bool one_row = false;
};

[[nodiscard]] std::optional<table_facts> parse_table(std::string_view value);

/// Reads the mark of a table: the greatest integer given.
[[nodiscard]] std::string select_mark(std::string_view table);

/// Reserves `count` integers of a stripe above the mark, for which
/// `count * increment` must not pass 2^63 - 1. The inserted id is the last of
/// them. Does nothing, by rows_affected 0, where they could pass 2^63 - 1 or
/// the mark is no integer.
[[nodiscard]] std::string reserve(std::string_view table, const stripe& x,
                                  int64_t count);

/// Moves the mark to `to`, by rows_affected 1, where it still is `from`.
[[nodiscard]] std::string move_mark(std::string_view table, int64_t from,
                                    int64_t to);

/// Raises the mark to `value` where it is lower. The inserted id is the mark
/// after that.
[[nodiscard]] std::string raise_mark(std::string_view table, int64_t value);

/// Writes statements as the body of a request.
[[nodiscard]] std::string
body_of(std::initializer_list<std::string_view> statements);

/// What one statement did.
struct written {
  int64_t last_insert_id = 0;
  int64_t rows_affected = 0;
};

/// Reads the answer of /db/execute to `statements` statements; returns what
/// the last one did. Fails with `unavailable` or `corrupt`, without an
/// address; an answer that carries an error fails whatever its status was.
[[nodiscard]] result<written> parse_written(std::string_view body,
                                            size_t statements);

/// Reads the answer of /db/query to one statement of one column: the first
/// row's value as text, nothing where there is no row or it is NULL.
[[nodiscard]] result<std::optional<std::string>>
parse_value(std::string_view body);

} // namespace intd::rqlite_protocol
