#include "engines/mysql/mysql_connection.hpp"

#include "engines/dial.hpp"

#include <mariadb/errmsg.h>
#include <mariadb/mysql.h>
#include <mariadb/mysqld_error.h>

#include <poll.h>

#include <algorithm>
#include <utility>

namespace intd {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

unsigned whole_seconds(milliseconds x) {
  return static_cast<unsigned>(std::max<int64_t>(1, (x.count() + 999) / 1'000));
}

std::string place(const mysql_dsn& dsn) {
  if (!dsn.socket.empty())
    return dsn.socket + "/" + dsn.database;
  const bool v6 = dsn.at.host.find(':') != std::string::npos;
  return (v6 ? "[" + dsn.at.host + "]" : dsn.at.host) + ":"
    + std::to_string(dsn.at.port) + "/" + dsn.database;
}

// Strict: a value that does not fit is an error, never cut. A server that ends
// idle sessions would fail the first request of the morning.
std::string session(milliseconds answer_timeout) {
  const auto patience = std::to_string(whole_seconds(answer_timeout));
  return "SET SESSION autocommit=1, "
         "sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
         "auto_increment_increment=1, auto_increment_offset=1, "
         "wait_timeout=31536000, lock_wait_timeout="
    + patience + ", innodb_lock_wait_timeout=" + patience;
}

// The server's numbers: https://mariadb.com/kb/en/mariadb-error-codes/.
std::string_view remedy(unsigned number) {
  switch (number) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case 1698: // the account cannot log in by a password
      return "check user and password of the data source name, and what is "
             "granted to the user";
    case ER_BAD_DB_ERROR:
      return "create the database, or name another";
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
      return "grant SELECT, INSERT, UPDATE and CREATE on the database to the "
             "user";
    case ER_LOCK_DEADLOCK:
    case ER_LOCK_WAIT_TIMEOUT:
      return "another session holds the row or the table (SHOW PROCESSLIST "
             "names it)";
    case ER_CON_COUNT_ERROR:
    case 1203: // too many of this user's
      return "raise max_connections, or end sessions";
    case ER_OPTION_PREVENTS_STATEMENT:
    case 1792: // a read only transaction
    case 1836: // a read only server
      return "the server must be writable: name the primary, not a replica";
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
      return "check that the server runs and that the address is right";
    default:
      return "see the server's log";
  }
}

bool set_options(MYSQL* handle, const mysql_dsn& dsn,
                 const store_options& options) {
  const unsigned connect = whole_seconds(options.connect_timeout);
  const unsigned answer = whole_seconds(options.answer_timeout);
  const unsigned no_files = 0;
  // Else "localhost" would mean a socket of the library's choice.
  const unsigned protocol
    = dsn.socket.empty() ? MYSQL_PROTOCOL_TCP : MYSQL_PROTOCOL_SOCKET;
  const auto setup = session(options.answer_timeout);
  constexpr const char* isolation
    = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE";
  return mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect) == 0
    && mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &answer) == 0
    && mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &answer) == 0
    && mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &no_files) == 0
    && mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol) == 0
    && mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4") == 0
    && mysql_options(handle, MYSQL_INIT_COMMAND, setup.c_str()) == 0
    && mysql_options(handle, MYSQL_INIT_COMMAND, isolation) == 0;
}

struct result_closer {
  void operator()(MYSQL_RES* rows) const {
    mysql_free_result(rows);
  }
};

} // namespace

void mysql_connection::closer::operator()(st_mysql* handle) const {
  mysql_close(handle);
}

mysql_connection::mysql_connection(std::string where,
                                   const store_options& options)
  : where_{std::move(where)},
    answer_timeout_{options.answer_timeout},
    lookout_{options.spin},
    handle_{mysql_init(nullptr)} {
}

result<mysql_connection> mysql_connection::open(const mysql_dsn& dsn,
                                                const store_options& options) {
  mysql_connection made{"mysql: " + place(dsn) + ": ", options};
  if (auto done = made.connect(dsn, options); !done)
    return tl::unexpected{std::move(done.error())};
  return made;
}

