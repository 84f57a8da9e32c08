// What every store does as a test's child: the faults that tests of engines
// are built from are real ones.
#include "tests/servers/mariadb.hpp"
#include "tests/servers/redis.hpp"
#include "tests/servers/rqlite.hpp"
#ifdef INTD_TEST_SUMMITDB
#include "tests/servers/summitdb.hpp"
#endif

#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <fstream>
#include <functional>
#include <stdexcept>

namespace intd::test {

namespace {

namespace fs = std::filesystem;

// A store, and how to keep one number in it.
struct subject {
  std::unique_ptr<store_server> server;
  std::function<void(int)> keep;
  /// Returns what is kept, 0 where nothing is.
  std::function<int()> kept;
};

int number(const std::string& text) {
  return text.empty() ? 0 : std::stoi(text);
}

// The two statements of SQL do for both stores that speak it.
constexpr auto table = "CREATE TABLE IF NOT EXISTS t (a INTEGER)";

subject make_mariadb() {
  auto made = std::make_unique<mariadb_server>();
  auto& x = *made;
  return {std::move(made),
          [&x](int value) {
            x.execute(std::string{table} + "; INSERT INTO t VALUES ("
                      + std::to_string(value) + ")");
          },
          [&x] {
            x.execute(table);
            return number(x.ask("SELECT MAX(a) FROM t"));
          }};
}

subject make_redis() {
  auto made = std::make_unique<redis_server>(redis_options{.password = "pass"});
  auto& x = *made;
  return {std::move(made),
          [&x](int value) {
            x.command({"SET", "a", std::to_string(value)}, 9'999);
          },
          [&x] {
            return number(x.command({"GET", "a"}, 9'999));
          }};
}

subject make_rqlite() {
  auto made = std::make_unique<rqlite_server>(
    rqlite_options{.user = "intd", .password = "secret"});
  auto& x = *made;
  return {std::move(made),
          [&x](int value) {
            x.execute(
              {table, "INSERT INTO t VALUES (" + std::to_string(value) + ")"});
          },
          [&x] {
            x.execute({table});
            return number(x.ask("SELECT MAX(a) FROM t"));
          }};
}

#ifdef INTD_TEST_SUMMITDB
subject make_summitdb() {
  auto made = std::make_unique<summitdb_server>();
  auto& x = *made;
  return {std::move(made),
          [&x](int value) {
            x.command({"SET", "a", std::to_string(value)});
          },
          [&x] {
            return number(x.command({"GET", "a"}));
          }};
}
#endif

// Its process answers nothing and is there.
bool is_frozen(store_server& x) {
  return x.running() && x.child().state() == 'T';
}

void check_life(subject x) {
  auto& server = *x.server;
  auto port = server.port();
  server.start();
  BOOST_TEST(x.kept() == 0);
  x.keep(7);
  BOOST_TEST(x.kept() == 7);

  auto old = server.pid();
  server.restart();
  BOOST_TEST(server.pid() != old);
  BOOST_TEST((::kill(old, 0) != 0));
  BOOST_TEST(server.port() == port);
  BOOST_TEST(x.kept() == 7);

  server.freeze();
  BOOST_TEST(is_frozen(server));
  server.thaw();
  BOOST_TEST(x.kept() == 7);
  server.freeze();
  server.stop();
  BOOST_TEST(!server.running());
  BOOST_CHECK_THROW(x.kept(), std::runtime_error);
  server.start();
  BOOST_TEST(x.kept() == 7);
}

void check_data(subject x) {
  auto& server = *x.server;
  server.start();
  x.keep(7);
  auto backup = server.data().parent_path() / "backup";
  server.snapshot(backup);
  BOOST_TEST(server.running());
  x.keep(8);
  BOOST_TEST(x.kept() == 8);
  server.restore(backup);
  BOOST_TEST(x.kept() == 7);
  server.empty();
  BOOST_TEST(x.kept() == 0);
  x.keep(9);
  server.stop();
  server.restore(backup);
  BOOST_TEST(!server.running());
  server.start();
  BOOST_TEST(x.kept() == 7);
}

void check_end(subject x) {
  x.server->start();
  auto pid = x.server->pid();
  auto data = x.server->data();
  x.server.reset();
  BOOST_TEST((::kill(pid, 0) != 0));
  BOOST_TEST(!fs::exists(data));
}

void check(const std::function<subject()>& make) {
  check_life(make());
  check_data(make());
  check_end(make());
}

BOOST_AUTO_TEST_CASE(mariadb_lives_and_dies) {
  check(make_mariadb);
}

BOOST_AUTO_TEST_CASE(redis_lives_and_dies) {
  check(make_redis);
}

BOOST_AUTO_TEST_CASE(rqlite_lives_and_dies) {
  check(make_rqlite);
}

BOOST_AUTO_TEST_CASE(what_a_killed_test_leaves_is_removed) {
  fs::path orphan = "/var/tmp/intd-store-orphan-of-servers-test";
  fs::create_directories(orphan / "data");
  std::ofstream{orphan / "lock"} << "";
  redis_server mine;
  mine.start();
  std::string output;
  auto how
    = run({{INTD_RUN_STORE, "redis"}, {}}, std::chrono::minutes{1}, output);
  BOOST_TEST((how && how->status == 0), output);
  BOOST_TEST(!fs::exists(orphan));
  BOOST_TEST(fs::exists(mine.data()));
}

BOOST_AUTO_TEST_CASE(mariadb_has_databases_of_a_tests_own) {
  mariadb_server x{{.flags = {"--innodb-autoinc-lock-mode=2"}}};
  x.start();
  x.create_database("other");
  x.execute(table, "other");
  BOOST_TEST(x.ask("SELECT COUNT(*) FROM t", "other") == "0");
  BOOST_CHECK_THROW(x.ask("SELECT COUNT(*) FROM t"), std::runtime_error);
  BOOST_TEST(x.ask("SELECT @@innodb_autoinc_lock_mode") == "2");
  BOOST_TEST(fs::is_socket(x.socket()));
}

BOOST_AUTO_TEST_CASE(redis_keeps_what_its_persistence_keeps) {
  for (auto [how, after_kill, after_stop] :
       {std::tuple{redis_persistence::none, "", ""},
        std::tuple{redis_persistence::rdb, "", "7"},
        std::tuple{redis_persistence::aof_everysec, "7", "7"},
        std::tuple{redis_persistence::aof_always, "7", "7"}}) {
    redis_server x{{.persistence = how}};
    x.start();
    x.command({"SET", "a", "7"});
    // The process's death loses what it has not written yet, which everysec
    // does at the end of its event loop's turn, before the answer.
    x.restart();
    BOOST_TEST(x.command({"GET", "a"}) == after_kill);
    x.command({"SET", "a", "7"});
    x.stop();
    x.start();
    BOOST_TEST(x.command({"GET", "a"}) == after_stop);
    BOOST_TEST(fs::exists(x.rdb_file()) == (how == redis_persistence::rdb));
    BOOST_TEST(fs::exists(x.aof_directory()) == (how > redis_persistence::rdb));
  }
}

BOOST_AUTO_TEST_CASE(redis_follows_and_is_promoted) {
  redis_server first{{.password = "pass"}};
  redis_server second{{.password = "pass"}};
  first.start();
  second.start();
  first.command({"SET", "a", "7"});
  second.replica_of(first);
  BOOST_TEST(second.command({"GET", "a"}) == "7");
  BOOST_CHECK_THROW(second.command({"SET", "a", "8"}), std::runtime_error);
  first.kill();
  second.promote();
  second.command({"SET", "a", "8"});
  BOOST_TEST(second.command({"GET", "a"}) == "8");
}

// `x` has nodes that keep a number.
void check_cluster(store_cluster& x,
                   const std::function<void(size_t, int)>& keep,
                   const std::function<int(size_t)>& kept) {
  x.start();
  auto leader = x.leader();
  keep(leader, 7);
  BOOST_TEST(kept(leader) == 7);
  x.node(leader).kill();
  auto next = x.leader();
  BOOST_TEST(next != leader);
  BOOST_TEST(kept(next) == 7);
  keep(next, 8);
  x.node(leader).start();
  x.node(next).freeze();
  auto third = x.leader_other_than(next);
  BOOST_TEST(kept(third) == 8);
  x.node(next).thaw();

  x.kill();
  x.start();
  BOOST_TEST(kept(x.leader()) == 8);
  x.empty();
  keep(x.leader(), 1);
  BOOST_TEST(kept(x.leader()) == 1);
}

BOOST_AUTO_TEST_CASE(rqlite_elects_another_leader) {
  rqlite_cluster x{{.user = "intd", .password = "secret"}};
  check_cluster(
    x,
    [&x](size_t node, int value) {
      x.rqlite(node).execute(
        {table, "INSERT INTO t VALUES (" + std::to_string(value) + ")"});
    },
    [&x](size_t node) {
      return number(x.rqlite(node).ask("SELECT MAX(a) FROM t"));
    });
}

#ifdef INTD_TEST_SUMMITDB
BOOST_AUTO_TEST_CASE(summitdb_lives_and_dies) {
  check(make_summitdb);
}

BOOST_AUTO_TEST_CASE(summitdb_elects_another_leader) {
  summitdb_cluster x;
  check_cluster(
    x,
    [&x](size_t node, int value) {
      x.summitdb(node).command({"SET", "a", std::to_string(value)});
    },
    [&x](size_t node) {
      return number(x.summitdb(node).command({"GET", "a"}));
    });
}
#endif

} // namespace

} // namespace intd::test
