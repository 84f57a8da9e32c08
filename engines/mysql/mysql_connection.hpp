// One connection to a MariaDB or MySQL server, by MariaDB Connector/C: the
// mysql engine brings SQL and reads rows and counts. Nothing is repeated and
// nothing reconnects here, since a new session would have other settings and a
// lost answer must stay lost.
#pragma once

#include "engines/dsn.hpp"
#include "engines/error.hpp"
#include "engines/lookout.hpp"
#include "engines/store_options.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct st_mysql;

namespace intd {

/// What a server says of a statement that answers no rows.
struct mysql_answer {
  uint64_t affected = 0;
  uint64_t insert_id = 0;
};

/// A row's columns as text; nothing for NULL.
using mysql_row = std::vector<std::optional<std::string>>;

class mysql_connection {
public:
  /// Connects, with settings that do not depend on the server's defaults: it
  /// commits each statement, counts by one, and waits for locks no longer than
  /// for answers. Fails with `unavailable` or `timeout`. Timeouts of the
  /// connecting are rounded up to whole seconds, as the library counts them;
  /// how long a name's lookup may take is the resolver's own affair
  /// (resolv.conf(5)).
  [[nodiscard]] static result<mysql_connection>
  open(const mysql_dsn& dsn, const store_options& options);

  /// Runs a statement. Fails with `unavailable` or `timeout`; `error_number`
  /// tells more.
  [[nodiscard]] result<mysql_answer> run(std::string_view sql);

  /// Runs a query and reads all of its rows.
  [[nodiscard]] result<std::vector<mysql_row>> rows(std::string_view sql);

  /// The number of the last error, of the server (below 2000 or above 2999) or
  /// of the library.
  [[nodiscard]] unsigned error_number() const {
    return error_number_;
  }

  /// Makes an error that names the server: "mysql: host:port/db: text".
  [[nodiscard]] tl::unexpected<error> refuse(ec code,
                                             std::string_view text) const;

  /// Begins a sentence about the server: "mysql: host:port/db: ".
  [[nodiscard]] const std::string& where() const {
    return where_;
  }

  /// Whether the server is MariaDB, not Oracle's.
  [[nodiscard]] bool mariadb() const;

  /// The server's version: 101119 is 10.11.19.
  [[nodiscard]] uint64_t version() const;

private:
  struct closer {
    void operator()(st_mysql* handle) const;
  };

  mysql_connection(std::string where, const store_options& options);

  result<void> connect(const mysql_dsn& dsn, const store_options& options);
  result<void> ask(std::string_view sql);
  result<void> wait_for_answer();
  tl::unexpected<error> failure(std::chrono::steady_clock::time_point begin,
                                std::chrono::milliseconds bound);

  std::string where_;
  std::chrono::milliseconds answer_timeout_;
  lookout lookout_;
  std::unique_ptr<st_mysql, closer> handle_;
  unsigned error_number_ = 0;
};

/// Tells whether an error's number says that the user may not do that.
[[nodiscard]] bool is_denied(unsigned error_number);

/// Writes any bytes as a literal of SQL: X'616263'.
[[nodiscard]] std::string mysql_literal(std::string_view bytes);

} // namespace intd
