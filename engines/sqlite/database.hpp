// SQLite's C interface as values: handles that close themselves, and errors
// that say what to do.
#pragma once

#include "engines/error.hpp"

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace intd {

struct sqlite_closer {
  void operator()(sqlite3* db) const {
    sqlite3_close_v2(db);
  }
  void operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
  }
  void operator()(unsigned char* bytes) const {
    sqlite3_free(bytes);
  }
};

using database = std::unique_ptr<sqlite3, sqlite_closer>;
using statement = std::unique_ptr<sqlite3_stmt, sqlite_closer>;

/// Makes the error of SQLite's `code`, with what to do about it.
[[nodiscard]] tl::unexpected<error>
sqlite_error(sqlite3* db, int code, const std::filesystem::path& path);

/// Opens a database file by the flags of sqlite3_open_v2.
[[nodiscard]] result<database> open_at(const std::filesystem::path& path,
                                       int flags);

[[nodiscard]] result<statement> prepare(const database& db, const char* sql,
                                        const std::filesystem::path& path);

/// Runs a statement that answers nothing.
[[nodiscard]] result<void> execute(const database& db, const char* sql,
                                   const std::filesystem::path& path);

/// Runs a statement that answers one row, and reads its first column.
[[nodiscard]] result<std::string> ask(const database& db, const char* sql,
                                      const std::filesystem::path& path);

/// Runs a statement that has to answer `answer`; fails with `otherwise`.
[[nodiscard]] result<void> expect(const database& db, const char* sql,
                                  std::string_view answer,
                                  const std::filesystem::path& path,
                                  ec otherwise, std::string_view why);

} // namespace intd
