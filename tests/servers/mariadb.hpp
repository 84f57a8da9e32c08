// MariaDB as a test's child (store_server.hpp). The tables of its own are made
// once a machine and copied, as that takes longer than a start. A server has
// the database `intd` and the user `intd`, who may do everything.
#pragma once

#include "tests/servers/store_server.hpp"

namespace intd::test {

struct mariadb_options {
  /// More flags of mariadbd, e.g. "--innodb-flush-log-at-trx-commit=2".
  std::vector<std::string> flags{};
};

class mariadb_server : public store_server {
public:
  explicit mariadb_server(mariadb_options options = {});

  [[nodiscard]] std::string_view engine() const override {
    return "mysql";
  }

  [[nodiscard]] std::string dsn() const override {
    return dsn("intd");
  }

  /// user:password@tcp(host:port)/database
  [[nodiscard]] std::string dsn(std::string_view database) const;

  /// Its Unix domain socket.
  [[nodiscard]] std::filesystem::path socket() const {
    return home() / "socket";
  }

  /// Makes an empty database, in place of one of the same name.
  void create_database(const std::string& name);

  /// Runs statements, with semicolons between, on a connection of their own.
  void execute(const std::string& statements,
               const std::string& database = "intd");

  /// Runs one statement and returns the first column of its first row; nothing
  /// where that is NULL. Throws where there is no row.
  std::string ask(const std::string& statement,
                  const std::string& database = "intd");

  /// May be changed between two runs.
  [[nodiscard]] mariadb_options& options() {
    return options_;
  }

protected:
  void make_data() override;
  [[nodiscard]] command command_line() const override;
  [[nodiscard]] bool answers() override;

private:
  mariadb_options options_;
};

} // namespace intd::test
