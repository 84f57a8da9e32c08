// A cluster of real nodes, each in its own network namespace: the first one
// begins it, the others join by its stripe's halves. Tests break the network
// between them, and ask as clients of one node or of all.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/faults/cluster.hpp"
#include "tests/netns/network.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace intd::test {

class cluster_network {
public:
  /// Whether the first node knows that there are others, and asks them all
  /// before it begins; or begins alone.
  enum class start { together, alone };

  /// Prepares `count` nodes; none is started.
  explicit cluster_network(size_t count, start how = start::together);

  [[nodiscard]] network& net() {
    return net_;
  }

  [[nodiscard]] server& node(size_t i) {
    return nodes_.node(i);
  }

  [[nodiscard]] size_t count() const {
    return net_.nodes();
  }

  /// Starts all of them, and waits until each has a stripe.
  void form();

  /// The stripe that a node mints from itself; nothing while it has none.
  [[nodiscard]] std::optional<checker::progression> stripe_of(size_t i);

  /// What a node answers to /readyz; empty where it does not.
  [[nodiscard]] std::string readyz(size_t i);

  /// Waits until a node has a stripe of its own; false where it gets none.
  [[nodiscard]] bool gets_stripe(size_t i, std::chrono::milliseconds bound);

  /// Starts clients of one node.
  [[nodiscard]] std::unique_ptr<load> clients_of(size_t i);

  /// Starts clients of all nodes.
  [[nodiscard]] std::unique_ptr<load> clients(const std::string& name = "c");

  /// Whether a client of this node gets an integer within a second.
  [[nodiscard]] bool mints(size_t i);

  /// Records a fault of the network between `begin` and now, at one node.
  /// `blocks`: clients do not reach it.
  void record(const std::string& kind, size_t i, int64_t begin, bool blocks,
              const std::string& evidence);

  /// Runs `intctl` against a node; its output, both streams.
  std::string intctl(size_t i, const std::vector<std::string>& words);

  /// Requires what every history of a cluster must be, and disjoint stripes of
  /// all nodes but those that are `out`.
  void judge(std::vector<checker::call> calls,
             const std::vector<std::string>& faults,
             const std::set<size_t>& out = {});

private:
  network net_;
  cluster nodes_;
};

} // namespace intd::test
