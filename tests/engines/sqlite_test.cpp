#include "engines/sqlite/sqlite.hpp"

#include "tests/support/bytes.hpp"
#include "tests/support/child.hpp"
#include "tests/support/disk.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <sqlite3.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <memory>

#include <grp.h>
#include <sys/resource.h>
#include <sys/stat.h>

using namespace intd;
using namespace intd::test;

namespace fs = std::filesystem;

namespace {

struct closer {
  void operator()(sqlite3* db) const {
    sqlite3_close(db);
  }
};

/// A database as another program would use it.
using foreign = std::unique_ptr<sqlite3, closer>;

foreign open_foreign(const fs::path& path) {
  sqlite3* db = nullptr;
  BOOST_REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
  return foreign{db};
}

int run_foreign(const foreign& db, const char* sql) {
  return sqlite3_exec(db.get(), sql, nullptr, nullptr, nullptr);
}

/// Lets no file of this process grow past a size while it lives: writes then
/// fail as on a broken disk.
class file_limit {
public:
  explicit file_limit(rlim_t bytes) {
    before_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limits_);
    const rlimit lower{bytes, limits_.rlim_max};
    BOOST_REQUIRE(setrlimit(RLIMIT_FSIZE, &lower) == 0);
  }

  file_limit(const file_limit&) = delete;
  file_limit& operator=(const file_limit&) = delete;

  ~file_limit() {
    setrlimit(RLIMIT_FSIZE, &limits_);
    std::signal(SIGXFSZ, before_);
  }

private:
  rlimit limits_{};
  void (*before_)(int) = nullptr;
};

struct fixture {
  temp_dir dir;
  fs::path path = dir.path() / "deep" / "integers.db";
  fs::path wal = path.string() + "-wal";
  const sequence all{"integers", {1, 1}};

  fixture() {
    disk::reset();
  }

  ~fixture() {
    disk::reset();
  }

  // A store that gave 1 to 5 and was closed.
  void leave_behind() const {
    const auto x = must(open_sqlite(path));
    must(x->reserve(all, 5));
    must(x->close());
  }

  int64_t next(const engine_ptr& x) const {
    return must(x->reserve(all, 1)).first;
  }

