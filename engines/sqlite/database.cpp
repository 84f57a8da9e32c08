#include "engines/sqlite/database.hpp"

#include <system_error>

namespace intd {

namespace fs = std::filesystem;

// The remedy depends on the primary result code:
// https://sqlite.org/rescode.html.
tl::unexpected<error> sqlite_error(sqlite3* db, int code,
                                   const fs::path& path) {
  std::string text = path.string() + ": " + sqlite3_errstr(code)
    + " (SQLite's code " + std::to_string(code);
  if (const int system = db ? sqlite3_system_errno(db) : 0; system != 0)
    text += ", " + std::generic_category().message(system);
  text += ")";
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fail(ec::in_use,
                  text
                    + "; another process holds it: stop that one "
                      "(fuser names it), or use another file");
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return fail(ec::corrupt,
                  text
                    + "; put a backup in its place (the guard "
                      "keeps old integers from coming again)");
    case SQLITE_FULL:
      return fail(ec::unavailable, text + "; free some space");
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return fail(ec::unavailable,
                  text
                    + "; this user must own the file and its directory, on "
                      "a file system that is mounted writable");
    default:
      return fail(ec::unavailable,
                  text + "; check the disk, then open it again");
  }
}

result<statement> prepare(const database& db, const char* sql,
                          const fs::path& path) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(
    db.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK)
    return sqlite_error(db.get(), code, path);
  return statement{made};
}

result<void> execute(const database& db, const char* sql,
                     const fs::path& path) {
  const int code = sqlite3_exec(db.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return sqlite_error(db.get(), code, path);
  return {};
}

result<std::string> ask(const database& db, const char* sql,
                        const fs::path& path) {
  auto asked = prepare(db, sql, path);
  if (!asked)
    return tl::unexpected{std::move(asked.error())};
  const int code = sqlite3_step(asked->get());
  if (code != SQLITE_ROW)
    return code == SQLITE_DONE
      ? fail(ec::corrupt, path.string() + ": a row is missing")
      : sqlite_error(db.get(), code, path);
  const auto text = sqlite3_column_text(asked->get(), 0);
  std::string answer{text ? reinterpret_cast<const char*>(text) : ""};
  if (const int end = sqlite3_step(asked->get()); end != SQLITE_DONE)
    return sqlite_error(db.get(), end, path);
  return answer;
}

result<void> expect(const database& db, const char* sql,
                    std::string_view answer, const fs::path& path, ec otherwise,
                    std::string_view why) {
  auto got = ask(db, sql, path);
  if (!got)
    return tl::unexpected{std::move(got.error())};
  if (*got != answer)
    return fail(otherwise, path.string() + ": " + std::string{why});
  return {};
}

result<database> open_at(const fs::path& path, int flags) {
  sqlite3* made = nullptr;
  const int code = sqlite3_open_v2(
    path.c_str(), &made, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
    nullptr);
  database db{made};
  if (code != SQLITE_OK)
    return sqlite_error(made, code, path);
  return db;
}

} // namespace intd
