#include "engines/sqlite/sqlite.hpp"

#include "engines/file.hpp"
#include "engines/marked_engine.hpp"
#include "engines/sqlite/database.hpp"

#include <memory>
#include <utility>

namespace intd {

namespace fs = std::filesystem;

namespace {

constexpr int64_t application_id = 0x696e7464; // "intd"
constexpr int64_t schema_version = 1;
constexpr int busy_timeout_ms = 2000;

// STRICT: a mark that is no integer cannot be stored. See
// https://sqlite.org/stricttables.html.
constexpr const char* schema = R"(
  PRAGMA application_id = 0x696e7464;
  PRAGMA user_version = 1;
  CREATE TABLE store (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    identity TEXT NOT NULL,
    opened INTEGER NOT NULL,
    held TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE TABLE mark (
    key TEXT PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last >= 0)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO store VALUES (1, lower(hex(randomblob(16))), 0, '');
)";

class sqlite final : public marked_engine {
public:
  sqlite(fs::path path, std::string identity, database db, statement select,
         statement insert, statement update)
    : marked_engine{std::move(identity)},
      path_{std::move(path)},
      db_{std::move(db)},
      select_{std::move(select)},
      insert_{std::move(insert)},
      update_{std::move(update)} {
  }

  // Dropped without a close after a fault, as by an engine actor that fails.
  ~sqlite() override {
    if (db_)
      leave_log_alone();
  }

  std::string_view name() const override {
    return "sqlite";
  }

