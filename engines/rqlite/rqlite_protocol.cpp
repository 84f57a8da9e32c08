#include "engines/rqlite/rqlite_protocol.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace intd::rqlite_protocol {

namespace {

using json = nlohmann::json;

bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

std::string lower(std::string_view text) {
  std::string made{text};
  for (char& c : made)
    if (is_capital(c))
      c = static_cast<char>(c - 'A' + 'a');
  return made;
}

bool is_sqlites_own(std::string_view name) {
  return lower(name).starts_with("sqlite_");
}

// A name of a table; none that gets here has a quotation mark in it but one
// that somebody else made.
std::string name(std::string_view table) {
  std::string made{'"'};
  for (const char c : table)
    made.append(c == '"' ? 2 : 1, c);
  return made + '"';
}

// One row, s: the mark. Both places are asked: the original sets the mark in
// sqlite_sequence, and a row's id may be above it where that was lowered.
// sqlite_sequence has the name as it was spelled first, capitals and all.
std::string mark(std::string_view table) {
  return "(SELECT max(coalesce((SELECT max(seq) FROM sqlite_sequence WHERE "
         "name="
    + literal(table) + " COLLATE NOCASE),0),coalesce((SELECT max(id) FROM "
    + name(table) + "),0)) AS s)";
}

std::string replace(std::string_view table, const std::string& id,
                    const std::string& where) {
  return "REPLACE INTO " + name(table) + " (id,stub) SELECT " + id
    + ",'a' FROM " + mark(table) + " WHERE " + where;
}

std::string text_of(const json& x) {
  return x.is_string() ? x.get<std::string>() : x.dump();
}

// By what it says. What is damaged or of another shape does not heal by being
// asked again.
tl::unexpected<error> sql_error(const std::string& text) {
  constexpr std::array<std::string_view, 8> damages{
    "no such table", "no such column", "datatype mismatch", "malformed",
    "constraint",    "syntax error",   "not a database",    "may not be"};
  const bool damaged
    = std::any_of(damages.begin(), damages.end(), [&text](auto damage) {
        return text.find(damage) != std::string::npos;
      });
  return fail(damaged ? ec::corrupt : ec::unavailable,
              "answers the error \"" + text + "\"");
}

// The results, one a statement, once nothing in the answer is an error.
result<json> parse_results(std::string_view body, size_t statements) {
  const auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object())
    return fail(ec::corrupt, "answers what is no JSON object; is it rqlite?");
  if (const auto why = answer.find("error"); why != answer.end())
    return sql_error(text_of(*why));
  const auto results = answer.find("results");
  if (results == answer.end() || !results->is_array())
    return fail(ec::corrupt, "answers no results; is it rqlite?");
  for (const auto& x : *results) {
    if (!x.is_object())
      return fail(ec::corrupt, "answers a result that is no object");
    if (const auto why = x.find("error"); why != x.end())
      return sql_error(text_of(*why));
  }
  if (results->size() != statements)
    return fail(ec::corrupt,
                "answers " + std::to_string(results->size()) + " results to "
                  + std::to_string(statements) + " statements");
  return *results;
}

// A number that rqlite leaves out is 0.
std::optional<int64_t> integer(const json& in, const char* member) {
  const auto found = in.find(member);
  if (found == in.end())
    return 0;
  if (!found->is_number_integer()
      || (found->is_number_unsigned()
          && found->get<uint64_t>() > static_cast<uint64_t>(max_integer)))
    return std::nullopt;
  return found->get<int64_t>();
}

} // namespace

std::string table_of(std::string_view key) {
  if (!is_sqlites_own(key) && std::none_of(key.begin(), key.end(), is_capital))
    return std::string{key};
  std::string table = "key:";
  for (const char c : key)
    (is_capital(c) ? table += '^' : table) += lower({&c, 1});
  return table;
}

std::string literal(std::string_view text) {
  std::string made{'\''};
  for (const char c : text)
    made.append(c == '\'' ? 2 : 1, c);
  return made + '\'';
}

std::string find_table(std::string_view key) {
  const auto ours = "m.name=" + literal(table_of(key)) + " COLLATE NOCASE";
  const auto theirs
    = is_sqlites_own(key) ? std::string{"0"} : "m.name=" + literal(key);
  return "SELECT (upper(m.sql) LIKE '%AUTOINCREMENT%')||(SELECT count(*)>0 "
         "FROM pragma_index_list(m.name) WHERE \"unique\"=1)||m.name FROM "
         "sqlite_master m WHERE m.type IN ('table','view') AND ("
    + ours + " OR " + theirs + ") ORDER BY " + ours + " DESC LIMIT 1";
}

std::string create_table(std::string_view table) {
  return "CREATE TABLE IF NOT EXISTS " + name(table)
    + " (id INTEGER PRIMARY KEY AUTOINCREMENT, stub CHAR(1) UNIQUE)";
}

std::optional<table_facts> parse_table(std::string_view value) {
  const auto is_flag = [](char c) {
    return c == '0' || c == '1';
  };
  if (value.size() < 3 || !is_flag(value[0]) || !is_flag(value[1]))
    return std::nullopt;
  return table_facts{std::string{value.substr(2)}, value[0] == '1',
                     value[1] == '1'};
}

std::string select_mark(std::string_view table) {
  return "SELECT s FROM " + mark(table);
}

// No term passes 2^63 - 1 where s <= limit: SQLite would go on with a REAL.
std::string reserve(std::string_view table, const stripe& x, int64_t count) {
  const auto offset = std::to_string(x.offset);
  const auto increment = std::to_string(x.increment);
  const auto limit = max_integer - count * x.increment;
  return replace(table,
                 "CASE WHEN s<" + offset + " THEN " + offset + " ELSE s+"
                   + increment + "-(s-" + offset + ")%" + increment + " END+"
                   + std::to_string((count - 1) * x.increment),
                 "typeof(s)='integer' AND s<=" + std::to_string(limit));
}

std::string move_mark(std::string_view table, int64_t from, int64_t to) {
  return replace(table, std::to_string(to), "s=" + std::to_string(from));
}

std::string raise_mark(std::string_view table, int64_t value) {
  return replace(table, "max(s," + std::to_string(value) + ")",
                 "typeof(s)='integer'");
}

std::string body_of(std::initializer_list<std::string_view> statements) {
  json body = json::array();
  for (const auto x : statements)
    body.push_back(x);
  return body.dump();
}

result<written> parse_written(std::string_view body, size_t statements) {
  const auto results = parse_results(body, statements);
  if (!results)
    return tl::unexpected{results.error()};
  const auto id = integer(results->back(), "last_insert_id");
  const auto rows = integer(results->back(), "rows_affected");
  if (!id || !rows)
    return fail(ec::corrupt, "answers what is no integer");
  return written{*id, *rows};
}

result<std::optional<std::string>> parse_value(std::string_view body) {
  const auto results = parse_results(body, 1);
  if (!results)
    return tl::unexpected{results.error()};
  const auto rows = results->back().find("values");
  if (rows == results->back().end() || rows->empty())
    return std::nullopt;
  if (!rows->is_array() || !rows->front().is_array()
      || rows->front().size() != 1)
    return fail(ec::corrupt, "answers rows of another shape");
  const auto& value = rows->front().front();
  if (value.is_null())
    return std::nullopt;
  return text_of(value);
}

} // namespace intd::rqlite_protocol
