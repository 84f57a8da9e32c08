#include "tests/engines/rqlite_subjects.hpp"

#include "engines/registry.hpp"
#include "tests/servers/rqlite.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <utility>

namespace intd::test {

namespace fs = std::filesystem;

namespace {

// With a table goes its row of sqlite_sequence.
void drop_tables(rqlite_server& at) {
  const auto names = nlohmann::json::parse(
    at.post("/db/query?level=strong",
            R"(["SELECT name FROM sqlite_master WHERE type='table' AND )"
            R"(name NOT LIKE 'sqlite_%'"])"));
  const auto& found = names.at("results").at(0);
  std::vector<std::string> drops;
  if (found.contains("values"))
    for (const auto& row : found["values"])
      drops.push_back("DROP TABLE \"" + row.at(0).get<std::string>() + '"');
  if (!drops.empty())
    at.execute(drops);
}

rqlite_server& server_of(const fs::path& directory) {
  static std::vector<std::pair<fs::path, std::unique_ptr<rqlite_server>>> all;
  for (auto& [path, server] : all)
    if (path == directory)
      return *server;
  for (auto& [path, server] : all)
    if (!fs::exists(path)) {
      path = directory;
      drop_tables(*server);
      return *server;
    }
  auto& made = all.emplace_back(directory, std::make_unique<rqlite_server>());
  made.second->start();
  return *made.second;
}

result<engine_ptr> rqlite(const fs::path& directory) {
  return make_engine("rqlite", server_of(directory).dsn());
}

result<engine_ptr> guarded_rqlite(const fs::path& directory) {
  return guarded(rqlite(directory), directory);
}

} // namespace

void add_rqlite_subjects(std::vector<subject>& to) {
  to.push_back({"rqlite", rqlite, true});
  to.push_back({"guarded rqlite", guarded_rqlite, true});
}

} // namespace intd::test
