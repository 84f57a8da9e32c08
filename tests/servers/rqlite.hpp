// rqlite as a test's child (store_server.hpp): one node, or three that form a
// cluster. The program is the one that scripts/install-servers built, or
// another (up to version 8) that INTD_RQLITED names; its version decides how
// nodes are joined.
#pragma once

#include "tests/servers/store_cluster.hpp"

namespace intd::test {

struct rqlite_options {
  /// Nothing: everybody may do everything.
  std::string user{};
  std::string password{};
  /// More flags of rqlited; a later one wins over what is given here.
  std::vector<std::string> flags{};
};

class rqlite_server : public store_server {
public:
  explicit rqlite_server(rqlite_options options = {});

  [[nodiscard]] std::string_view engine() const override {
    return "rqlite";
  }

  /// http://[user:password@]host:port
  [[nodiscard]] std::string dsn() const override;

  /// Joins the cluster of these where its data directory is empty.
  void join(std::vector<const rqlite_server*> others);

  /// Sends a request and returns the body that is answered; a redirection is
  /// followed. Throws where the status is not 200.
  std::string get(const std::string& path);
  std::string post(const std::string& path, const std::string& body);

  /// Runs statements in turn. Throws with the text of an error of any.
  void execute(const std::vector<std::string>& statements);

  /// Runs a query (as level=strong) and returns the first column of its first
  /// row as text; nothing where that is NULL. Throws where there is no row.
  std::string ask(const std::string& query);

  /// Tells whether it believes that it leads. Nothing is thrown.
  [[nodiscard]] bool leads();

  /// May be changed between two runs.
  [[nodiscard]] rqlite_options& options() {
    return options_;
  }

protected:
  [[nodiscard]] command command_line() const override;
  [[nodiscard]] bool answers() override;

private:
  void add_user(std::vector<std::string>& arguments) const;
  void add_join(std::vector<std::string>& arguments) const;

  rqlite_options options_;
  own_port raft_port_;
  std::vector<const rqlite_server*> others_;
};

class rqlite_cluster : public store_cluster {
public:
  /// Three nodes.
  explicit rqlite_cluster(const rqlite_options& options = {});

  [[nodiscard]] rqlite_server& rqlite(size_t i) {
    return static_cast<rqlite_server&>(node(i));
  }

protected:
  [[nodiscard]] bool leads(size_t node) override;
  void join(size_t node, const std::vector<size_t>& others) override;
};

} // namespace intd::test
