// SummitDB as a test's child (store_server.hpp): one node, or three that form
// a cluster. INTD_SUMMITDB_SERVER names the program, now or when CMake
// configured; without it there is none, and no test of it.
#pragma once

#include "tests/servers/store_cluster.hpp"

namespace intd::test {

struct summitdb_options {
  /// Answers before it has synced, and reads what it has (-low).
  bool low = false;
  /// More flags of summitdb-server.
  std::vector<std::string> flags{};
};

class summitdb_server : public store_server {
public:
  explicit summitdb_server(summitdb_options options = {});

  [[nodiscard]] std::string_view engine() const override {
    return "summitdb";
  }

  /// redis://host:port
  [[nodiscard]] std::string dsn() const override;

  /// Joins the cluster of these where its data directory is empty.
  void join(std::vector<const summitdb_server*> others);

  /// Sends a command on a connection of its own and returns what it answered,
  /// as `redis_server::command` does.
  std::string command(const std::vector<std::string>& words);

  /// Tells whether it believes that it leads. Nothing is thrown.
  [[nodiscard]] bool leads();

  /// May be changed between two runs.
  [[nodiscard]] summitdb_options& options() {
    return options_;
  }

protected:
  [[nodiscard]] test::command command_line() const override;
  [[nodiscard]] bool answers() override;

private:
  summitdb_options options_;
  std::vector<const summitdb_server*> others_;
};

class summitdb_cluster : public store_cluster {
public:
  /// Three nodes.
  explicit summitdb_cluster(const summitdb_options& options = {});

  [[nodiscard]] summitdb_server& summitdb(size_t i) {
    return static_cast<summitdb_server&>(node(i));
  }

protected:
  [[nodiscard]] bool leads(size_t node) override;
  void join(size_t node, const std::vector<size_t>& others) override;
};

} // namespace intd::test
