// What every store does as a test's child: the faults that tests of engines
// are built from are real ones.
#include "tests/servers/mariadb.hpp"
#include "tests/servers/redis.hpp"

#include <boost/test/unit_test.hpp>

namespace intd::test {

namespace {

namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(mariadb_starts) {
  mariadb_server x;
  x.start();
  x.execute("CREATE TABLE t (a INT) ENGINE=InnoDB; INSERT INTO t VALUES (7)");
  BOOST_TEST(x.ask("SELECT a FROM t") == "7");
  x.restart();
  BOOST_TEST(x.ask("SELECT a FROM t") == "7");
}

BOOST_AUTO_TEST_CASE(redis_starts) {
  redis_server x;
  x.start();
  BOOST_TEST(x.command({"INCRBY", "a", "7"}, 9'999) == "7");
  x.restart();
  BOOST_TEST(x.command({"GET", "a"}, 9'999) == "7");
}

} // namespace

} // namespace intd::test
