#include "node/paths.hpp"

#include "engines/dsn.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

using namespace intd;
using namespace intd::test;

namespace {

// Puts the environment back at its end.
class variable {
public:
  variable(const char* name, const char* value) : name_(name) {
    if (const auto* old = std::getenv(name))
      old_ = old;
    set(value);
  }

  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

  ~variable() {
    set(old_ ? old_->c_str() : nullptr);
  }

private:
  void set(const char* value) {
    if (value == nullptr)
      ::unsetenv(name_);
    else
      ::setenv(name_, value, 1);
  }

  const char* name_;
  std::optional<std::string> old_;
};

} // namespace

BOOST_AUTO_TEST_CASE(state_goes_where_xdg_says) {
  variable home{"HOME", "/home/me"};
  variable xdg{"XDG_STATE_HOME", "/var/mine"};
  BOOST_TEST(must(default_state_dir()) == "/var/mine/intd");
}

BOOST_AUTO_TEST_CASE(state_goes_below_home_otherwise) {
  variable home{"HOME", "/home/me"};
  for (const char* no_use : {static_cast<const char*>(nullptr), "", "mine"}) {
    variable xdg{"XDG_STATE_HOME", no_use};
    BOOST_TEST(must(default_state_dir()) == "/home/me/.local/state/intd");
  }
}

BOOST_AUTO_TEST_CASE(without_a_home_there_is_an_error) {
  variable home{"HOME", nullptr};
  variable xdg{"XDG_STATE_HOME", nullptr};
  auto found = default_state_dir();
  BOOST_TEST((code_of(found) == ec::unavailable));
  BOOST_TEST(says(found, "give -state-dir"));
}

BOOST_AUTO_TEST_CASE(the_database_is_in_the_state_directory) {
  BOOST_TEST(default_dsn("sqlite", "/var/x") == "sqlite:///var/x/integers.db");
  BOOST_TEST(default_dsn("memory", "/var/x") == "");
}

BOOST_AUTO_TEST_CASE(stores_are_looked_for_on_their_own_ports) {
  BOOST_TEST(must(parse_redis_dsn(default_dsn("redis", "/x"))).at.port == 6379);
  BOOST_TEST(must(parse_rqlite_dsn(default_dsn("rqlite", "/x"))).at(0).port
             == 4001);
  BOOST_TEST(must(parse_summitdb_dsn(default_dsn("summitdb", "/x"))).at(0).port
             == 7481);
  // A database has a name that only its user knows.
  BOOST_TEST(default_dsn("mysql", "/x") == "");
}

BOOST_AUTO_TEST_CASE(any_path_survives_being_a_dsn) {
  for (const auto* path :
       {"/var/x", "/a b/c", "/50%/x", "/a%20b", "/what?/#1", "/\xc3\xa4"})
    BOOST_TEST(must(parse_sqlite_dsn(default_dsn("sqlite", path)))
               == std::filesystem::path{path} / "integers.db");
  BOOST_TEST(must(parse_sqlite_dsn(default_dsn("sqlite", "some/where")))
             == std::filesystem::absolute("some/where/integers.db"));
}