  // It is refused with a code, and in words that name the file.
  void refused(ec code, std::string_view words) const {
    const auto x = open_sqlite(path);
    BOOST_TEST(code_of(x) == code);
    BOOST_TEST(says(x, path.string()), text_of(x));
    BOOST_TEST(says(x, words), text_of(x));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sqlite_stores, fixture)

BOOST_AUTO_TEST_CASE(the_file_is_made_for_its_owner_alone) {
  const auto x = must(open_sqlite(path));
  (void)next(x);
  for (const auto& file : {path, wal}) {
    struct stat about {};
    BOOST_REQUIRE(stat(file.c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777) == 0600u, file);
  }
}

BOOST_AUTO_TEST_CASE(a_closed_store_is_one_file) {
  leave_behind();
  int files = 0;
  for (const auto& at : fs::directory_iterator{path.parent_path()}) {
    BOOST_TEST(at.path() == path);
    ++files;
  }
  BOOST_TEST(files == 1);
}

BOOST_AUTO_TEST_CASE(any_sqlite_reads_a_closed_store) {
  leave_behind();
  const auto db = open_foreign(path);
  BOOST_TEST(run_foreign(db, "SELECT 1/0 FROM mark WHERE last = 5")
             == SQLITE_OK);
  BOOST_TEST(run_foreign(db, "INSERT INTO mark VALUES ('x', 'no integer')")
             != SQLITE_OK);
}

BOOST_AUTO_TEST_CASE(a_file_of_the_first_release_gets_a_record) {
  leave_behind();
  BOOST_TEST(!run_foreign(open_foreign(path), "ALTER TABLE store DROP held"));
  const auto x = must(open_sqlite(path));
  must(x->hold({{1, 2}, 3, true}));
  BOOST_TEST(must(x->held())->epoch == 3u);
  BOOST_TEST(next(x) == 6);
}

BOOST_AUTO_TEST_CASE(a_second_opener_in_the_process_is_refused) {
  const auto x = must(open_sqlite(path));
  refused(ec::in_use, "another process holds it");
  BOOST_TEST(next(x) == 1);
}

BOOST_AUTO_TEST_CASE(a_second_process_is_refused_until_the_first_dies) {
  int64_t first = 0;
  child holder{[this](int out) {
    const auto x = open_sqlite(path);
    const auto given = x ? (*x)->reserve(all, 1) : tl::unexpected{x.error()};
    tell(out, given ? given->first : -1);
    pause();
  }};
  BOOST_REQUIRE(holder.read(first));
  BOOST_TEST(first == 1);
  refused(ec::in_use, "stop that one");
  holder.kill();
  holder.wait();
  BOOST_TEST(next(must(open_sqlite(path))) == 2);
}

BOOST_AUTO_TEST_CASE(no_other_program_reads_or_writes_an_open_store) {
  const auto x = must(open_sqlite(path));
  const auto db = open_foreign(path);
  BOOST_TEST(run_foreign(db, "UPDATE mark SET last = 0") == SQLITE_BUSY);
  BOOST_TEST(run_foreign(db, "SELECT * FROM mark") == SQLITE_BUSY);
}

BOOST_AUTO_TEST_CASE(a_reservation_costs_one_sync) {
  const auto x = must(open_sqlite(path));
  (void)next(x);
  disk::reset();
  for (int i = 0; i < 100; ++i)
    (void)next(x);
  BOOST_TEST(disk::syncs() == 100);
  must(x->reserve(all, 1'000'000));
  BOOST_TEST(disk::syncs() == 101);
}

BOOST_AUTO_TEST_CASE(what_was_not_synced_is_not_needed) {
  int64_t before = 0;
  for (int round = 0; round < 10; ++round) {
    child mints{[this](int out) {
      disk::remember(dir.path());
      const auto x = open_sqlite(path);
      for (int i = 0; x && i < 130; ++i)
        if (const auto given = (*x)->reserve(all, 1 + i % 3))
          tell(out, given->first);
      disk::lose_unsynced(path.parent_path());
      _exit(0);
    }};
    int read = 0;
    for (int64_t value = 0; mints.read(value); ++read) {
      BOOST_REQUIRE(value > before);
      before = value;
    }
    BOOST_REQUIRE(read == 130);
    mints.wait();
  }
}

BOOST_AUTO_TEST_CASE(a_failed_sync_is_not_answered_and_never_forgotten) {
  {
    const auto x = must(open_sqlite(path));
    BOOST_TEST(next(x) == 1);
    disk::fail_after(0);
    const auto failed = x->reserve(all, 1);
    BOOST_TEST(code_of(failed) == ec::unavailable);
    BOOST_TEST(says(failed, path.string()));
    disk::reset();
    BOOST_TEST(code_of(x->reserve(all, 1)) == ec::unavailable);
    BOOST_TEST(code_of(x->set_last(all, 100)) == ec::unavailable);
    BOOST_TEST(code_of(x->last(all)) == ec::unavailable);
    BOOST_TEST(code_of(x->identity()) == ec::unavailable);
    must(x->close());
  }
  // It was perhaps recorded: what counts is that 1 does not come again.
  BOOST_TEST(next(must(open_sqlite(path))) > 1);
}

BOOST_AUTO_TEST_CASE(what_a_failed_sync_left_in_the_cache_does_no_harm) {
  int64_t before = 0;
  for (int round = 0; round < 5; ++round) {
    child mints{[this, round](int out) {
      disk::remember(dir.path());
      for (int part = 0; part < 3; ++part) {
        const auto x = open_sqlite(path);
        for (int i = 0; x && i < 10 + round; ++i)
          if (const auto given = (*x)->reserve(all, 1))
            tell(out, given->first);
        // The log's last frame is never on the disk, and those that a later
        // process appends to it would be lost with it.
        disk::fail_after(0);
        if (!x || (*x)->reserve(all, 1))
          _exit(1);
        disk::fail_after(-1);
      }
      disk::lose_unsynced(path.parent_path());
      _exit(0);
    }};
    int read = 0;
    for (int64_t value = 0; mints.read(value); ++read) {
      BOOST_REQUIRE(value > before);
      before = value;
    }
    BOOST_REQUIRE(mints.wait() == 0);
    BOOST_REQUIRE(read == 3 * (10 + round));
  }
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_an_error_that_says_so) {
  const auto x = must(open_sqlite(path));
  BOOST_TEST(next(x) == 1);
  {
    const file_limit none{0};
    const auto failed = x->reserve(all, 1);
    BOOST_TEST(code_of(failed) == ec::unavailable);
    BOOST_TEST(says(failed, path.string()));
    BOOST_TEST(says(failed, "disk I/O error"), text_of(failed));
  }
  BOOST_TEST(code_of(x->reserve(all, 1)) == ec::unavailable);
}

BOOST_AUTO_TEST_CASE(a_store_that_cannot_be_made_leaves_nothing_behind) {
  {
    const file_limit small{1000};
    BOOST_TEST(code_of(open_sqlite(path)) == ec::unavailable);
  }
  BOOST_TEST(fs::is_empty(path.parent_path()));
  BOOST_TEST(next(must(open_sqlite(path))) == 1);
}

BOOST_AUTO_TEST_CASE(an_empty_file_is_no_store) {
  fs::create_directories(path.parent_path());
  write_bytes(path, "");
  refused(ec::corrupt, "is empty");
  BOOST_TEST(fs::file_size(path) == 0u);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database_is_refused_and_kept) {
  fs::create_directories(path.parent_path());
  const std::string letter(5000, 'x');
  write_bytes(path, letter);
  refused(ec::corrupt, "not a database");
  BOOST_TEST(read_bytes(path) == letter);
}

BOOST_AUTO_TEST_CASE(the_database_of_another_program_is_refused_and_kept) {
  fs::create_directories(path.parent_path());
  BOOST_TEST(run_foreign(open_foreign(path), "CREATE TABLE t (x)")
             == SQLITE_OK);
  const auto before = read_bytes(path);
  refused(ec::wrong_owner, "another program");
  BOOST_TEST(read_bytes(path) == before);
}

BOOST_AUTO_TEST_CASE(a_store_of_a_later_release_is_refused) {
  leave_behind();
  BOOST_TEST(run_foreign(open_foreign(path), "PRAGMA user_version = 2")
             == SQLITE_OK);
  refused(ec::wrong_owner, "later release");
}

BOOST_AUTO_TEST_CASE(a_directory_is_no_store) {
  fs::create_directories(path);
  refused(ec::invalid_dsn, "not a file");
}

BOOST_AUTO_TEST_CASE(a_cut_store_is_refused) {
  leave_behind();
  const auto size = fs::file_size(path);
  for (const uintmax_t left : {size / 2, uintmax_t{4096}, uintmax_t{100}}) {
    fs::resize_file(path, left);
    BOOST_TEST(code_of(open_sqlite(path)) == ec::corrupt, left);
  }
}

BOOST_AUTO_TEST_CASE(a_store_with_a_page_of_rubbish_is_refused) {
  leave_behind();
  auto bytes = read_bytes(path);
  for (size_t at = 4096; at + 4096 <= bytes.size(); at += 4096) {
    auto bad = bytes;
    std::fill_n(bad.begin() + static_cast<long>(at), 4096, '\x5a');
    write_bytes(path, bad);
    BOOST_TEST(code_of(open_sqlite(path)) == ec::corrupt, at);
  }
}

BOOST_AUTO_TEST_CASE(a_log_without_its_database_is_refused) {
  leave_behind();
  fs::remove(path);
  for (const auto* suffix : {"-wal", "-journal"}) {
    const fs::path log = path.string() + suffix;
    write_bytes(log, "left over");
    refused(ec::corrupt, log.string());
    BOOST_TEST(!fs::exists(path));
    fs::remove(log);
  }
}

BOOST_AUTO_TEST_CASE(a_mark_that_does_not_move_is_not_answered) {
  leave_behind();
  BOOST_TEST(run_foreign(open_foreign(path),
                         "CREATE TRIGGER t BEFORE UPDATE ON mark"
                         " BEGIN SELECT RAISE(IGNORE); END")
             == SQLITE_OK);
  const auto x = must(open_sqlite(path));
  const auto failed = x->reserve(all, 1);
  BOOST_TEST(code_of(failed) == ec::corrupt);
  BOOST_TEST(says(failed, "integers"));
}

BOOST_AUTO_TEST_CASE(without_the_right_to_write_it_says_what_is_missing) {
  leave_behind();
  fs::permissions(dir.path(), fs::perms::others_all, fs::perm_options::add);
  fs::permissions(path.parent_path(), fs::perms{0755});
  fs::permissions(path, fs::perms{0444});
  int64_t code = 0;
  child nobody{[this](int out) {
    constexpr unsigned id = 65534;
    if (geteuid() == 0
        && (setgroups(0, nullptr) != 0 || setgid(id) != 0 || setuid(id) != 0))
      _exit(2);
    const auto x = open_sqlite(path);
    tell(out, static_cast<int64_t>(code_of(x)));
    tell(out, says(x, "must own the file"));
  }};
  BOOST_REQUIRE(nobody.read(code));
  BOOST_TEST(static_cast<ec>(code) == ec::unavailable);
  BOOST_REQUIRE(nobody.read(code));
  BOOST_TEST(code == 1);
}

BOOST_AUTO_TEST_CASE(two_that_make_the_same_store_leave_one) {
  for (int round = 0; round < 3; ++round) {
    const auto body = [this](int out) {
      const auto x = open_sqlite(path);
      tell(out, x ? 1 : code_of(x) == ec::in_use ? 2 : 3);
      pause();
    };
    {
      child one{body}, two{body};
      int64_t a = 0, b = 0;
      BOOST_REQUIRE((one.read(a) && two.read(b)));
      BOOST_TEST(a + b == 3);
      BOOST_TEST(a * b == 2);
    }
    for (const auto& at : fs::directory_iterator{path.parent_path()})
      BOOST_TEST(at.path().string().find(".new") == std::string::npos);
    fs::remove_all(path.parent_path());
  }
}

BOOST_AUTO_TEST_SUITE_END()
