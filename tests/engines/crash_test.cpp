// Crashes, restores and mix-ups, on the engines that a node uses: nothing that
// was answered is ever answered again.
#include "tests/engines/subjects.hpp"

#include "engines/guard/guard.hpp"
#include "engines/guard/mark_file.hpp"
#include "engines/memory.hpp"
#include "tests/support/bytes.hpp"
#include "tests/support/child.hpp"
#include "tests/support/disk.hpp"
#include "tests/support/results.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <time.h>

#include <random>

using namespace intd;
using namespace intd::test;

namespace fs = std::filesystem;
namespace data = boost::unit_test::data;

namespace {

const sequence all{"integers", {1, 1}};

const auto guarded_ones = data::make({"guarded memory", "guarded sqlite"});
const auto durable = data::make({"guarded memory", "guarded sqlite", "sqlite"});

/// Mints in a process of its own until it is killed, telling each integer; a
/// negative one is the code it failed with.
void mint_until_killed(const subject& x, const fs::path& path, int out) {
  const auto store = x.open(path);
  if (!store) {
    tell(out, -static_cast<int64_t>(store.error().code));
    return;
  }
  for (;;) {
    const auto given = (*store)->reserve(all, 1);
    tell(out, given ? given->first : -static_cast<int64_t>(given.error().code));
  }
}

/// A boot of the machine, as the marks see it.
void change_boot_id(const fs::path& state) {
  auto bytes = read_bytes(state / "main.marks");
  const auto at = bytes.find(boot_id());
  BOOST_REQUIRE(at != std::string::npos);
  bytes[at] = bytes[at] == '0' ? '1' : '0';
  write_bytes(state / "main.marks", bytes);
}

/// Opens, mints and closes or dies; answers the first and last integer.
std::pair<int64_t, int64_t> session(const subject& x, const fs::path& path,
                                    int count, bool clean) {
  std::pair<int64_t, int64_t> given{0, 0};
  child mints{[&](int out) {
    const auto store = x.open(path);
    for (int i = 0; store && i < count; ++i)
      if (const auto one = (*store)->reserve(all, 1))
        tell(out, one->first);
    if (store && clean && !(*store)->close())
      _exit(1);
    _exit(0); // no destructor of the store runs
  }};
  for (int64_t value = 0; mints.read(value); given.second = value) {
    BOOST_REQUIRE(value > given.second);
    if (given.first == 0)
      given.first = value;
  }
  BOOST_REQUIRE(mints.wait() == 0);
  BOOST_REQUIRE(given.first > 0);
  return given;
}

} // namespace

BOOST_DATA_TEST_CASE(kill_at_any_moment_repeats_nothing_and_skips_nothing,
                     durable, name) {
  const auto& x = subject_named(name);
  const temp_dir dir;
  auto random = seeded();
  // As many as the slowest disk syncs in a moment.
  const uint64_t most = x.name == "guarded memory" ? 1000 : 50;
  int64_t before = 0;
  // One integer of each process may have been, that died since.
  int64_t on_their_way = 0;
  for (int round = 0; round < 60; ++round) {
    child mints{[&](int out) {
      mint_until_killed(x, dir.path(), out);
    }};
    int64_t value = 0;
    // From the very beginning of the process on, or somewhere along its way.
    const auto wanted = static_cast<int64_t>(random() % most);
    bool killed = random() % 8 == 0;
    if (killed) {
      const timespec moment{0, static_cast<long>(random() % 3'000'000)};
      nanosleep(&moment, nullptr);
      mints.kill();
    }
    for (int64_t read = 0; mints.read(value); ++read) {
      BOOST_REQUIRE(value > before);
      BOOST_REQUIRE(value - before <= 1 + on_their_way);
      before = value;
      on_their_way = 0;
      if (!killed && read >= wanted) {
        mints.kill();
        killed = true;
      }
    }
    mints.kill();
    BOOST_REQUIRE(WIFSIGNALED(mints.wait()));
    ++on_their_way;
  }
  BOOST_TEST(before > 600);
}

BOOST_DATA_TEST_CASE(a_crash_of_the_machine_repeats_nothing, durable, name) {
  const auto& x = subject_named(name);
  const temp_dir dir;
  int64_t before = 0;
  for (int round = 0; round < 10; ++round) {
    child mints{[&](int out) {
      disk::reset();
      disk::remember(dir.path());
      const auto store = x.open(dir.path());
      for (int i = 0; store && i < 130 + round * 17; ++i)
        if (const auto given = (*store)->reserve(all, 1 + i % 3))
          tell(out, last_of(*given));
      for (const auto* part : {"state", "store"})
        if (fs::exists(dir.path() / part))
          disk::lose_unsynced(dir.path() / part);
      _exit(0);
    }};
    int read = 0;
    for (int64_t value = 0; mints.read(value); ++read) {
      BOOST_REQUIRE(value > before);
      // A block of 100 is skipped at most.
      BOOST_REQUIRE(value - before <= 105);
      before = value;
    }
    BOOST_REQUIRE(read == 130 + round * 17);
    BOOST_REQUIRE(mints.wait() == 0);
  }
}