result<void> mysql_connection::connect(const mysql_dsn& dsn,
                                       const store_options& options) {
  if (!handle_ || !set_options(handle_.get(), dsn, options))
    return refuse(ec::unavailable, "the client library is out of memory");
  const auto begin = clock::now();
  const auto* socket = dsn.socket.empty() ? nullptr : dsn.socket.c_str();
  if (mysql_real_connect(handle_.get(), dsn.at.host.c_str(),
                         dsn.at.user.c_str(), dsn.at.password.c_str(),
                         dsn.database.c_str(), dsn.at.port, socket, 0)
      == nullptr)
    return failure(begin, options.connect_timeout);
  return {};
}

result<mysql_answer> mysql_connection::run(std::string_view sql) {
  if (auto done = ask(sql); !done)
    return tl::unexpected{std::move(done.error())};
  if (mysql_field_count(handle_.get()) != 0)
    return refuse(ec::corrupt, "rows came where none were asked for");
  return mysql_answer{mysql_affected_rows(handle_.get()),
                      mysql_insert_id(handle_.get())};
}

result<std::vector<mysql_row>> mysql_connection::rows(std::string_view sql) {
  if (auto done = ask(sql); !done)
    return tl::unexpected{std::move(done.error())};
  const auto begin = clock::now();
  const std::unique_ptr<MYSQL_RES, result_closer> found{
    mysql_store_result(handle_.get())};
  if (!found)
    return failure(begin, answer_timeout_);
  const auto columns = mysql_num_fields(found.get());
  std::vector<mysql_row> all;
  while (auto* const texts = mysql_fetch_row(found.get())) {
    const auto* sizes = mysql_fetch_lengths(found.get());
    auto& row = all.emplace_back(columns);
    for (unsigned i = 0; i < columns; ++i)
      if (texts[i] != nullptr)
        row[i] = std::string{texts[i], sizes[i]};
  }
  return all;
}

result<void> mysql_connection::ask(std::string_view sql) {
  error_number_ = 0;
  const auto begin = clock::now();
  if (mysql_send_query(handle_.get(), sql.data(), sql.size()) != 0)
    return failure(begin, answer_timeout_);
  if (auto done = wait_for_answer(); !done)
    return done;
  if (mysql_read_query_result(handle_.get()) != 0)
    return failure(begin, answer_timeout_);
  return {};
}

// To the millisecond; the library's own timeout, in whole seconds, is for the
// rest of an answer that has begun.
result<void> mysql_connection::wait_for_answer() {
  const auto ready = wait_for(mysql_get_socket(handle_.get()), POLLIN,
                              clock::now() + answer_timeout_, lookout_);
  if (!ready)
    return refuse(ec::unavailable, "the connection cannot be waited for");
  if (!*ready)
    return refuse(ec::timeout,
                  "no answer within " + std::to_string(answer_timeout_.count())
                    + " ms; see whether the server is overloaded or hangs");
  return {};
}

tl::unexpected<error> mysql_connection::failure(clock::time_point begin,
                                                milliseconds bound) {
  error_number_ = mysql_errno(handle_.get());
  // The library has one number for a connection that broke and for one that
  // was silent for too long.
  const bool late = error_number_ >= CR_MIN_ERROR
    && error_number_ <= CR_MAX_ERROR && clock::now() - begin >= bound;
  std::string text = mysql_error(handle_.get());
  text.append(" (MariaDB's error ")
    .append(std::to_string(error_number_))
    .append("); ")
    .append(remedy(error_number_));
  return refuse(late ? ec::timeout : ec::unavailable, text);
}

tl::unexpected<error> mysql_connection::refuse(ec code,
                                               std::string_view text) const {
  return fail(code, where_ + std::string{text});
}

bool mysql_connection::mariadb() const {
  return std::string_view{mysql_get_server_info(handle_.get())}.find("MariaDB")
    != std::string_view::npos;
}

uint64_t mysql_connection::version() const {
  return mysql_get_server_version(handle_.get());
}

bool is_denied(unsigned error_number) {
  return error_number == ER_TABLEACCESS_DENIED_ERROR
    || error_number == ER_DBACCESS_DENIED_ERROR;
}

std::string mysql_literal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "X'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text + "'";
}

} // namespace intd
