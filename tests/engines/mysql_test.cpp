// What only MariaDB can do wrong or differently: privileges, settings, tables
// that others made or emptied.
#include "tests/engines/mysql_scene.hpp"

#include "tests/support/temp_dir.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <chrono>

using namespace intd;
using namespace intd::test;

namespace {

const sequence all{"integers", {1, 1}};
const sequence odd{"integers", {1, 2}};

const auto storages = boost::unit_test::data::make(
  std::vector<std::string>{"MyISAM", "Aria", "InnoDB"});

/// One server is enough where nothing is done to it.
mysql_scene& shared() {
  static mysql_scene x;
  x.said->clear();
  return x;
}

int64_t next(engine& store, const sequence& what = all) {
  return must(store.reserve(what, 1)).first;
}

} // namespace

BOOST_DATA_TEST_CASE(an_old_table_goes_on_where_it_was, storages, x) {
  auto& at = shared();
  at.table(x);
  old_client old{at.server.port(), 1, 2};
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(old.next() == static_cast<uint64_t>(2 * i + 1));
  const auto store = at.open();
  // InnoDB's counter is an increment further at once.
  const auto before = must(store->last(all));
  BOOST_TEST((before == 9 || before == 10));
  BOOST_TEST(last_of(must(store->reserve(all, 100))) == before + 100);
  // What the original calls LastInt and SetLastInt.
  BOOST_TEST(at.server.ask("SELECT MAX(id) FROM integers")
             == std::to_string(before + 100));
  at.server.execute("ALTER TABLE integers AUTO_INCREMENT=5000");
  BOOST_TEST(next(*store) == 5000);
  BOOST_TEST(old.next() == 5001u);
  BOOST_TEST(at.server.ask("SELECT COUNT(*) FROM integers") == "1");
}

BOOST_DATA_TEST_CASE(raising_never_lowers_the_counter_or_the_row, storages, x) {
  auto& at = shared();
  at.table(x);
  const auto store = at.open();
  must(store->reserve(all, 1));
  must(store->reserve(all, 1000));
  const auto other = at.open();
  must(other->reserve(all, 500));
  // This one believes that 1001 is the last.
  BOOST_TEST(code_of(store->set_last(all, 1400)) == ec::too_small);
  must(store->set_last(all, 1501));
  BOOST_TEST(must(other->last(all)) == 1501);
  must(store->set_last(all, 9000));
  BOOST_TEST(at.server.ask("SELECT id FROM integers") == "9000");
  BOOST_TEST(next(*other) == 9001);
}

BOOST_DATA_TEST_CASE(a_table_without_its_row_goes_on, storages, x) {
  auto& at = shared();
  at.table(x);
  const auto store = at.open();
  int64_t before = 0;
  for (int round = 0; round < 3; ++round) {
    for (const int64_t count : {1, 100, 7}) {
      at.server.execute("DELETE FROM integers");
      const auto given = must(store->reserve(odd, count));
      BOOST_TEST(given.first > before);
      BOOST_TEST(contains(odd.stripe, given.first));
      before = last_of(given);
    }
    at.server.execute("DELETE FROM integers");
    must(store->set_last(odd, before + 1000));
    BOOST_TEST(must(store->last(all)) == before + 1000);
    before += 1000;
  }
}

