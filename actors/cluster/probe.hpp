// Finds out whether somebody answers at an address, before CAF is asked to
// connect: its connect blocks all of its network for two minutes where packets
// are lost. The dialer spawns one per dial, on a thread of its own, for names
// are looked up and connects are waited for here. It answers once, and ends.
#pragma once

#include "actors/cluster/messages.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>

namespace intd {

/// Tries all addresses of a host at once for at most `timeout`.
probe_actor::behavior_type probe(probe_actor::pointer self,
                                 std::chrono::milliseconds timeout);

} // namespace intd
