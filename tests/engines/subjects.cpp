#include "tests/engines/subjects.hpp"

#include "engines/guard/guard.hpp"
#include "engines/registry.hpp"
#include "tests/engines/http_subjects.hpp"
#include "tests/engines/mysql_subjects.hpp"
#include "tests/engines/redis_subjects.hpp"
#include "tests/engines/rqlite_subjects.hpp"
#include "tests/support/results.hpp"

#include <utility>

namespace intd::test {

namespace fs = std::filesystem;

namespace {

result<engine_ptr> memory(const fs::path&) {
  return make_engine("memory", "");
}

result<engine_ptr> sqlite(const fs::path& directory) {
  return make_engine("sqlite", (directory / "store" / "integers.db").string());
}

result<engine_ptr> guarded_memory(const fs::path& directory) {
  return guarded(memory(directory), directory);
}

result<engine_ptr> guarded_sqlite(const fs::path& directory) {
  return guarded(sqlite(directory), directory);
}

} // namespace

result<engine_ptr> guarded(result<engine_ptr> store,
                           const fs::path& directory) {
  if (!store)
    return store;
  return state_directory::open(directory / "state", {})
    .and_then([&store](const auto& state) {
      guard_options options;
      options.block = 100;
      return make_guard(std::move(*store), state, std::move(options));
    });
}

const std::vector<subject>& subjects() {
  static const auto all = [] {
    std::vector<subject> x{
      {"memory", memory, false},
      {"sqlite", sqlite, true},
      {"guarded memory", guarded_memory, true},
      {"guarded sqlite", guarded_sqlite, true},
    };
    add_mysql_subjects(x);
    add_redis_subjects(x);
    add_rqlite_subjects(x);
    add_http_subjects(x);
    return x;
  }();
  return all;
}

const subject& subject_named(const std::string& name) {
  for (const auto& x : subjects())
    if (x.name == name)
      return x;
  BOOST_FAIL("no subject " << name);
  return subjects().front();
}

} // namespace intd::test
