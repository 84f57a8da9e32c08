// Redis as a test's child (store_server.hpp). Each desk of a test can have a
// database of its own: there are 10,000. It can be another's replica, and be
// promoted, as in a failover.
#pragma once

#include "tests/servers/store_server.hpp"

namespace intd::test {

/// What it writes to its disk, and when.
enum class redis_persistence {
  none,
  /// A snapshot at a clean stop and by SAVE.
  rdb,
  /// The append-only file, synced about once a second.
  aof_everysec,
  /// The append-only file, synced before the answer.
  aof_always,
};

struct redis_options {
  redis_persistence persistence = redis_persistence::aof_always;
  /// In redis.conf's spelling, e.g. "4mb"; nothing: no limit.
  std::string maxmemory{};
  std::string maxmemory_policy = "noeviction";
  /// Nothing: none is asked for.
  std::string password{};
  /// More flags of redis-server.
  std::vector<std::string> flags{};
};

class redis_server : public store_server {
public:
  static constexpr int databases = 10'000;

  explicit redis_server(redis_options options = {});

  [[nodiscard]] std::string_view engine() const override {
    return "redis";
  }

  [[nodiscard]] std::string dsn() const override {
    return dsn(0);
  }

  /// redis://[:password@]host:port/database
  [[nodiscard]] std::string dsn(int database) const;

  /// Sends a command on a connection of its own. Returns what it answered as
  /// text: an array's elements one a line, nothing for nil. Throws with the
  /// text of an error that it answers.
  std::string command(const std::vector<std::string>& words, int database = 0);

  /// Follows `other` from now on, and waits until it has its data. A restart
  /// forgets that.
  void replica_of(const redis_server& other);

  /// Ends following: it takes writes.
  void promote();

  /// The snapshot, where one was written.
  [[nodiscard]] std::filesystem::path rdb_file() const {
    return data() / "dump.rdb";
  }

  /// The directory of the append-only file's parts.
  [[nodiscard]] std::filesystem::path aof_directory() const {
    return data() / "appendonlydir";
  }

  /// May be changed between two runs.
  [[nodiscard]] redis_options& options() {
    return options_;
  }

protected:
  [[nodiscard]] test::command command_line() const override;
  [[nodiscard]] bool answers() override;

private:
  redis_options options_;
};

} // namespace intd::test