BOOST_DATA_TEST_CASE(a_boot_of_the_machine_goes_on_above_the_ceiling,
                     guarded_ones, name) {
  const auto& x = subject_named(name);
  const temp_dir dir;
  BOOST_TEST(session(x, dir.path(), 57, false).second == 57);
  change_boot_id(dir.path() / "state");
  // The ceiling was set at 1, a block of 100 ahead.
  BOOST_TEST(session(x, dir.path(), 1, false).first == 102);
}

BOOST_DATA_TEST_CASE(a_store_restored_from_an_old_backup_repeats_nothing,
                     data::make({true, false}) * data::make({true, false}),
                     clean_before, clean_after) {
  const auto& x = subject_named("guarded sqlite");
  const temp_dir dir;
  const auto store = dir.path() / "store", backup = dir.path() / "backup";
  session(x, dir.path(), 50, clean_before);
  fs::copy(store, backup);
  const auto last = session(x, dir.path(), 500, clean_after).second;
  fs::remove_all(store);
  fs::rename(backup, store);
  const auto next = session(x, dir.path(), 10, true).first;
  BOOST_TEST(next == last + 1);
}

BOOST_AUTO_TEST_CASE(a_database_copied_without_its_log_repeats_nothing) {
  const auto& x = subject_named("guarded sqlite");
  const temp_dir dir;
  const auto last = session(x, dir.path(), 500, false).second;
  BOOST_REQUIRE(fs::remove(dir.path() / "store" / "integers.db-wal"));
  BOOST_TEST(session(x, dir.path(), 10, true).first == last + 1);
}

BOOST_AUTO_TEST_CASE(a_store_that_was_deleted_repeats_nothing) {
  const auto& x = subject_named("guarded sqlite");
  const temp_dir dir;
  const auto last = session(x, dir.path(), 500, true).second;
  fs::remove_all(dir.path() / "store");
  BOOST_TEST(session(x, dir.path(), 10, true).first == last + 1);
}

BOOST_AUTO_TEST_CASE(swapped_state_directories_of_two_stripes_are_refused) {
  const temp_dir dir;
  const auto open = [&dir](const char* where, stripe x) {
    return state_directory::open(dir.path() / where, {})
      .and_then([x](const auto& state) {
        guard_options options;
        options.stripe = x;
        return make_guard(make_memory(), state, options);
      });
  };
  must(must(open("one", {1, 2}))->reserve({"integers", {1, 2}}, 10));
  must(must(open("two", {2, 2}))->reserve({"integers", {2, 2}}, 10));
  fs::rename(dir.path() / "one", dir.path() / "x");
  fs::rename(dir.path() / "two", dir.path() / "one");
  fs::rename(dir.path() / "x", dir.path() / "two");
  BOOST_TEST(code_of(open("one", {1, 2})) == ec::wrong_owner);
  BOOST_TEST(code_of(open("two", {2, 2})) == ec::wrong_owner);
}

BOOST_DATA_TEST_CASE(damaged_state_is_refused_and_nothing_minted, guarded_ones,
                     name) {
  const auto& x = subject_named(name);
  const temp_dir dir;
  session(x, dir.path(), 57, false);
  auto random = seeded();
  for (const auto* file : {"node", "main.ceilings"}) {
    const auto path = dir.path() / "state" / file;
    const auto good = read_bytes(path);
    auto flipped = good;
    auto& byte = flipped[random() % flipped.size()];
    byte = static_cast<char>(byte ^ (1 << random() % 8));
    for (const auto& bad : {std::string{}, good.substr(0, good.size() / 2),
                            std::string(good.size(), '\0'), flipped}) {
      write_bytes(path, bad);
      const auto opened = x.open(dir.path());
      BOOST_TEST(code_of(opened) == ec::corrupt);
      BOOST_TEST(says(opened, path.string()));
    }
    fs::remove(path);
    BOOST_TEST(code_of(x.open(dir.path())) == ec::corrupt);
    write_bytes(path, good);
  }
  BOOST_TEST(session(x, dir.path(), 1, true).first == 58);
}
