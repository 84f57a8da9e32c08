// A cluster in one process: whole nodes but for sockets and disks, on the
// simulated scheduler. The network is what the test says: links that are cut
// lose every message, addresses that are down cannot be dialed.
#pragma once

#include "actors/cluster/cluster.hpp"
#include "actors/router.hpp"
#include "actors/supervisor.hpp"
#include "tests/actors/scripted_engine.hpp"
#include "tests/support/simulated_system.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace intd::test {

/// What of a node outlives its processes.
struct simulated_disk {
  scripted_store_ptr store = std::make_shared<scripted_store>();
  ledger written;
  size_t writes = 0;
};

struct simulated_node {
  std::string name;
  std::string address;
  std::optional<stripe> fixed;
  bool first = false;
  std::vector<std::string> peers;
  /// What is set besides, by the operator of this node.
  cluster_options settings;
  std::shared_ptr<simulated_disk> disk = std::make_shared<simulated_disk>();
  /// The ledger's write after so many fails, and the process dies with it:
  /// before the bytes are on the disk, or after.
  std::optional<size_t> dies_at_write;
  bool dies_after_it = false;
  bool dying = false;

  // While it runs.
  std::shared_ptr<ownership> owned;
  router_actor router;
  cluster_actor cluster;
  supervisor_actor supervisor;
  dialer_actor dialer;
  /// What it dialed: to whom, and the wire.
  std::vector<std::pair<std::string, node_actor>> links;
  /// Nobody can dial it.
  bool closed = false;

  [[nodiscard]] bool runs() const {
    return owned != nullptr;
  }

  /// The node whose disk was copied.
  std::string twin_of;

  [[nodiscard]] std::string id() const {
    return "id-of-" + (twin_of.empty() ? name : twin_of);
  }
};

class simulated_cluster : public simulated_system {
public:
  simulated_cluster() = default;
  ~simulated_cluster();

  /// Adds a node that is not started yet. One without peers is the first.
  simulated_node& add(const std::string& name,
                      const std::vector<std::string>& peers,
                      std::optional<stripe> fixed = std::nullopt);

  /// Starts a process on the node's disk. Fails as its ownership does.
  result<void> start(const std::string& name);

  /// Ends the process, whatever it is doing.
  void crash(const std::string& name);

  /// Ends what others dialed, as the actor port of a node does that stops.
  void close_port(const std::string& name);

  /// Cuts a link, or mends it: messages from one to the other are lost.
  void cut(const std::string& from, const std::string& to, bool off = true);

  simulated_node& at(const std::string& name) {
    return *nodes_.at(name);
  }

  /// Asks a node for integers and keeps what it answers: a duplicate fails the
  /// test. Returns how many came, 0 where none did.
  size_t mint(const std::string& name, int64_t count = 1,
              const std::string& key = "integers");

  /// Lets time pass, ending processes that are to die on the way.
  void pass(std::chrono::milliseconds x);

  /// Lets time pass until a condition holds, at most `max`.
  [[nodiscard]] bool pass_until(const std::function<bool()>& condition,
                                std::chrono::milliseconds max
                                = std::chrono::seconds{30});

  [[nodiscard]] bool mints_itself(const std::string& name);
  [[nodiscard]] held_stripe held_by(const std::string& name);
  [[nodiscard]] cluster_status status_of(const std::string& name);

  [[nodiscard]] const std::set<std::pair<std::string, int64_t>>& given() const {
    return given_;
  }

  std::map<std::string, std::unique_ptr<simulated_node>>& nodes() {
    return nodes_;
  }

private:
  friend dialer_actor::behavior_type dial_simulated(dialer_actor::pointer self,
                                                    simulated_cluster* world,
                                                    std::string from);

  [[nodiscard]] bool is_cut(const std::string& from,
                            const std::string& to) const {
    return cut_.count({from, to}) > 0;
  }

  ownership_options ownership_of(simulated_node& x);
  supervisor_options supervisor_of(simulated_node& x);

  std::map<std::string, std::unique_ptr<simulated_node>> nodes_;
  std::set<std::pair<std::string, std::string>> cut_;
  std::set<std::pair<std::string, int64_t>> given_;
  uint64_t boots_ = 0;
};

} // namespace intd::test
