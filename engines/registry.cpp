#include "engines/registry.hpp"

#include "engines/dsn.hpp"
#include "engines/http/http.hpp"
#include "engines/memory.hpp"
#include "engines/mysql/mysql.hpp"
#include "engines/resp/redis.hpp"
#include "engines/resp/summitdb.hpp"
#include "engines/rqlite/rqlite.hpp"
#include "engines/sqlite/sqlite.hpp"

#include <utility>

namespace intd {

namespace {

// What is read from a data source name is of no interest here.
template <auto Parse>
result<void> check_by(std::string_view dsn) {
  auto parsed = Parse(dsn);
  return parsed ? result<void>{} : tl::unexpected{std::move(parsed.error())};
}

template <auto Parse, auto Open>
result<engine_ptr> open_by(std::string_view dsn, const store_options& options) {
  return Parse(dsn).and_then([&options](const auto& at) {
    return Open(at, options);
  });
}

result<engine_ptr> from_memory(std::string_view dsn, const store_options&) {
  return parse_memory_dsn(dsn).map(make_memory);
}

result<engine_ptr> from_sqlite(std::string_view dsn, const store_options&) {
  return parse_sqlite_dsn(dsn).and_then(open_sqlite);
}

result<engine_ptr> open_mysql_by_version(const mysql_dsn& at,
                                         const store_options& options) {
  return open_mysql(at, options);
}

struct entry {
  std::string_view name;
  result<void> (*check)(std::string_view dsn);
  result<engine_ptr> (*open)(std::string_view dsn, const store_options&);
};

template <auto Parse, auto Open>
constexpr entry server(std::string_view name) {
  return {name, check_by<Parse>, open_by<Parse, Open>};
}

// A new store adds its line here.
constexpr entry entries[] = {
  {"memory", check_by<parse_memory_dsn>, from_memory},
  {"sqlite", check_by<parse_sqlite_dsn>, from_sqlite},
  server<parse_mysql_dsn, open_mysql_by_version>("mysql"),
  server<parse_redis_dsn, open_redis>("redis"),
  server<parse_rqlite_dsn, open_rqlite>("rqlite"),
  server<parse_summitdb_dsn, open_summitdb>("summitdb"),
  server<parse_http_dsn, open_http>("http"),
};

result<const entry*> find(std::string_view name) {
  std::string known;
  for (const auto& x : entries) {
    if (x.name == name)
      return &x;
    known.append(known.empty() ? "" : ", ").append(x.name);
  }
  return fail(ec::unknown_engine,
              "there is no engine " + std::string{name} + "; known are "
                + known);
}

} // namespace

result<engine_ptr> make_engine(std::string_view name, std::string_view dsn,
                               const store_options& options) {
  return find(name).and_then([dsn, &options](const entry* x) {
    return x->open(dsn, options);
  });
}

result<void> check_dsn(std::string_view name, std::string_view dsn) {
  return find(name).and_then([dsn](const entry* x) {
    return x->check(dsn);
  });
}

const std::vector<std::string_view>& engine_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const auto& x : entries)
      all.push_back(x.name);
    return all;
  }();
  return names;
}

} // namespace intd