BOOST_DATA_TEST_CASE(past_the_end_nothing_is_given, storages, x) {
  auto& at = shared();
  at.table(x);
  const auto store = at.open();
  must(store->set_last(all, max_integer - 3));
  old_client old{at.server.port(), 1, 1};
  BOOST_TEST(old.next() == static_cast<uint64_t>(max_integer) - 2);
  // The engine does not know of that one, and asks for more than is left.
  const auto given = must(store->reserve(all, 3));
  BOOST_TEST(given.first == max_integer - 1);
  BOOST_TEST(last_of(given) <= max_integer);
  while (old.next() <= static_cast<uint64_t>(max_integer))
    continue;
  const auto refused = store->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::exhausted);
  BOOST_TEST(must(store->last(all)) == max_integer);
  const auto again = at.open();
  BOOST_TEST(code_of(again->reserve(all, 1)) == ec::exhausted);
  BOOST_TEST(code_of(again->reserve({"integers", {1, 100'003}}, 1))
             == ec::exhausted);
  must(again->set_last(all, max_integer));
}

BOOST_DATA_TEST_CASE(a_table_that_went_back_is_refused, storages, x) {
  auto& at = shared();
  at.table(x);
  const auto store = at.open();
  must(store->reserve(all, 1));
  must(store->reserve(all, 10));
  at.server.execute("TRUNCATE TABLE integers");
  const auto refused = store->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::corrupt);
  BOOST_TEST(says(refused, "went back"));
  BOOST_TEST(code_of(store->last(all)) == ec::corrupt);
}

BOOST_AUTO_TEST_CASE(tables_that_count_otherwise_are_refused) {
  auto& at = shared();
  const auto store = at.open();
  const std::string columns[] = {
    "id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "stub CHAR(1) NOT NULL, UNIQUE KEY (stub)",
    "id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, stub CHAR(1) NOT NULL, "
    "UNIQUE KEY (stub)",
    "id BIGINT UNSIGNED NOT NULL PRIMARY KEY, stub CHAR(1) NOT NULL, "
    "UNIQUE KEY (stub)",
    "id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "stub CHAR(1) NOT NULL",
    "id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY",
  };
  for (const auto& x : columns) {
    at.server.execute("DROP TABLE IF EXISTS odd_one; CREATE TABLE odd_one (" + x
                      + ")");
    const auto refused = store->reserve({"odd_one", {1, 1}}, 1);
    BOOST_TEST(code_of(refused) == ec::invalid_key);
    BOOST_TEST(says(refused, "AUTO_INCREMENT"));
  }
  at.table("MEMORY", "odd_one");
  BOOST_TEST(says(store->reserve({"odd_one", {1, 1}}, 1), "MEMORY"));
  at.server.execute("DROP TABLE odd_one; CREATE VIEW odd_one AS SELECT 1 AS a");
  BOOST_TEST(says(store->reserve({"odd_one", {1, 1}}, 1), "VIEW"));
  at.server.execute("DROP VIEW odd_one");
  // None of that was reason to give up what works.
  BOOST_TEST(next(*store, {"fine", {1, 1}}) == 1);
}

BOOST_AUTO_TEST_CASE(sessions_do_not_depend_on_the_servers_defaults) {
  mysql_scene at;
  at.server.execute(
    "SET GLOBAL autocommit=0, GLOBAL auto_increment_increment=7, "
    "GLOBAL auto_increment_offset=3, GLOBAL sql_mode='NO_UNSIGNED_SUBTRACTION,"
    "NO_AUTO_VALUE_ON_ZERO', GLOBAL tx_isolation='SERIALIZABLE', "
    "GLOBAL wait_timeout=1, GLOBAL tx_read_only=1");
  for (const auto dialect :
       {mysql_dialect::set_statement, mysql_dialect::set_session})
    for (const auto* storage : {"MyISAM", "Aria", "InnoDB"}) {
      at.server.execute("SET tx_read_only=0; DROP TABLE IF EXISTS integers; "
                        + original_table("integers", storage));
      const auto store = at.open(dialect);
      const auto other = at.open(dialect);
      for (int64_t i = 1; i < 20; i += 2) {
        BOOST_TEST(next(*store) == i);
        BOOST_TEST(next(*other) == i + 1);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_wrong_login_is_told_without_the_password) {
  auto& at = shared();
  const auto port = std::to_string(at.server.port());
  const auto wrong
    = at.try_open("intd:hunter2@tcp(127.0.0.1:" + port + ")/intd");
  BOOST_TEST(code_of(wrong) == ec::unavailable);
  BOOST_TEST(says(wrong, "mysql: 127.0.0.1:" + port + "/intd: "));
  BOOST_TEST(says(wrong, "MariaDB's error 1045"));
  BOOST_TEST(says(wrong, "user and password"));
  BOOST_TEST(!says(wrong, "hunter2"));
  const auto nowhere
    = at.try_open("intd:secret@tcp(127.0.0.1:" + port + ")/nowhere");
  BOOST_TEST(says(nowhere, "create the database"));
  BOOST_TEST(!says(nowhere, "secret"));
  const own_port unused;
  const auto refused = at.try_open(
    "intd:secret@tcp(127.0.0.1:" + std::to_string(unused.number()) + ")/intd");
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(says(refused, "check that the server runs"));
}

BOOST_AUTO_TEST_CASE(a_socket_is_as_good_as_a_port) {
  auto& at = shared();
  at.table("InnoDB");
  const auto path = at.server.socket().string();
  const auto store = must(at.try_open("intd:secret@unix(" + path + ")/intd"));
  BOOST_TEST(next(*store) == 1);
  const auto wrong = at.try_open("intd:secret@unix(" + path + "x)/intd");
  BOOST_TEST(code_of(wrong) == ec::unavailable);
  BOOST_TEST(says(wrong, path + "x"));
}

BOOST_AUTO_TEST_CASE(a_user_who_may_not_create_is_told_the_sql) {
  mysql_scene at;
  at.table("InnoDB");
  const auto dsn = at.user("mint", "SELECT, INSERT, UPDATE");
  auto store = must(at.try_open(dsn));
  BOOST_TEST(next(*store) == 1);
  BOOST_TEST(must(store->last({"others", {1, 1}})) == 0);
  const auto missing = store->reserve({"others", {1, 1}}, 1);
  BOOST_TEST(code_of(missing) == ec::invalid_key);
  BOOST_TEST(says(missing, "CREATE TABLE IF NOT EXISTS `others`"));
  BOOST_TEST(next(*store) == 2);
  const auto nobody = store->identity();
  BOOST_TEST(code_of(nobody) == ec::unavailable);
  const auto text = text_of(nobody);
  const auto sql
    = text.substr(std::min(text.find("CREATE TABLE"), text.size()));
  at.server.execute(sql);
  store = must(at.try_open(dsn));
  BOOST_TEST(must(store->identity()).size() == 32u);
  BOOST_TEST(must(store->claim("me", claim_mode::if_free)) == "me");
}

BOOST_AUTO_TEST_CASE(privileges_that_are_missing_are_named) {
  mysql_scene at;
  at.table("InnoDB");
  at.table("MyISAM", "others");
  for (const std::string key : {"integers", "others"}) {
    const auto store
      = must(at.try_open(at.user("reader" + key, "SELECT, INSERT")));
    const auto refused = store->reserve({key, {1, 1}}, 1);
    BOOST_TEST(code_of(refused) == ec::unavailable);
    BOOST_TEST(says(refused, "UPDATE"));
  }
  const auto store
    = must(at.try_open(at.user("mint", "SELECT, INSERT, UPDATE")));
  const sequence wide{"integers", {7, 100'003}};
  const auto refused = store->reserve(wide, 1);
  BOOST_TEST(code_of(refused) == ec::invalid_stripe);
  BOOST_TEST(says(refused, "65535"));
  BOOST_TEST(says(refused, "LOCK TABLES"));
  BOOST_TEST(next(*store) == 1);
  BOOST_TEST(next(*store, {"others", {7, 100'003}}) == 7);
  at.user("mint", "LOCK TABLES");
  const auto again = must(at.try_open(at.user("mint", "")));
  BOOST_TEST(next(*again, wide) == 7);
  BOOST_TEST(next(*again, wide) == 100'010);
}

BOOST_AUTO_TEST_CASE(steps_above_the_servers_limit_are_never_asked_for) {
  auto& at = shared();
  at.table("InnoDB");
  const auto store = at.open();
  next(*store);
  for (const int64_t increment : {1, 2, 3, 255, 65'534, 65'535}) {
    const sequence what{"integers", {increment, increment}};
    const auto given = must(store->reserve(what, 1'000'000));
    BOOST_TEST(given.count == 65'535 / increment);
    BOOST_TEST(must(store->last(what)) == last_of(given));
    BOOST_TEST(next(*store, what) == last_of(given) + increment);
  }
}

BOOST_AUTO_TEST_CASE(the_owner_on_record_is_the_first_or_the_one_who_takes) {
  auto& at = shared();
  at.server.execute("DROP TABLE IF EXISTS `intd-store`");
  const auto one = at.open(), two = at.open();
  BOOST_TEST(must(one->identity()) == must(two->identity()));
  const std::string quoted = "n'2\\";
  BOOST_TEST(must(one->claim("n1", claim_mode::if_free)) == "n1");
  BOOST_TEST(must(two->claim(quoted, claim_mode::if_free)) == "n1");
  BOOST_TEST(must(two->claim(quoted, claim_mode::take_over)) == quoted);
  BOOST_TEST(must(one->claim("n1", claim_mode::if_free)) == quoted);
}

BOOST_AUTO_TEST_CASE(capitals_are_refused_where_the_server_folds_them) {
  mysql_scene at{{{"--lower-case-table-names=1"}}};
  const auto store = at.open();
  const auto refused = store->reserve({"Orders", {1, 1}}, 1);
  BOOST_TEST(code_of(refused) == ec::invalid_key);
  BOOST_TEST(says(refused, "lower case"));
  BOOST_TEST(next(*store, {"orders", {1, 1}}) == 1);
}

BOOST_AUTO_TEST_CASE(what_can_be_forgotten_is_said) {
  mysql_scene at;
  BOOST_TEST((at.open()->durable() == durability::durable));
  BOOST_TEST(at.said->empty());
  at.table("Aria");
  BOOST_TEST((at.open()->durable() == durability::durable));
  at.table("MyISAM", "others");
  BOOST_TEST((at.open()->durable() == durability::may_forget));
  BOOST_TEST(warned(at.said, "MyISAM"));
  at.server.execute("DROP TABLE others; DROP TABLE integers");
  const auto store = at.open();
  BOOST_TEST((store->durable() == durability::durable));
  at.table("MyISAM", "others");
  must(store->last({"others", {1, 1}}));
  BOOST_TEST((store->durable() == durability::may_forget));
  at.server.execute("DROP TABLE others");
  for (const auto* value : {"0", "2"}) {
    at.server.execute(std::string{"SET GLOBAL innodb_flush_log_at_trx_commit="}
                      + value);
    BOOST_TEST((at.open()->durable() == durability::may_forget));
    BOOST_TEST(warned(
      at.said, "innodb_flush_log_at_trx_commit is " + std::string{value}));
  }
  at.server.execute("SET GLOBAL innodb_flush_log_at_trx_commit=1");
  BOOST_TEST((at.open()->durable() == durability::durable));
  at.server.execute("SET GLOBAL aria_group_commit=soft");
  BOOST_TEST((at.open()->durable() == durability::durable));
  at.table("Aria");
  BOOST_TEST((at.open()->durable() == durability::may_forget));
  BOOST_TEST(warned(at.said, "aria_group_commit is soft"));
}
