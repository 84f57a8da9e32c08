// What the actors of an application say to its mint client. None of it crosses
// the network; what the client says to nodes is in ../cluster/messages.hpp.
#pragma once

#include "actors/cluster/messages.hpp"

#include <cstdint>
#include <string>

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(intd_client, caf::id_block::intd_cluster_actors::end)
  CAF_ADD_ATOM(intd_client, intd, next_atom, "next")
CAF_END_TYPE_ID_BLOCK(intd_client)
// clang-format on

namespace intd {

/// Mints for the actors of an application, from whichever node is there.
using mint_client_actor = caf::typed_actor<
  // Mint the next integer of a key.
  caf::replies_to<next_atom, std::string>::with<int64_t>,
  // Mint `count` (1 or more) integers of a key.
  caf::replies_to<reserve_atom, std::string, int64_t>::with<reserved>,
  // To itself: ask for what was gathered.
  caf::reacts_to<flush_atom>,
  // To itself: ask for a key again that no node minted just now.
  caf::reacts_to<restart_atom, std::string>,
  // To itself: dial a node again, by its place in the list.
  caf::reacts_to<dial_atom, uint64_t>,
  // To itself: tell whoever is past the deadline.
  caf::reacts_to<sweep_atom>>;

} // namespace intd

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(intd_client_actors, caf::id_block::intd_client::end)
  CAF_ADD_TYPE_ID(intd_client_actors, (intd::mint_client_actor))
CAF_END_TYPE_ID_BLOCK(intd_client_actors)
// clang-format on
