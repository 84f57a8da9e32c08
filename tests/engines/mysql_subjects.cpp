#include "tests/engines/mysql_subjects.hpp"

#include "engines/dsn.hpp"
#include "engines/mysql/mysql.hpp"
#include "engines/registry.hpp"
#include "tests/engines/mysql_tables.hpp"
#include "tests/servers/mariadb.hpp"

#include <string>

namespace intd::test {

namespace fs = std::filesystem;

namespace {

mariadb_server& the_server() {
  static mariadb_server x;
  if (!x.running())
    x.start();
  return x;
}

// The database of a test's directory, made where it is new; a file there tells.
std::string database_of(const fs::path& directory, const char* storage) {
  auto name = directory.filename().string();
  if (fs::create_directory(directory / "database")) {
    the_server().create_database(name);
    if (storage != nullptr)
      for (const std::string key : {"integers", "others", "INTEGERS", "a", "b",
                                    "c", "third", "rare", "once"})
        the_server().execute(original_table(key, storage), name);
    if (storage != nullptr)
      the_server().execute(original_table(std::string(64, 'k'), storage), name);
  }
  return the_server().dsn(name);
}

// The engine makes its tables itself.
result<engine_ptr> own_tables(const fs::path& directory) {
  return make_engine("mysql", database_of(directory, nullptr));
}

result<engine_ptr> aria(const fs::path& directory) {
  return make_engine("mysql", database_of(directory, "Aria"));
}

result<engine_ptr> myisam(const fs::path& directory) {
  return make_engine("mysql", database_of(directory, "MyISAM"));
}

// As on Oracle's server.
result<engine_ptr> by_session(const fs::path& directory) {
  return parse_mysql_dsn(database_of(directory, nullptr))
    .and_then([](const mysql_dsn& at) {
      return open_mysql(at, {}, mysql_dialect::set_session);
    });
}

result<engine_ptr> guarded_own_tables(const fs::path& directory) {
  return guarded(own_tables(directory), directory);
}

result<engine_ptr> guarded_aria(const fs::path& directory) {
  return guarded(aria(directory), directory);
}

result<engine_ptr> guarded_myisam(const fs::path& directory) {
  return guarded(myisam(directory), directory);
}

} // namespace

void add_mysql_subjects(std::vector<subject>& to) {
  to.push_back({"InnoDB mysql", own_tables, true});
  to.push_back({"Aria mysql", aria, true});
  to.push_back({"MyISAM mysql", myisam, true});
  to.push_back({"InnoDB by session mysql", by_session, true});
  to.push_back({"guarded InnoDB mysql", guarded_own_tables, true});
  to.push_back({"guarded Aria mysql", guarded_aria, true});
  to.push_back({"guarded MyISAM mysql", guarded_myisam, true});
}

} // namespace intd::test
