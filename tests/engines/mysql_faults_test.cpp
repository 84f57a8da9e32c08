// A MariaDB that is killed, frozen, damaged or given back an old backup, and
// connections that end: no integer comes twice, and what is in doubt is never
// asked for again.
#include "tests/engines/mysql_scene.hpp"

#include "engines/guard/guard.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

using namespace intd;
using namespace intd::test;

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using clock_type = std::chrono::steady_clock;

const sequence all{"integers", {1, 1}};
const sequence odd{"integers", {1, 2}};

const auto storages = boost::unit_test::data::make(
  std::vector<std::string>{"MyISAM", "Aria", "InnoDB"});

/// For servers that will not answer, or not soon.
constexpr milliseconds patience{1'000};

int64_t mint(engine& store, int64_t count = 1) {
  return last_of(must(store.reserve(all, count)));
}

result<engine_ptr> open_within(const mysql_scene& at, milliseconds bound) {
  auto options = at.options();
  options.connect_timeout = bound;
  options.answer_timeout = bound;
  return parse_mysql_dsn(at.server.dsn())
    .and_then([&options](const mysql_dsn& dsn) {
      return open_mysql(dsn, options);
    });
}

engine_ptr guard_of(engine_ptr store, const fs::path& directory,
                    const warnings& said) {
  guard_options options;
  options.warn = [said](std::string_view text) {
    said->emplace_back(text);
  };
  return must(make_guard(std::move(store),
                         must(state_directory::open(directory, {})),
                         std::move(options)));
}

/// Overwrites a part of a file, as a broken disk does.
void damage(const fs::path& file, std::streamoff at, size_t bytes) {
  std::fstream out{file, std::ios::in | std::ios::out | std::ios::binary};
  out.seekp(at);
  out << std::string(bytes, '\xee');
  BOOST_REQUIRE(out.flush().good());
}

/// Sets the counter of a MyISAM table, `present` below 256, to 60: what a kill
/// leaves where the row was written and the counter was not. In the index file
/// it has eight bytes, the greatest first.
void lower_counter(const mysql_scene& at, const std::string& key,
                   int64_t present) {
  std::fstream file{at.server.data() / "intd" / (key + ".MYI"),
                    std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(99);
  BOOST_REQUIRE(file.get() == present);
  file.seekp(99);
  file.put(60);
  BOOST_REQUIRE(file.flush().good());
}

milliseconds since(clock_type::time_point begin) {
  return std::chrono::duration_cast<milliseconds>(clock_type::now() - begin);
}

} // namespace

BOOST_DATA_TEST_CASE(what_was_answered_survives_a_killed_server, storages, x) {
  mysql_scene at;
  at.table(x);
  int64_t before = 0;
  for (const int64_t count : {1, 7, 1000}) {
    auto store = at.open();
    std::atomic<int64_t> rounds{0};
    std::thread minting{[&] {
      const sequence what{"integers", {1, 3}};
      for (;;) {
        auto given = store->reserve(what, count);
        if (!given)
          return;
        before = last_of(*given);
        ++rounds;
      }
    }};
    const auto end = clock_type::now() + std::chrono::seconds{30};
    while (rounds < 40 && clock_type::now() < end)
      std::this_thread::yield();
    at.server.kill();
    minting.join();
    BOOST_TEST(rounds >= 40);
    BOOST_TEST(code_of(store->reserve(all, 1)) == ec::unavailable);
    at.server.start();
    store = at.open();
    const auto given = must(store->reserve({"integers", {1, 3}}, count));
    BOOST_TEST(given.first > before);
    before = last_of(given);
  }
}

BOOST_AUTO_TEST_CASE(a_session_that_ended_is_not_taken_up_again) {
  mysql_scene at;
  at.table("InnoDB");
  auto store = at.open();
  BOOST_TEST(must(store->reserve(odd, 1)).first == 1);
  const auto session = at.server.ask(
    "SELECT ID FROM information_schema.PROCESSLIST WHERE DB='intd' AND "
    "ID <> CONNECTION_ID() ORDER BY ID LIMIT 1");
  at.server.execute("KILL CONNECTION " + session);
  const auto refused = store->reserve(odd, 1);
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(text_of(store->reserve(odd, 1)) == text_of(refused));
  BOOST_TEST(text_of(store->last(odd)) == text_of(refused));
  BOOST_TEST(text_of(store->identity()) == text_of(refused));
  must(store->close());
  store = at.open();
  BOOST_TEST(must(store->reserve(odd, 2)) == (intd::run{3, 2, 2}));
}

BOOST_DATA_TEST_CASE(a_frozen_server_is_waited_for_no_longer_than_told,
                     storages, x) {
  mysql_scene at;
  at.table(x);
  auto store = must(open_within(at, patience));
  const auto before = mint(*store, 10);
  at.server.freeze();
  auto begin = clock_type::now();
  const auto late = store->reserve(all, 10);
  BOOST_TEST(code_of(late) == ec::timeout);
  BOOST_TEST(says(late, "1000 ms"));
  BOOST_TEST(since(begin).count() >= 1'000);
  BOOST_TEST(since(begin).count() < 4'000);
  BOOST_TEST(code_of(store->reserve(all, 1)) == ec::timeout);
  begin = clock_type::now();
  BOOST_TEST(code_of(open_within(at, patience)) == ec::timeout);
  BOOST_TEST(since(begin).count() < 6'000);
  at.server.thaw();
  // The statement that was on its way may be applied now, or not.
  store = must(open_within(at, milliseconds{10'000}));
  BOOST_TEST(must(store->reserve(all, 1)).first > before);
}

BOOST_DATA_TEST_CASE(a_lost_answer_is_never_asked_for_again, storages, x) {
  mysql_scene at;
  at.table(x);
  auto options = at.options();
  options.answer_timeout = patience;
  proxy between{at.server.port()};
  auto dsn = must(parse_mysql_dsn(at.server.dsn()));
  dsn.at.port = between.port();
  int64_t before = 0;
  // The answer does not come; it breaks off; it is lost with the connection.
  for (int how = 0; how < 3; ++how) {
    auto store = must(open_mysql(dsn, options));
    must(store->reserve(all, 1));
    before = mint(*store, 9);
    const auto swallowed = between.swallowed();
    if (how == 0)
      between.drop_answers();
    else if (how == 1)
      between.truncate_answers(5);
    else
      between.cut();
    const auto lost = store->reserve(all, 10);
    BOOST_TEST(code_of(lost) == (how == 0 ? ec::timeout : ec::unavailable));
    BOOST_TEST(text_of(store->reserve(all, 10)) == text_of(lost));
    between.forward();
    // Its integers are a gap: they were given once, to nobody.
    const auto given = must(must(open_mysql(dsn, options))->reserve(all, 1));
    if (how < 2) {
      BOOST_TEST(between.swallowed() > swallowed);
      BOOST_TEST(given.first > before + 10);
      BOOST_TEST(given.first <= before + 12);
    } else {
      BOOST_TEST(given.first > before);
    }
  }
}

BOOST_DATA_TEST_CASE(a_lock_of_another_session_ends_in_an_error, storages, x) {
  mysql_scene at;
  at.table(x);
  auto store = must(open_within(at, patience));
  const auto before = mint(*store, 10);
  old_client other{at.server.port(), 1, 1};
  BOOST_REQUIRE(other.run("LOCK TABLES integers WRITE"));
  const auto begin = clock_type::now();
  const auto refused = store->reserve(all, 5);
  BOOST_TEST(is_fatal(code_of(refused)));
  BOOST_TEST(since(begin).count() < 4'000);
  BOOST_REQUIRE(other.run("UNLOCK TABLES"));
  store = at.open();
  BOOST_TEST(must(store->reserve(all, 1)).first > before);
}

BOOST_AUTO_TEST_CASE(a_damaged_table_is_repaired_once) {
  mysql_scene at;
  at.table("MyISAM");
  auto store = at.open();
  const auto before = mint(*store, 100);
  must(store->close());
  const auto index = at.server.data() / "intd" / "integers.MYI";
  const auto hurt = [&at, &index] {
    at.server.stop();
    damage(index, 1024, 2048);
    at.server.start();
  };
  hurt();
  store = at.open();
  const auto after = must(store->reserve(all, 10));
  BOOST_TEST(after.first > before);
  BOOST_TEST(warned(at.said, "integers is damaged; it is repaired"));
  at.said->clear();
  BOOST_TEST(mint(*store) == last_of(after) + 1);
  BOOST_TEST(!warned(at.said, "damaged"));
  must(store->close());
  // Nothing is left to repair from.
  at.server.stop();
  fs::resize_file(index, 100);
  fs::resize_file(at.server.data() / "intd" / "integers.frm", 10);
  at.server.start();
  store = at.open();
  const auto refused = store->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::corrupt);
  BOOST_TEST(says(refused, "backup"));
}

BOOST_AUTO_TEST_CASE(a_table_that_is_damaged_in_use_is_repaired) {
  mysql_scene at;
  at.table("MyISAM");
  const auto store = at.open();
  const auto before = mint(*store, 100);
  // Closed by the server, and damaged before it is opened again.
  at.server.execute("FLUSH TABLES integers");
  damage(at.server.data() / "intd" / "integers.MYI", 1024, 2048);
  BOOST_TEST(must(store->reserve(all, 10)).first > before);
  BOOST_TEST(warned(at.said, "integers is damaged; it is repaired"));
  at.server.execute("FLUSH TABLES integers");
  damage(at.server.data() / "intd" / "integers.MYI", 1024, 2048);
  const auto refused = store->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::corrupt);
  BOOST_TEST(says(refused, "again"));
}

BOOST_AUTO_TEST_CASE(a_counter_that_a_crash_left_behind_its_row_is_raised) {
  mysql_scene at;
  at.table("MyISAM");
  at.table("MyISAM", "others");
  const sequence others{"others", {1, 1}};
  auto store = at.open();
  mint(*store);
  const auto before = mint(*store, 99);
  must(store->set_last(others, before));
  at.server.stop();
  for (const auto* key : {"integers", "others"})
    lower_counter(at, key, before);
  at.server.start();
  store = at.open();
  BOOST_TEST(must(store->last(all)) > before);
  BOOST_TEST(warned(at.said, "the counter of integers is at 60, below"));
  old_client old{at.server.port(), 1, 1};
  BOOST_TEST(old.next() > static_cast<uint64_t>(before));
  const auto given = must(store->reserve(others, 10));
  BOOST_TEST(given.first > before);
  // What an engine is told of its row while it mints holds as well.
  at.server.execute("FLUSH TABLES others");
  lower_counter(at, "others", last_of(given));
  BOOST_TEST(must(store->reserve(others, 10)).first > last_of(given));
}

BOOST_DATA_TEST_CASE(an_old_backup_repeats_integers_but_not_under_a_guard,
                     storages, x) {
  mysql_scene at;
  at.table(x);
  temp_dir dir;
  auto store = at.open();
  mint(*store);
  mint(*store, 49);
  must(store->close());
  at.server.snapshot(dir.path() / "backup");
  // Without a guard one comes twice.
  store = at.open();
  const auto first = mint(*store);
  must(store->close());
  at.server.restore(dir.path() / "backup");
  store = at.open();
  BOOST_TEST(mint(*store) == first);
  must(store->close());
  // With one, nothing does.
  store = guard_of(at.open(), dir.path() / "state", at.said);
  const auto before = mint(*store, 500);
  must(store->close());
  store.reset(); // with its lock of the state directory
  at.server.restore(dir.path() / "backup");
  store = guard_of(at.open(), dir.path() / "state", at.said);
  BOOST_TEST(must(store->reserve(all, 1)).first == before + 1);
  BOOST_TEST(warned(at.said, "went back"));
  must(store->close());
}

BOOST_AUTO_TEST_CASE(unsynced_integers_come_again_but_not_under_a_guard) {
  mysql_scene at{{{"--innodb-flush-log-at-trx-commit=0",
                   "--innodb-flush-log-at-timeout=2700"}}};
  at.table("InnoDB");
  at.server.stop();
  at.server.start();
  temp_dir dir;
  auto store = at.open();
  BOOST_TEST((store->durable() == durability::may_forget));
  int64_t before = 0;
  for (int i = 0; i < 100; ++i)
    before = mint(*store, 10);
  at.server.restart();
  store = at.open();
  BOOST_TEST(must(store->reserve(all, 1)).first <= before);
  must(store->close());
  store = guard_of(at.open(), dir.path() / "state", at.said);
  for (int i = 0; i < 100; ++i)
    before = mint(*store, 10);
  at.server.restart();
  BOOST_TEST(code_of(store->reserve(all, 1)) == ec::unavailable);
  store.reset();
  store = guard_of(at.open(), dir.path() / "state", at.said);
  BOOST_TEST(must(store->reserve(all, 1)).first > before);
  must(store->close());
}
