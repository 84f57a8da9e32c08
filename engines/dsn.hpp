// Data source names: where a store is, in the spellings of each engine's own
// world. The registry and the command line bring them; engines read the
// structs. No message of an error ever shows a part of a name, since any part
// may be a password in the wrong place.
//
//   memory    (empty)
//   sqlite    sqlite:///absolute/file.db, sqlite://relative/file.db, a path
//   mysql     user:pass@tcp(host:port)/db, user:pass@unix(/socket)/db,
//             user:pass@/db, mysql://user:pass@host:port/db
//   redis     redis://[user:pass@]host:port[/db], rediss:// for TLS
//   rqlite    http[s]://[user:pass@]host:port, several with commas between
//   summitdb  redis://[user:pass@]host:port, several with commas between
//   http      http[s]://[:token@]host:port, another site of intd
//
// In the spellings with "://" user, password, path and database may be
// percent-encoded, and must be where they hold one of / ? # % (and a comma, in
// a list). A host left out is localhost, a port left out the store's own.
#pragma once

#include "engines/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// A server, and as whom to talk to it.
struct server {
  bool tls = false;
  std::string user;
  std::string password;
  /// A name or an address; IPv6 without its brackets.
  std::string host = "localhost";
  uint16_t port = 0;

  friend bool operator==(const server&, const server&) = default;
};

struct mysql_dsn {
  server at;
  /// A Unix domain socket; where it is set, host and port mean nothing.
  std::string socket;
  std::string database;

  friend bool operator==(const mysql_dsn&, const mysql_dsn&) = default;
};

struct redis_dsn {
  server at;
  int database = 0;

  friend bool operator==(const redis_dsn&, const redis_dsn&) = default;
};

/// Checks that nothing is given.
[[nodiscard]] result<void> parse_memory_dsn(std::string_view text);

/// Reads the path of a database file.
[[nodiscard]] result<std::filesystem::path>
parse_sqlite_dsn(std::string_view text);

/// Reads one MySQL or MariaDB server; the default port is 3306.
[[nodiscard]] result<mysql_dsn> parse_mysql_dsn(std::string_view text);

/// Reads one Redis server; the default port is 6379.
[[nodiscard]] result<redis_dsn> parse_redis_dsn(std::string_view text);

/// Reads rqlite's nodes (one or more); the default port is 4001.
[[nodiscard]] result<std::vector<server>>
parse_rqlite_dsn(std::string_view text);

/// Reads SummitDB's nodes (one or more); the default port is 7481.
[[nodiscard]] result<std::vector<server>>
parse_summitdb_dsn(std::string_view text);

/// Reads another site; its password is the site's admin token, there is no
/// user, and the default port is 8080.
[[nodiscard]] result<server> parse_http_dsn(std::string_view text);

/// Masks user and password of any of the spellings, for logs.
[[nodiscard]] std::string without_secrets(std::string_view text);

} // namespace intd
