// A real MariaDB for the tests of the mysql engine: a database of a test's
// own, and the plain connections of old clients.
#pragma once

#include "engines/dsn.hpp"
#include "engines/mysql/mysql.hpp"
#include "tests/engines/mysql_tables.hpp"
#include "tests/servers/mariadb.hpp"
#include "tests/support/results.hpp"

#include <mariadb/mysql.h>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace intd::test {

/// What the engine said to its operator.
using warnings = std::shared_ptr<std::vector<std::string>>;

inline bool warned(const warnings& all, std::string_view piece) {
  for (const auto& x : *all)
    if (x.find(piece) != std::string::npos)
      return true;
  return false;
}

class mysql_scene {
public:
  explicit mysql_scene(mariadb_options flags = {})
    : server{std::move(flags)},
      said{std::make_shared<warnings::element_type>()} {
    server.start();
  }

  /// Makes the table of a key, in place of an older one.
  void table(const std::string& storage, const std::string& key = "integers") {
    server.execute("DROP TABLE IF EXISTS `" + key + "`; "
                   + original_table(key, storage));
  }

  [[nodiscard]] store_options options() const {
    store_options x;
    x.spin = std::chrono::milliseconds{1};
    x.warn = [to = said](std::string_view text) {
      to->emplace_back(text);
    };
    return x;
  }

  [[nodiscard]] result<engine_ptr> try_open(const std::string& dsn,
                                            mysql_dialect dialect
                                            = mysql_dialect::by_version) const {
    return parse_mysql_dsn(dsn).and_then([&](const mysql_dsn& at) {
      return open_mysql(at, options(), dialect);
    });
  }

  [[nodiscard]] engine_ptr open(mysql_dialect dialect
                                = mysql_dialect::by_version) const {
    return must(try_open(server.dsn(), dialect));
  }

  /// Makes a user who may do what is listed, on the database `intd`.
  std::string user(const std::string& name, const std::string& privileges,
                   const std::string& on = "intd.*") {
    server.execute("CREATE USER IF NOT EXISTS " + name
                   + "@'127.0.0.1' IDENTIFIED BY 'other'");
    if (!privileges.empty())
      server.execute("GRANT " + privileges + " ON " + on + " TO " + name
                     + "@'127.0.0.1'");
    return name + ":other@tcp(127.0.0.1:" + std::to_string(server.port())
      + ")/intd";
  }

  mariadb_server server;
  warnings said;
};

/// A connection that sends the original's statements.
class old_client {
public:
  old_client(uint16_t port, int64_t offset, int64_t increment)
    : handle_{mysql_init(nullptr)}, offset_{offset}, increment_{increment} {
    if (mysql_real_connect(handle_, "127.0.0.1", "intd", "secret", "intd", port,
                           nullptr, 0)
        == nullptr)
      throw std::runtime_error(mysql_error(handle_));
  }

  old_client(const old_client&) = delete;
  old_client& operator=(const old_client&) = delete;

  ~old_client() {
    mysql_close(handle_);
  }

  /// Mints an integer; 0 where the server refused, as for a deadlock.
  uint64_t next() {
    if (!run("SET @@auto_increment_increment=" + std::to_string(increment_))
        || !run("SET @@auto_increment_offset=" + std::to_string(offset_))
        || !run("REPLACE INTO integers (stub) VALUES ('a')"))
      return 0;
    return mysql_insert_id(handle_);
  }

  bool run(const std::string& sql) {
    return mysql_real_query(handle_, sql.data(), sql.size()) == 0;
  }

  [[nodiscard]] std::string error() const {
    return mysql_error(handle_);
  }

private:
  MYSQL* handle_;
  int64_t offset_;
  int64_t increment_;
};

} // namespace intd::test
