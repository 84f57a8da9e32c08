#include "tests/servers/summitdb.hpp"

#include "tests/servers/redis_client.hpp"

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace intd::test {

namespace {

constexpr size_t cluster_size = 3;

std::string program() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* named = std::getenv("INTD_SUMMITDB_SERVER");
  if (named != nullptr && *named != '\0')
    return named;
#ifdef INTD_SUMMITDB_SERVER
  return INTD_SUMMITDB_SERVER;
#else
  throw std::runtime_error("INTD_SUMMITDB_SERVER names no program");
#endif
}

std::vector<std::unique_ptr<store_server>>
make_nodes(const summitdb_options& options) {
  std::vector<std::unique_ptr<store_server>> out;
  while (out.size() < cluster_size)
    out.push_back(std::make_unique<summitdb_server>(options));
  return out;
}

} // namespace

summitdb_server::summitdb_server(summitdb_options options)
  : options_{std::move(options)} {
  // nop
}

std::string summitdb_server::dsn() const {
  return "redis://127.0.0.1:" + std::to_string(port());
}

void summitdb_server::join(std::vector<const summitdb_server*> others) {
  others_ = std::move(others);
}

std::string summitdb_server::command(const std::vector<std::string>& words) {
  return ask_redis(port(), {words});
}

bool summitdb_server::leads() {
  try {
    return command({"RAFTSTATE"}) == "Leader";
  } catch (const std::runtime_error&) {
    return false;
  }
}

test::command summitdb_server::command_line() const {
  test::command out;
  auto& all = out.arguments;
  all = {program(), "-h",           "127.0.0.1", "-p", std::to_string(port()),
         "-dir",    data().string()};
  if (options_.low)
    all.emplace_back("-low");
  if (!others_.empty())
    all.insert(
      all.end(),
      {"-join", "127.0.0.1:" + std::to_string(others_.front()->port())});
  all.insert(all.end(), options_.flags.begin(), options_.flags.end());
  return out;
}

// A node without a leader answers nothing of use.
bool summitdb_server::answers() {
  try {
    return !command({"RAFTLEADER"}).empty();
  } catch (const std::runtime_error&) {
    return false;
  }
}

summitdb_cluster::summitdb_cluster(const summitdb_options& options)
  : store_cluster{make_nodes(options)} {
  // nop
}

bool summitdb_cluster::leads(size_t node) {
  return summitdb(node).leads();
}

void summitdb_cluster::join(size_t node, const std::vector<size_t>& others) {
  std::vector<const summitdb_server*> servers;
  for (auto i : others)
    servers.push_back(&summitdb(i));
  summitdb(node).join(std::move(servers));
}

} // namespace intd::test
