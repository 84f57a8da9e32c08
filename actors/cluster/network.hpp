// CAF's network layer as all who speak to nodes load it: nodes among each other
// and the programs that mint from them. What travels there is in messages.hpp.
#pragma once

#include "actors/cluster/messages.hpp"

#include <caf/actor_system_config.hpp>

#include <chrono>

namespace intd {

/// How often each side of a connection is heard of, and after which silence it
/// is closed. Both sides need the same: where only one sends heartbeats, the
/// other one is cut off while it has nothing to say.
inline constexpr std::chrono::milliseconds heartbeat_interval{500};
inline constexpr std::chrono::milliseconds connection_timeout{2'000};

/// Makes a system load CAF's network layer with heartbeats, so that a peer that
/// is frozen or cut off is noticed within `connection_timeout`. Without them
/// CAF waits for ever.
void load_network(caf::actor_system_config& cfg);

} // namespace intd
