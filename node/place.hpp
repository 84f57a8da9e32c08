// This node's place in the cluster, taken at the start: what its ledger says it
// owns, and the actors that speak to the other nodes. node.cpp takes it before
// it opens an engine.
#pragma once

#include "actors/cluster/messages.hpp"
#include "actors/cluster/node_address.hpp"
#include "actors/cluster/ownership.hpp"
#include "engines/guard/state_directory.hpp"
#include "node/config.hpp"
#include "node/open_engine.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <string>

namespace intd {

struct place {
  std::shared_ptr<ownership> owned;
  dialer_actor dialer;
  cluster_actor cluster;
};

/// Reads the ledger, which is from a backup where `restored` says so, and
/// starts the cluster actor. Fails with `corrupt`, or with `wrong_owner` where
/// the configuration contradicts the ledger.
[[nodiscard]] result<place>
take_place(caf::actor_system& system, const node_config& config,
           const std::shared_ptr<state_directory>& state, bool restored,
           router_actor router);

/// Completes what the configuration says of an engine by what the node owns.
/// Fails as `ownership::permit` does.
[[nodiscard]] result<engine_settings> settings_within(const ownership& owned,
                                                      engine_settings x);

/// Tells where peers find a node whose actor port is at `listen`.
[[nodiscard]] std::string reachable(const actor_section& x,
                                    node_address listen);

} // namespace intd
