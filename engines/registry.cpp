#include "engines/registry.hpp"

#include "engines/dsn.hpp"
#include "engines/memory.hpp"
#include "engines/sqlite.hpp"

namespace intd {

namespace {

result<engine_ptr> from_memory(std::string_view dsn, const store_options&) {
  return parse_memory_dsn(dsn).map(make_memory);
}

result<engine_ptr> from_sqlite(std::string_view dsn, const store_options&) {
  return parse_sqlite_dsn(dsn).and_then(open_sqlite);
}

struct entry {
  std::string_view name;
  result<engine_ptr> (*open)(std::string_view dsn,
                             const store_options& options);
};

// A new store adds its line here.
constexpr entry entries[] = {
  {"memory", from_memory},
  {"sqlite", from_sqlite},
};

} // namespace

result<engine_ptr> make_engine(std::string_view name, std::string_view dsn,
                               const store_options& options) {
  std::string known;
  for (const auto& x : entries) {
    if (x.name == name)
      return x.open(dsn, options);
    known.append(known.empty() ? "" : ", ").append(x.name);
  }
  return fail(ec::unknown_engine,
              "there is no engine " + std::string{name} + "; known are "
                + known);
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
