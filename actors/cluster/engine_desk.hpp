// Where peers mint on one engine of this node: passes their requests on to the
// engine actor. It is what a peer could kill; the cluster actor makes another.
#pragma once

#include "actors/messages.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace intd {

/// Stands before `engine` until that ends.
engine_actor::behavior_type engine_desk(engine_actor::pointer self,
                                        const engine_actor& engine);

} // namespace intd
