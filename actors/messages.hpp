// The vocabulary between actors: every atom, every struct that crosses an actor
// boundary, every typed interface, a sentence each. Nothing here has behaviour.
// The order of the type ids is the order on the wire: append only.
#pragma once

#include "engines/error.hpp"
#include "engines/sequence.hpp"

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace intd {

/// The integers that answer one `reserve`: as many as were asked for, in rising
/// order, in one run or more.
struct reserved {
  std::vector<run> runs;

  friend bool operator==(const reserved&, const reserved&) = default;
};

/// One stripe as the router sees it.
struct stripe_status {
  /// The engine's name in the configuration, unique in its node.
  std::string name;
  intd::stripe stripe;
  /// Whether requests are sent to it at present.
  bool healthy = false;
  /// Why it is not healthy; empty otherwise.
  std::string reason;

  friend bool operator==(const stripe_status&, const stripe_status&) = default;
};

/// What the router knows, for /readyz and the log.
struct router_status {
  std::vector<stripe_status> stripes;

  friend bool operator==(const router_status&, const router_status&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stripe& x) {
  return f(caf::meta::type_name("intd::stripe"), x.offset, x.increment);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, run& x) {
  return f(caf::meta::type_name("intd::run"), x.first, x.increment, x.count);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, reserved& x) {
  return f(caf::meta::type_name("intd::reserved"), x.runs);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, stripe_status& x) {
  return f(caf::meta::type_name("intd::stripe_status"), x.name, x.stripe,
           x.healthy, x.reason);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, router_status& x) {
  return f(caf::meta::type_name("intd::router_status"), x.stripes);
}

/// Turns an error of the ground floor into one that actors can send.
[[nodiscard]] caf::error to_caf(const error& x);

/// Turns what an actor answered back into an error of ours: codes of CAF itself
/// become `unavailable`, its timeouts `timeout`.
[[nodiscard]] error from_caf(const caf::error& x);

} // namespace intd

CAF_ERROR_CODE_ENUM(intd::ec, "intd")

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(intd_messages, caf::first_custom_type_id)

  CAF_ADD_ATOM(intd_messages, intd, reserve_atom, "reserve")
  CAF_ADD_ATOM(intd_messages, intd, last_atom, "last")
  CAF_ADD_ATOM(intd_messages, intd, raise_atom, "raise")
  CAF_ADD_ATOM(intd_messages, intd, flush_atom, "flush")
  CAF_ADD_ATOM(intd_messages, intd, drain_atom, "drain")
  CAF_ADD_ATOM(intd_messages, intd, opened_atom, "opened")
  CAF_ADD_ATOM(intd_messages, intd, proven_atom, "proven")
  CAF_ADD_ATOM(intd_messages, intd, up_atom, "up")
  CAF_ADD_ATOM(intd_messages, intd, down_atom, "down")
  CAF_ADD_ATOM(intd_messages, intd, status_atom, "status")
  CAF_ADD_ATOM(intd_messages, intd, sweep_atom, "sweep")
  CAF_ADD_ATOM(intd_messages, intd, restart_atom, "restart")
  CAF_ADD_TYPE_ID(intd_messages, (intd::ec))
  CAF_ADD_TYPE_ID(intd_messages, (intd::stripe))
  CAF_ADD_TYPE_ID(intd_messages, (intd::run))
  CAF_ADD_TYPE_ID(intd_messages, (intd::reserved))
  CAF_ADD_TYPE_ID(intd_messages, (intd::stripe_status))
  CAF_ADD_TYPE_ID(intd_messages, (intd::router_status))
  CAF_ADD_TYPE_ID(intd_messages, (std::vector<intd::run>))
  CAF_ADD_TYPE_ID(intd_messages, (std::vector<intd::stripe_status>))

CAF_END_TYPE_ID_BLOCK(intd_messages)
// clang-format on

namespace intd {

/// Owns one engine: serialises and coalesces what is asked of it.
using engine_actor = caf::typed_actor<
  // Mint `count` (1 or more) integers of a key, on the engine's own stripe.
  caf::replies_to<reserve_atom, std::string, int64_t>::with<reserved>,
  // Tell the last integer of a key, 0 if none was given.
  caf::replies_to<last_atom, std::string>::with<int64_t>,
  // Raise the last integer of a key.
  caf::replies_to<raise_atom, std::string, int64_t>::with<caf::ok_atom>,
  // To itself: send what was gathered to the store as one reservation per key.
  caf::reacts_to<flush_atom>,
  // Answer what waits, close the engine cleanly and end.
  caf::replies_to<drain_atom>::with<caf::ok_atom>>;

/// Keeps one engine actor alive and tells the router how it fares.
using supervisor_actor = caf::typed_actor<
  // From its engine actor: the engine is open.
  caf::reacts_to<opened_atom>,
  // From its engine actor: the first reservation since it opened succeeded.
  caf::reacts_to<proven_atom>,
  // To itself: start the engine actor again.
  caf::reacts_to<restart_atom>,
  // Drain the engine actor, do not restart it, answer once it is closed.
  caf::replies_to<drain_atom>::with<caf::ok_atom>>;

/// Picks the stripe that serves a request, and fails over.
using router_actor = caf::typed_actor<
  // Mint `count` (1 or more) integers of a key, before the router's deadline.
  caf::replies_to<reserve_atom, std::string, int64_t>::with<reserved>,
  // Tell the greatest last integer of a key over all stripes.
  caf::replies_to<last_atom, std::string>::with<int64_t>,
  // Raise the last integer of a key on every stripe.
  caf::replies_to<raise_atom, std::string, int64_t>::with<caf::ok_atom>,
  // An engine is ready to mint: its name, its stripe, its actor.
  caf::reacts_to<up_atom, std::string, stripe, engine_actor>,
  // An engine is gone, and why.
  caf::reacts_to<down_atom, std::string, std::string>,
  // Report every stripe.
  caf::replies_to<status_atom>::with<router_status>,
  // To itself: fail what is past its deadline.
  caf::reacts_to<sweep_atom>>;

/// Speaks one protocol to clients.
using front_end_actor = caf::typed_actor<
  // Stop accepting, answer what waits, close every connection, then answer.
  caf::replies_to<drain_atom>::with<caf::ok_atom>,
  // To itself: ask the router for what this turn of the loop gathered.
  caf::reacts_to<flush_atom>,
  // To itself: close what is past its time.
  caf::reacts_to<sweep_atom>>;

} // namespace intd

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(intd_actors, caf::id_block::intd_messages::end)
  CAF_ADD_TYPE_ID(intd_actors, (intd::engine_actor))
  CAF_ADD_TYPE_ID(intd_actors, (intd::supervisor_actor))
  CAF_ADD_TYPE_ID(intd_actors, (intd::router_actor))
  CAF_ADD_TYPE_ID(intd_actors, (intd::front_end_actor))
CAF_END_TYPE_ID_BLOCK(intd_actors)
// clang-format on

namespace intd {

/// Registers every type above and renders our errors: for the constructor of
/// any `caf::actor_system_config`.
void add_messages(caf::actor_system_config& cfg);

} // namespace intd
