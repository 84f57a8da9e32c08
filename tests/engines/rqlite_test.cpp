// What only rqlite can do wrong: old clients on the same table, tables made by
// others, backups put back, servers that freeze, refuse or hold damage.
#include "engines/http/http_connection.hpp"
#include "engines/registry.hpp"
#include "tests/engines/rqlite_fleet.hpp"
#include "tests/engines/subjects.hpp"
#include "tests/servers/rqlite.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

const sequence all{"integers", {1, 1}};
const sequence odd{"integers", {1, 2}};

const char* const old_table
  = "CREATE TABLE integers (id INTEGER PRIMARY KEY AUTOINCREMENT, "
    "stub CHAR(1))";
const char* const old_index = "CREATE UNIQUE INDEX by_stub ON integers(stub)";
const char* const old_mint = "REPLACE INTO integers (stub) VALUES ('a')";

/// A running server, and engines on it.
struct scene {
  explicit scene(rqlite_options options = {}) : server{std::move(options)} {
    server.start();
  }

  result<engine_ptr> open() {
    store_options options;
    options.connect_timeout = 500ms;
    options.answer_timeout = 1s;
    options.spin = 1ms;
    options.warn = [this](std::string_view text) {
      warnings.emplace_back(text);
    };
    return make_engine("rqlite", server.dsn(), options);
  }

  rqlite_server server;
  std::vector<std::string> warnings;
};

