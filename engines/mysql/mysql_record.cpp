#include "engines/mysql/mysql_record.hpp"

#include "engines/file.hpp"

#include <mariadb/mysqld_error.h>

#include <optional>
#include <utility>

namespace intd {

namespace {

std::string create_record(mysql_storage with) {
  std::string sql
    = "CREATE TABLE IF NOT EXISTS `intd-store` (only_row TINYINT NOT NULL "
      "PRIMARY KEY, identity CHAR(32) NOT NULL, owner VARCHAR(255) NOT NULL "
      "DEFAULT '', held VARCHAR(255) NOT NULL DEFAULT '') CHARACTER SET ascii "
      "COLLATE ascii_bin ENGINE=";
  return sql.append(to_string(with));
}

// One text of the one row, empty where there is no row; nothing where there is
// no table.
result<std::optional<std::string>> read_record(mysql_connection& server,
                                               std::string_view column) {
  const auto rows = server.rows("SELECT " + std::string{column}
                                + " FROM `intd-store` WHERE only_row=1");
  if (rows)
    return rows->empty() ? "" : rows->front()[0].value_or("");
  if (server.error_number() == ER_NO_SUCH_TABLE)
    return std::nullopt;
  return tl::unexpected{rows.error()};
}

result<void> make_table(mysql_connection& server, mysql_storage with) {
  const auto create = create_record(with);
  const auto done = server.run(create);
  if (done)
    return {};
  if (is_denied(server.error_number()))
    return server.refuse(ec::unavailable,
                         "the user may not create the table in which a "
                         "store's identity is kept; an administrator can run: "
                           + create);
  return tl::unexpected{done.error()};
}

// Of two nodes that come first at once one is ignored.
result<void> make_row(mysql_connection& server) {
  const auto made
    = server.run("INSERT IGNORE INTO `intd-store` (only_row, identity) VALUES "
                 "(1, '"
                 + random_hex(16) + "')");
  if (!made)
    return tl::unexpected{made.error()};
  return {};
}

bool is_identity(std::string_view text) {
  return text.size() == 32
    && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

} // namespace

result<std::string> ask_identity(mysql_connection& server,
                                 mysql_storage made_with) {
  auto identity = read_record(server, "identity");
  if (identity && !*identity)
    if (auto done = make_table(server, made_with); !done)
      return tl::unexpected{std::move(done.error())};
  if (identity && (!*identity || (*identity)->empty()))
    identity = make_row(server).and_then([&server] {
      return read_record(server, "identity");
    });
  if (!identity)
    return tl::unexpected{std::move(identity.error())};
  if (!*identity || !is_identity(**identity))
    return server.refuse(ec::corrupt,
                         "what `intd-store` holds is no identity; put a backup "
                         "of it in its place, or drop it");
  return **identity;
}

result<std::string> claim_store(mysql_connection& server,
                                const std::string& owner, claim_mode how) {
  std::string sql = "UPDATE `intd-store` SET owner=" + mysql_literal(owner)
    + " WHERE only_row=1";
  if (how == claim_mode::if_free)
    sql += " AND owner=''";
  if (const auto done = server.run(sql); !done)
    return tl::unexpected{done.error()};
  return read_record(server, "owner").map([](const auto& text) {
    return text.value_or("");
  });
}

result<std::optional<store_record>> held_of_store(mysql_connection& server) {
  return read_record(server, "held").and_then([&server](const auto& text) {
    return parse_store_record(text.value_or(""), server.where());
  });
}

result<void> hold_store(mysql_connection& server, const store_record& x) {
  const auto done
    = server.run("UPDATE `intd-store` SET held=" + mysql_literal(to_text(x))
                 + " WHERE only_row=1");
  if (!done)
    return tl::unexpected{done.error()};
  return {};
}

} // namespace intd