  durability durable() const override {
    return durability::durable;
  }

private:
  result<std::optional<int64_t>> load(const std::string& key) override {
    bind_key(select_, key);
    const int code = sqlite3_step(select_.get());
    std::optional<int64_t> mark;
    if (code == SQLITE_ROW)
      mark = sqlite3_column_int64(select_.get(), 0);
    const int end = sqlite3_reset(select_.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      return sqlite_error(db_.get(), code, path_);
    if (end != SQLITE_OK)
      return sqlite_error(db_.get(), end, path_);
    if (mark && *mark < 0)
      return fail(ec::corrupt, path_.string() + ": a mark is negative");
    return mark;
  }

  // Outside a transaction the step that says SQLITE_DONE has committed, and by
  // synchronous=FULL the log is synced then.
  result<void> record(const std::string& key, std::optional<int64_t> from,
                      int64_t to) override {
    auto& write = from ? update_ : insert_;
    bind_key(write, key);
    sqlite3_bind_int64(write.get(), 2, to);
    if (from)
      sqlite3_bind_int64(write.get(), 3, *from);
    const int code = sqlite3_step(write.get());
    const int end = sqlite3_reset(write.get());
    if (code != SQLITE_DONE)
      return sqlite_error(db_.get(), code, path_);
    if (end != SQLITE_OK)
      return sqlite_error(db_.get(), end, path_);
    if (sqlite3_changes(db_.get()) != 1)
      return fail(ec::corrupt,
                  path_.string() + ": the mark of " + key
                    + " was changed by somebody else");
    return {};
  }

  result<std::optional<store_record>> read_held() override {
    return ask(db_, "SELECT held FROM store", path_)
      .and_then([this](const std::string& text) {
        return parse_store_record(text, path_.string() + ": ");
      });
  }

  result<void> write_held(const store_record& x) override {
    return execute(
      db_, ("UPDATE store SET held = '" + to_text(x) + "'").c_str(), path_);
  }

  result<void> release(bool failed) override {
    result<void> done;
    if (failed)
      leave_log_alone();
    else
      done = expect(db_, "PRAGMA wal_checkpoint(TRUNCATE)", "0", path_,
                    ec::in_use, "its log could not be emptied");
    select_.reset();
    insert_.reset();
    update_.reset();
    db_.reset();
    return done;
  }

  // After a failed write: what the log holds is sorted out when it is read
  // again, and no later sync of it is trusted before.
  void leave_log_alone() {
    sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }

  // The key is only bound for the step that follows, so it is not copied.
  static void bind_key(const statement& to, const std::string& key) {
    sqlite3_bind_text(to.get(), 1, key.data(), static_cast<int>(key.size()),
                      SQLITE_STATIC);
  }

  fs::path path_;
  database db_;
  statement select_;
  statement insert_;
  statement update_;
};

// Builds an empty store in memory and puts its image in place as a whole. A
// file that was cut to nothing can so be told from one that is new.
result<void> make_store(const fs::path& path) {
  for (const auto* suffix : {"-wal", "-journal"}) {
    auto log = path;
    log += suffix;
    if (std::error_code ignored; fs::exists(log, ignored))
      return fail(ec::corrupt,
                  path.string() + " is missing, but its log " + log.string()
                    + " is not; put both back, or move the log away");
  }
  auto db = open_at(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  if (!db)
    return tl::unexpected{std::move(db.error())};
  if (auto done = execute(*db, schema, path); !done)
    return done;
  sqlite3_int64 size = 0;
  const std::unique_ptr<unsigned char, sqlite_closer> image{
    sqlite3_serialize(db->get(), "main", &size, 0)};
  if (!image)
    return fail(ec::unavailable, path.string() + ": out of memory");
  if (auto done = make_directories(path.parent_path()); !done)
    return done;
  auto done = publish(
    path,
    {reinterpret_cast<const char*>(image.get()), static_cast<size_t>(size)},
    in_place::keep);
  // Another process that was quicker owns the file; opening it will tell.
  if (!done && done.error().code == ec::in_use)
    return {};
  return done;
}

result<void> check_file(const fs::path& path) {
  std::error_code failure;
  const auto status = fs::status(path, failure);
  if (status.type() == fs::file_type::not_found)
    return make_store(path);
  if (failure)
    return file_error("open", path, failure.value());
  if (status.type() != fs::file_type::regular)
    return fail(ec::invalid_dsn, path.string() + " is not a file");
  if (fs::file_size(path, failure) == 0 && !failure)
    return fail(ec::corrupt,
                path.string()
                  + " is empty, as no database of intd ever is; put a backup "
                    "in its place, or remove it to begin anew");
  return {};
}

result<void> check_owner(const database& db, const fs::path& path) {
  if (sqlite3_db_readonly(db.get(), "main") != 0)
    return sqlite_error(nullptr, SQLITE_READONLY, path);
  return expect(db, "PRAGMA application_id", std::to_string(application_id),
                path, ec::wrong_owner,
                "it is the database of another program; use another file")
    .and_then([&db, &path] {
      return expect(db, "PRAGMA user_version", std::to_string(schema_version),
                    path, ec::wrong_owner,
                    "it was made by a later release; use that one");
    });
}

// The first release kept no record of the stripe.
result<void> add_record(const database& db, const fs::path& path) {
  const auto columns = ask(
    db, "SELECT count(*) FROM pragma_table_info('store') WHERE name = 'held'",
    path);
  if (!columns)
    return tl::unexpected{columns.error()};
  if (*columns != "0")
    return {};
  return execute(
    db, "ALTER TABLE store ADD COLUMN held TEXT NOT NULL DEFAULT ''", path);
}

// Takes the lock, proves that the file is sound and can be written, and
// empties the log into it: a sync that failed in an earlier process may have
// left in the kernel's cache what is not on the disk, so all that the log
// holds is written and synced once more before the first mint.
result<void> take_over(const database& db, const fs::path& path) {
  constexpr const char* steps[] = {
    "PRAGMA synchronous=FULL",
    "UPDATE store SET opened = opened + 1",
  };
  if (auto done = expect(db, "PRAGMA quick_check(1)", "ok", path, ec::corrupt,
                         "it is damaged; put a backup in its place");
      !done)
    return done;
  if (auto done
      = expect(db, "PRAGMA journal_mode=WAL", "wal", path, ec::unavailable,
               "its file system cannot keep a write-ahead log");
      !done)
    return done;
  for (const auto* step : steps)
    if (auto done = execute(db, step, path); !done)
      return done;
  return expect(db, "PRAGMA wal_checkpoint(TRUNCATE)", "0", path, ec::in_use,
                "its log could not be emptied");
}

result<engine_ptr> assemble(database db, const fs::path& path) {
  auto identity = ask(db, "SELECT identity FROM store", path);
  auto select = prepare(db, "SELECT last FROM mark WHERE key = ?1", path);
  auto insert
    = prepare(db, "INSERT INTO mark (key, last) VALUES (?1, ?2)", path);
  auto update = prepare(
    db, "UPDATE mark SET last = ?2 WHERE key = ?1 AND last = ?3", path);
  for (const auto* part : {&select, &insert, &update})
    if (!*part)
      return tl::unexpected{part->error()};
  if (!identity)
    return tl::unexpected{std::move(identity.error())};
  return std::make_unique<sqlite>(path, std::move(*identity), std::move(db),
                                  std::move(*select), std::move(*insert),
                                  std::move(*update));
}

} // namespace

result<engine_ptr> open_sqlite(const fs::path& given) {
  std::error_code failure;
  // An absolute path is never one of SQLite's special names.
  const auto path = fs::absolute(given, failure);
  if (failure)
    return file_error("open", given, failure.value());
  if (auto fine = check_file(path); !fine)
    return tl::unexpected{std::move(fine.error())};
  auto db = open_at(path, SQLITE_OPEN_READWRITE);
  if (!db)
    return tl::unexpected{std::move(db.error())};
  sqlite3_busy_timeout(db->get(), busy_timeout_ms);
  // Before the first access: so no other process gets in, and the index of the
  // log is kept in this process instead of a file that others could map.
  auto ready = execute(*db, "PRAGMA locking_mode=EXCLUSIVE", path)
                 .and_then([&db, &path] {
                   return check_owner(*db, path);
                 })
                 .and_then([&db, &path] {
                   return take_over(*db, path);
                 })
                 .and_then([&db, &path] {
                   return add_record(*db, path);
                 });
  if (!ready)
    return tl::unexpected{std::move(ready.error())};
  return assemble(std::move(*db), path);
}

} // namespace intd
