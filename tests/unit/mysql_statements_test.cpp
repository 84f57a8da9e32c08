// Blocks of a counter, and what their statements say.
#include "engines/mysql/mysql_settings.hpp"
#include "engines/mysql/mysql_statements.hpp"

#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

using namespace intd;
using namespace intd::test;

BOOST_AUTO_TEST_CASE(a_block_begins_with_the_next_integer_and_fits_a_step) {
  auto random = seeded();
  for (int i = 0; i < 20'000; ++i) {
    const auto draw = [&random](int64_t most) {
      return std::uniform_int_distribution<int64_t>{1, most}(random);
    };
    const auto increment = draw(i % 2 == 0 ? 10 : max_step);
    const stripe what{draw(increment), increment};
    const auto mark = draw(max_integer - 2 * max_step);
    const auto count = draw(200'000);
    const auto first = *next_above(what, mark);
    for (const bool tight : {false, true}) {
      const auto x = plan_block(what, mark, count, tight);
      BOOST_REQUIRE(x.window >= 1 && x.window <= max_step);
      BOOST_REQUIRE(x.offset >= 1 && x.offset <= x.window);
      // The server begins with what is congruent to the offset.
      BOOST_REQUIRE((first - x.offset) % x.window == 0);
      BOOST_REQUIRE(x.reach % increment == 0 && x.reach < x.window);
      BOOST_REQUIRE(x.reach / increment + 1 <= count);
      // Wherever else it begins, a wide one holds as many of the stripe.
      if (!tight)
        BOOST_REQUIRE(x.window == x.reach + increment);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_tight_block_ends_with_its_last_integer) {
  BOOST_TEST((plan_block({1, 2}, 100, 10, true) == mysql_block{19, 6, 18}));
  BOOST_TEST((plan_block({1, 2}, 101, 10, true) == mysql_block{20, 3, 18}));
  BOOST_TEST((plan_block({1, 1}, 7, 1, true) == mysql_block{1, 1, 0}));
}

BOOST_AUTO_TEST_CASE(durable_is_only_what_was_synced_before_its_answer) {
  mysql_settings x;
  x.version = 101'119;
  x.aria_group_commit = "none";
  const auto level = [&x](mysql_storage table, bool transactional = true) {
    return durability_of(x, table, transactional).level;
  };
  BOOST_TEST((level(mysql_storage::innodb) == durability::durable));
  BOOST_TEST((level(mysql_storage::aria) == durability::durable));
  BOOST_TEST((level(mysql_storage::aria, false) == durability::may_forget));
  BOOST_TEST((level(mysql_storage::myisam) == durability::may_forget));
  x.binlog = true;
  x.sync_binlog = "0";
  BOOST_TEST((level(mysql_storage::innodb) == durability::may_forget));
  x.sync_binlog = "1";
  BOOST_TEST((level(mysql_storage::innodb) == durability::durable));
  x.innodb_method = "nosync";
  BOOST_TEST((level(mysql_storage::innodb) == durability::may_forget));
  x.innodb_method = "O_DIRECT";
  x.mariadb = false;
  x.version = 50'744;
  BOOST_TEST((level(mysql_storage::innodb) == durability::may_forget));
  x.version = 80'036;
  BOOST_TEST((level(mysql_storage::innodb) == durability::durable));
  BOOST_TEST(durability_of(x, mysql_storage::innodb, true).why.empty());
}
