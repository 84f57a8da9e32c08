// The actor protocol for `intd-client`: a CAF program of one actor, which
// asks a node's desk over the network.
#pragma once

#include "cli/client.hpp"

#include <memory>
#include <string>

namespace intd {

/// Speaks to the actor port of a node, for integers of `key`.
[[nodiscard]] std::unique_ptr<integer_client>
make_actor_client(server_address where, std::string key);

} // namespace intd
