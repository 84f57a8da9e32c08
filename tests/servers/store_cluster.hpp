// Several nodes of one store that agree by Raft, all children of a test:
// rqlite_cluster and summitdb_cluster. Single nodes are killed, frozen and
// started again through `node` (store_server.hpp).
#pragma once

#include "tests/servers/store_server.hpp"

#include <functional>

namespace intd::test {

class store_cluster {
public:
  virtual ~store_cluster() = default;

  [[nodiscard]] std::string_view engine() const {
    return nodes_.front()->engine();
  }

  /// Every node's address, with commas between.
  [[nodiscard]] std::string dsn() const;

  [[nodiscard]] size_t size() const {
    return nodes_.size();
  }

  [[nodiscard]] store_server& node(size_t i) {
    return *nodes_.at(i);
  }

  /// Starts the nodes that do not run, and waits until each of them knows a
  /// leader.
  void start();

  /// Stops them all with SIGTERM, or kills them all.
  void stop();
  void kill();

  /// Forgets everything they know and starts anew.
  void empty();

  /// Waits until a node leads and returns which. Throws `std::runtime_error`
  /// where none does within a minute.
  [[nodiscard]] size_t leader();

  /// Waits until a node other than `old` leads, which no majority follows any
  /// more, and returns which.
  [[nodiscard]] size_t leader_other_than(size_t old);

protected:
  explicit store_cluster(std::vector<std::unique_ptr<store_server>> nodes)
    : nodes_{std::move(nodes)} {
    // nop
  }

  /// Tells whether a node believes that it leads. Nothing is thrown.
  [[nodiscard]] virtual bool leads(size_t node) = 0;

  /// Names the nodes of the cluster that a node is to join where its data
  /// directory is empty; nothing where it is to found one.
  virtual void join(size_t node, const std::vector<size_t>& others) = 0;

private:
  size_t wait_for_leader(const std::function<bool(size_t)>& counts);

  std::vector<std::unique_ptr<store_server>> nodes_;
};

} // namespace intd::test
