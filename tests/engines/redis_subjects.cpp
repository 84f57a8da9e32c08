#include "tests/engines/redis_subjects.hpp"

#include "engines/registry.hpp"
#include "tests/servers/redis.hpp"
#ifdef INTD_TEST_SUMMITDB
#include "tests/servers/summitdb.hpp"
#endif

#include <map>
#include <memory>
#include <utility>

namespace intd::test {

namespace fs = std::filesystem;

namespace {

redis_server& shared_redis() {
  static const auto server = [] {
    auto made = std::make_unique<redis_server>();
    made->start();
    return made;
  }();
  return *server;
}

// Each directory has a database of its own.
result<engine_ptr> redis(const fs::path& directory) {
  static std::map<fs::path, int> databases;
  const auto next = static_cast<int>(databases.size());
  const auto mine = databases.try_emplace(directory, next).first->second;
  return make_engine("redis", shared_redis().dsn(mine));
}

result<engine_ptr> guarded_redis(const fs::path& directory) {
  return guarded(redis(directory), directory);
}

/// Servers that have one database each: one a directory, emptied and used
/// again once the directory is gone.
template <class Server>
class desks {
public:
  Server& of(const fs::path& directory) {
    for (auto& [path, server] : all_)
      if (path == directory)
        return *server;
    for (auto& [path, server] : all_)
      if (!fs::exists(path)) {
        path = directory;
        server->command({"FLUSHALL"});
        return *server;
      }
    auto made = std::make_unique<Server>();
    made->start();
    return *all_.emplace_back(directory, std::move(made)).second;
  }

private:
  std::vector<std::pair<fs::path, std::unique_ptr<Server>>> all_;
};

result<engine_ptr> redis_as_summitdb(const fs::path& directory) {
  static desks<redis_server> servers;
  const auto port = servers.of(directory).port();
  return make_engine("summitdb", "redis://127.0.0.1:" + std::to_string(port));
}

result<engine_ptr> guarded_redis_as_summitdb(const fs::path& directory) {
  return guarded(redis_as_summitdb(directory), directory);
}

#ifdef INTD_TEST_SUMMITDB

result<engine_ptr> summitdb(const fs::path& directory) {
  static desks<summitdb_server> servers;
  return make_engine("summitdb", servers.of(directory).dsn());
}

result<engine_ptr> guarded_summitdb(const fs::path& directory) {
  return guarded(summitdb(directory), directory);
}

#endif

} // namespace

void add_redis_subjects(std::vector<subject>& to) {
  to.push_back({"redis", redis, true});
  to.push_back({"guarded redis", guarded_redis, true});
  to.push_back({"Redis taken for summitdb", redis_as_summitdb, true});
  to.push_back(
    {"guarded Redis taken for summitdb", guarded_redis_as_summitdb, true});
#ifdef INTD_TEST_SUMMITDB
  to.push_back({"summitdb", summitdb, true});
  to.push_back({"guarded summitdb", guarded_summitdb, true});
#endif
}

} // namespace intd::test
