#include "tests/servers/redis.hpp"

#include "tests/servers/redis_client.hpp"

#include <stdexcept>
#include <utility>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds replica_bound{30'000};
constexpr milliseconds look_again{10};

std::vector<std::string> flags_of(redis_persistence x) {
  switch (x) {
    case redis_persistence::rdb:
      return {"--save", "3600 1", "--appendonly", "no"};
    case redis_persistence::aof_everysec:
      return {"--save", "", "--appendonly", "yes", "--appendfsync", "everysec"};
    case redis_persistence::aof_always:
      return {"--save", "", "--appendonly", "yes", "--appendfsync", "always"};
    case redis_persistence::none:
      break;
  }
  return {"--save", "", "--appendonly", "no"};
}

} // namespace

redis_server::redis_server(redis_options options)
  : options_{std::move(options)} {
  // nop
}

std::string redis_server::dsn(int database) const {
  auto user = options_.password.empty() ? "" : ":" + options_.password + "@";
  return "redis://" + user + "127.0.0.1:" + std::to_string(port()) + "/"
    + std::to_string(database);
}

std::string redis_server::command(const std::vector<std::string>& words,
                                  int database) {
  std::vector<redis_words> all;
  if (!options_.password.empty())
    all.push_back({"AUTH", options_.password});
  if (database != 0)
    all.push_back({"SELECT", std::to_string(database)});
  all.push_back(words);
  return ask_redis(port(), all);
}

void redis_server::replica_of(const redis_server& other) {
  if (!other.options_.password.empty())
    command({"CONFIG", "SET", "masterauth", other.options_.password});
  command({"REPLICAOF", "127.0.0.1", std::to_string(other.port())});
  auto deadline = steady_clock::now() + replica_bound;
  while (command({"INFO", "replication"}).find("master_link_status:up")
         == std::string::npos)
    if (child().wait(look_again) || steady_clock::now() > deadline)
      throw std::runtime_error(dsn() + " does not follow: " + log());
}

void redis_server::promote() {
  command({"REPLICAOF", "NO", "ONE"});
}

test::command redis_server::command_line() const {
  test::command out;
  auto& all = out.arguments;
  all = {"redis-server",
         "--bind",
         "127.0.0.1",
         "--port",
         std::to_string(port()),
         "--dir",
         data().string(),
         "--databases",
         std::to_string(databases),
         "--enable-debug-command",
         "local",
         "--repl-diskless-sync-delay",
         "0",
         "--maxmemory-policy",
         options_.maxmemory_policy};
  auto persistence = flags_of(options_.persistence);
  all.insert(all.end(), persistence.begin(), persistence.end());
  if (!options_.maxmemory.empty())
    all.insert(all.end(), {"--maxmemory", options_.maxmemory});
  if (!options_.password.empty())
    all.insert(all.end(), {"--requirepass", options_.password});
  all.insert(all.end(), options_.flags.begin(), options_.flags.end());
  return out;
}

bool redis_server::answers() {
  try {
    return command({"PING"}) == "PONG";
  } catch (const std::runtime_error&) {
    return false;
  }
}

} // namespace intd::test