int64_t next(engine& at, const sequence& what = all) {
  return must(at.reserve(what, 1)).first;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_mixed_fleet_never_mints_an_integer_twice) {
  scene at;
  fleet all_of_them;
  const auto open = rqlite_opening(at.server.dsn());
  all_of_them.add_engine(open, {1, 2}, 100);
  all_of_them.add_engine(open, {3, 5}, 33);
  all_of_them.add_engine(open, {1, 1}, 500);
  all_of_them.add_engine(open, {2, 2}, 1);
  add_old_client(all_of_them, at.server.dsn());
  add_old_client(all_of_them, at.server.dsn());
  all_of_them.run_until(120'000, 100);
  all_of_them.judge();
}

BOOST_AUTO_TEST_CASE(a_table_of_the_original_is_gone_on_with) {
  scene at;
  at.server.execute({old_table});
  at.server.execute({old_index});
  at.server.execute({old_mint, old_mint, old_mint});
  const auto engine = must(at.open());
  BOOST_TEST(must(engine->last(all)) == 3);
  BOOST_TEST(next(*engine) == 4);
  // The original's way to raise, and then ours as an old client sees it.
  at.server.execute(
    {"UPDATE sqlite_sequence SET seq=1000 WHERE name='integers'"});
  BOOST_TEST(must(engine->last(all)) == 1000);
  BOOST_TEST(next(*engine, odd) == 1001);
  must(engine->set_last(all, 5000));
  at.server.execute({old_mint});
  BOOST_TEST(at.server.ask("SELECT MAX(id) FROM integers") == "5001");
  BOOST_TEST(at.server.ask("SELECT count(*) FROM integers") == "1");
  BOOST_TEST(next(*engine) == 5002);
  BOOST_TEST(at.warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_lowered_sequence_row_brings_no_integer_back) {
  scene at;
  const auto engine = must(at.open());
  must(engine->reserve(all, 100));
  // Two of the original's SetLastInt at once can do that.
  at.server.execute({"UPDATE sqlite_sequence SET seq=7 WHERE name='integers'"});
  BOOST_TEST(must(engine->last(all)) == 100);
  BOOST_TEST(next(*engine) == 101);
}

BOOST_AUTO_TEST_CASE(a_table_with_capitals_is_found_and_used) {
  scene at;
  at.server.execute({"CREATE TABLE Photos (id INTEGER PRIMARY KEY "
                     "AUTOINCREMENT, stub CHAR(1) UNIQUE)",
                     "INSERT INTO Photos (id,stub) VALUES (41,'a')"});
  const auto engine = must(at.open());
  BOOST_TEST(next(*engine, {"Photos", {1, 1}}) == 42);
  // SQLite takes them for one table, so its keys share its integers.
  BOOST_TEST(next(*engine, {"photos", {1, 1}}) == 43);
  BOOST_TEST(next(*engine, {"PHOTOS", {1, 1}}) == 1);
  BOOST_TEST(next(*engine, {"sqlite_sequence", {1, 1}}) == 1);
  BOOST_TEST(next(*engine, {"sqlite_sequence", {1, 1}}) == 2);
}

BOOST_AUTO_TEST_CASE(a_table_that_could_repeat_is_refused) {
  for (const auto* columns :
       {"(id INTEGER PRIMARY KEY, stub CHAR(1) UNIQUE)",
        "(id INTEGER PRIMARY KEY, stub CHAR(1)) WITHOUT ROWID"}) {
    scene at;
    at.server.execute({std::string{"CREATE TABLE integers "} + columns});
    const auto engine = must(at.open());
    const auto refused = engine->reserve(all, 1);
    BOOST_TEST(code_of(refused) == ec::corrupt);
    BOOST_TEST(says(refused, "AUTOINCREMENT"));
  }
}

BOOST_AUTO_TEST_CASE(a_table_that_grows_is_warned_of) {
  scene at;
  at.server.execute({old_table});
  const auto engine = must(at.open());
  BOOST_TEST(next(*engine) == 1);
  BOOST_TEST(next(*engine) == 2);
  BOOST_REQUIRE(at.warnings.size() == 1u);
  BOOST_TEST(at.warnings.front().find("unique index") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_mark_that_is_no_integer_is_damage) {
  for (const auto* damage : {"'x'", "1e300", "9.9e18"}) {
    scene at;
    auto engine = must(at.open());
    must(engine->reserve(all, 5));
    at.server.execute({std::string{"UPDATE sqlite_sequence SET seq="} + damage
                       + " WHERE name='integers'"});
    BOOST_TEST(code_of(engine->reserve(all, 1)) == ec::corrupt, damage);
    engine = must(at.open());
    BOOST_TEST(code_of(engine->last(all)) == ec::corrupt, damage);
  }
}

BOOST_AUTO_TEST_CASE(a_table_dropped_in_use_stops_the_engine) {
  scene at;
  const auto engine = must(at.open());
  next(*engine);
  at.server.execute({"DROP TABLE integers"});
  const auto gone = engine->reserve(all, 1);
  BOOST_TEST(code_of(gone) == ec::corrupt);
  BOOST_TEST(says(gone, "no such table"));
  BOOST_TEST(code_of(engine->last(all)) == ec::corrupt);
}

BOOST_AUTO_TEST_CASE(near_the_end_old_clients_and_engines_share_what_is_left) {
  scene at;
  const auto engine = must(at.open());
  must(engine->set_last(all, max_integer - 4));
  at.server.execute({old_mint}); // max - 3
  BOOST_TEST(
    (must(engine->reserve(odd, 100)) == intd::run{max_integer - 2, 2, 2}));
  BOOST_TEST(code_of(engine->reserve(all, 1)) == ec::exhausted);
  BOOST_TEST(must(engine->last(all)) == max_integer);
  BOOST_CHECK_THROW(at.server.execute({old_mint}), std::runtime_error);
  BOOST_TEST(at.server.ask("SELECT typeof(seq) FROM sqlite_sequence WHERE "
                           "name='integers'")
             == "integer");
}

BOOST_AUTO_TEST_CASE(the_store_records_one_owner) {
  scene at;
  const auto engine = must(at.open());
  const auto other = must(at.open());
  BOOST_TEST(must(engine->claim("one", claim_mode::if_free)) == "one");
  BOOST_TEST(must(other->claim("two", claim_mode::if_free)) == "one");
  BOOST_TEST(must(other->claim("it's 2", claim_mode::take_over)) == "it's 2");
  BOOST_TEST(must(engine->claim("one", claim_mode::if_free)) == "it's 2");
  BOOST_TEST(must(engine->identity()) == must(other->identity()));
}

BOOST_AUTO_TEST_CASE(an_old_backup_repeats_integers_but_not_behind_a_guard) {
  scene at;
  temp_dir dir;
  must(must(at.open())->reserve(all, 100));
  at.server.snapshot(dir.path() / "backup");
  {
    const auto engine = must(guarded(at.open(), dir.path()));
    BOOST_TEST((must(engine->reserve(all, 100)) == intd::run{101, 1, 100}));
    must(engine->close());
  }
  at.server.restore(dir.path() / "backup");
  BOOST_TEST(next(*must(at.open())) == 101); // the duplicate
  at.server.restore(dir.path() / "backup");
  const auto engine = must(guarded(at.open(), dir.path()));
  BOOST_TEST(next(*engine) == 201);
}

BOOST_AUTO_TEST_CASE(an_emptied_store_repeats_integers_but_not_behind_a_guard) {
  scene at;
  temp_dir dir;
  {
    const auto engine = must(guarded(at.open(), dir.path()));
    BOOST_TEST((must(engine->reserve(all, 100)) == intd::run{1, 1, 100}));
    must(engine->close());
  }
  at.server.empty();
  BOOST_TEST(next(*must(at.open())) == 1); // the duplicate
  at.server.empty();
  const auto engine = must(guarded(at.open(), dir.path()));
  BOOST_TEST(next(*engine) == 101);
  // And while it is in use.
  at.server.execute({"DELETE FROM integers", "DELETE FROM sqlite_sequence"});
  BOOST_TEST(next(*engine) > 101);
}

BOOST_AUTO_TEST_CASE(a_frozen_server_costs_one_timeout_and_no_integer) {
  scene at;
  auto engine = must(at.open());
  next(*engine);
  at.server.freeze();
  const auto begin = clock::now();
  BOOST_TEST(code_of(engine->reserve(all, 1)) == ec::timeout);
  BOOST_TEST(code_of(engine->reserve(all, 1)) == ec::timeout);
  BOOST_TEST(code_of(engine->last(all)) == ec::timeout);
  BOOST_TEST((clock::now() - begin < 2s));
  BOOST_TEST(code_of(at.open()) == ec::timeout);
  BOOST_TEST((clock::now() - begin < 5s));
  at.server.thaw();
  at.server.wait_until_it_answers();
  engine = must(at.open());
  // What the frozen server had received it may have done: skipped, not given.
  BOOST_TEST(next(*engine) >= 2);
}

BOOST_AUTO_TEST_CASE(a_killed_server_is_found_again_with_all_it_answered) {
  scene at;
  auto engine = must(at.open());
  int64_t before = 0;
  for (int i = 0; i < 5; ++i) {
    for (int j = 0; j < 20; ++j) {
      const auto given = must(engine->reserve(odd, 7));
      BOOST_REQUIRE(given.first > before);
      before = last_of(given);
    }
    at.server.kill();
    const auto gone = engine->reserve(odd, 1);
    BOOST_TEST(code_of(gone) == ec::unavailable);
    BOOST_TEST(code_of(engine->last(odd)) == ec::unavailable);
    BOOST_TEST(code_of(at.open()) == ec::unavailable);
    at.server.start();
    engine = must(at.open());
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_password_is_told_and_never_shown) {
  scene at{{"alice", "hunter2"}};
  BOOST_TEST(next(*must(at.open())) == 1);
  const auto address = "127.0.0.1:" + std::to_string(at.server.port());
  for (const auto& user : {std::string{"alice:hunter3@"},
                           std::string{"bob:hunter2@"}, std::string{}}) {
    const auto refused = make_engine("rqlite", "http://" + user + address);
    BOOST_TEST(code_of(refused) == ec::unavailable);
    BOOST_TEST(says(refused, "refuses user and password"));
    BOOST_TEST(says(refused, address));
    BOOST_TEST(!says(refused, "hunter"));
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_rqlite_is_told) {
  const auto nobody = make_engine("rqlite", "http://127.0.0.1:1");
  BOOST_TEST(code_of(nobody) == ec::unavailable);
  BOOST_TEST(says(nobody, "http://127.0.0.1:1"));
  scene at;
  const auto tls = make_engine(
    "rqlite", "https://127.0.0.1:" + std::to_string(at.server.port()));
  BOOST_TEST(code_of(tls) == ec::unavailable);
  BOOST_TEST(says(tls, "https"));
}
