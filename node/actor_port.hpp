// The port where CAF programs and other nodes come in, if the configuration
// names one. The node opens it last of its front ends and drains it with them;
// what is published there, and kept published, are the desk and its keeper.
//
// Whoever reaches the port is trusted: CAF lets a peer end published actors,
// and its parser is not hardened. It is for loopback and private networks.
#pragma once

#include "actors/cluster/messages.hpp"
#include "actors/cluster/node_address.hpp"
#include "engines/error.hpp"
#include "node/config.hpp"

#include <caf/actor_system.hpp>

#include <string>

namespace intd {

class actor_port {
public:
  /// Publishes a desk where `config` says so, in a system that has loaded the
  /// network (`load_network`). `cluster` may be null. Fails with `unavailable`
  /// where the address cannot be listened on.
  [[nodiscard]] static result<actor_port> open(caf::actor_system& system,
                                               const node_config& config,
                                               router_actor router,
                                               cluster_actor cluster);

  /// Where it is, for the log: "actor://127.0.0.1:8082".
  [[nodiscard]] std::string url() const {
    return "actor://" + to_string(where_);
  }

  [[nodiscard]] const node_address& where() const {
    return where_;
  }

  /// Closes the port once it is drained.
  [[nodiscard]] const desk_keeper_actor& keeper() const {
    return keeper_;
  }

private:
  actor_port(desk_keeper_actor keeper, node_address where);

  desk_keeper_actor keeper_;
  node_address where_;
};

} // namespace intd
