// What nodes tell each other, and what operators and CAF programs ask of a
// node: continues actors/messages.hpp, under the same rules. These structs
// cross the network between nodes of different versions: append only.
#pragma once

#include "actors/messages.hpp"
#include "engines/ledger.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace intd {

/// One stripe that a node holds, as it reports it itself.
struct held_stripe {
  /// The engine's name in its node; empty for a spare, which nobody mints.
  std::string engine;
  /// Offset and increment 0 while the engine has none yet.
  intd::stripe stripe;
  /// Rises whenever the stripe changes hands or is split.
  uint64_t epoch = 0;
  /// The identity of its store; empty while that is not known.
  std::string store;
  /// Other nodes mint from the store too.
  bool shared = false;
  /// Half of it may be given away.
  bool splits = false;
  bool healthy = false;
  /// Why it is not healthy; empty otherwise.
  std::string reason;
  /// When it was claimed, in seconds since 1970.
  int64_t claimed_s = 0;
  /// Integers given since the node started.
  uint64_t given = 0;
  /// Of each key that changed since the last report that was heard.
  std::vector<key_mark> marks;
  /// Mints on it; none while it is not healthy.
  engine_actor desk;
  /// As in `holding`.
  int64_t above = 0;
};

/// What a node says of itself with each ping.
struct node_report {
  /// The random id in its state directory, and its name.
  std::string id;
  std::string name;
  std::string cluster;
  /// Drawn at each start of the process: tells twins apart.
  std::string boot;
  std::string version;
  /// Where its peers reach it, "host:port".
  std::string address;
  /// It is told to stop, or to be left alone by clients.
  bool draining = false;
  std::vector<held_stripe> stripes;
  std::vector<gift> gifts;
  /// Kept for the next that joins.
  std::vector<gift> spares;
  /// What it remembers of the stripes of the node that it speaks to.
  std::vector<testimony> remembered;
  /// Addresses of the nodes that it knows.
  std::vector<std::string> peers;
  /// The number of the last mark in this report; marks are told again until the
  /// receiver answers that it heard them.
  uint64_t marks_told = 0;
  /// The last mark that was heard of the receiver, in this run of it.
  uint64_t marks_heard = 0;
  std::string heard_boot;
  /// `remembered` is all that it knows of the receiver: it is a witness. A node
  /// that was restored from a backup is none until it heard all others.
  bool testifies = false;
};

/// A node as another one sees it, for operators.
struct node_status {
  node_report report;
  /// Heard of within the time that `suspect_after` gives.
  bool alive = false;
  /// Why it is not alive, or why what it says is refused; empty otherwise.
  std::string reason;
  /// Milliseconds since it was last heard; -1: never.
  int64_t silent_ms = -1;
};

/// The cluster as one node sees it: itself first, then its peers by name.
struct cluster_status {
  std::vector<node_status> nodes;
};

/// Who asks for a stripe, and for which of its engines.
struct split_request {
  std::string request;
  std::string id;
  std::string name;
  std::string engine;
  /// It was passed on already by a node that does not hold the widest stripe.
  bool passed_on = false;
};

/// A gift on its way.
struct sent_gift {
  gift what;
  /// The id of the node that gives, and of the process of it that sent this:
  /// void once a later process was heard, which may have been restored from a
  /// backup and know nothing of it.
  std::string from;
  std::string boot;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, key_mark& x) {
  return f(caf::meta::type_name("intd::key_mark"), x.key, x.last, x.bound);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, held_stripe& x) {
  return f(caf::meta::type_name("intd::held_stripe"), x.engine, x.stripe,
           x.epoch, x.store, x.shared, x.splits, x.healthy, x.reason,
           x.claimed_s, x.given, x.marks, x.desk, x.above);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gift& x) {
  return f(caf::meta::type_name("intd::gift"), x.request, x.to, x.stripe,
           x.epoch, x.floors, x.taken, x.above);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, sent_gift& x) {
  return f(caf::meta::type_name("intd::sent_gift"), x.what, x.from, x.boot);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, testimony& x) {
  return f(caf::meta::type_name("intd::testimony"), x.node, x.name, x.address,
           x.engine, x.stripe, x.epoch, x.store, x.shared, x.claimed_s, x.marks,
           x.above);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_report& x) {
  return f(caf::meta::type_name("intd::node_report"), x.id, x.name, x.cluster,
           x.boot, x.version, x.address, x.draining, x.stripes, x.gifts,
           x.spares, x.remembered, x.peers, x.marks_told, x.marks_heard,
           x.heard_boot, x.testifies);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, node_status& x) {
  return f(caf::meta::type_name("intd::node_status"), x.report, x.alive,
           x.reason, x.silent_ms);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, cluster_status& x) {
  return f(caf::meta::type_name("intd::cluster_status"), x.nodes);
}

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, split_request& x) {
  return f(caf::meta::type_name("intd::split_request"), x.request, x.id, x.name,
           x.engine, x.passed_on);
}

} // namespace intd

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(intd_cluster, caf::id_block::intd_actors::end)

  CAF_ADD_ATOM(intd_cluster, intd, ping_atom, "ping")
  CAF_ADD_ATOM(intd_cluster, intd, claim_atom, "claim")
  CAF_ADD_ATOM(intd_cluster, intd, split_atom, "split")
  CAF_ADD_ATOM(intd_cluster, intd, hand_atom, "hand")
  CAF_ADD_ATOM(intd_cluster, intd, join_atom, "join")
  CAF_ADD_ATOM(intd_cluster, intd, leave_atom, "leave")
  CAF_ADD_ATOM(intd_cluster, intd, adopt_atom, "adopt")
  CAF_ADD_ATOM(intd_cluster, intd, waive_atom, "waive")
  CAF_ADD_ATOM(intd_cluster, intd, dial_atom, "dial")
  CAF_ADD_ATOM(intd_cluster, intd, tick_atom, "tick")
  CAF_ADD_ATOM(intd_cluster, intd, marks_atom, "marks")
  CAF_ADD_TYPE_ID(intd_cluster, (intd::key_mark))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::held_stripe))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::gift))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::sent_gift))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::testimony))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::node_report))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::node_status))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::cluster_status))
  CAF_ADD_TYPE_ID(intd_cluster, (intd::split_request))
  CAF_ADD_TYPE_ID(intd_cluster, (std::vector<intd::key_mark>))
  CAF_ADD_TYPE_ID(intd_cluster, (std::vector<intd::held_stripe>))
  CAF_ADD_TYPE_ID(intd_cluster, (std::vector<intd::gift>))
  CAF_ADD_TYPE_ID(intd_cluster, (std::vector<intd::testimony>))
  CAF_ADD_TYPE_ID(intd_cluster, (std::vector<intd::node_status>))

CAF_END_TYPE_ID_BLOCK(intd_cluster)
// clang-format on

namespace intd {

/// An engine actor as its own node knows it.
using owner_actor = engine_actor::extend<
  // Tell how far the keys were given that changed since this was asked last.
  caf::replies_to<marks_atom>::with<std::vector<key_mark>>,
  // Give half of the stripe away, and mint on with the other half.
  caf::replies_to<split_atom, split_request>::with<gift>,
  // Give the stripe away and end.
  caf::replies_to<leave_atom, split_request>::with<gift>>;

/// Hears of the engines of its node.
using watcher_actor = caf::typed_actor<
  // An engine is ready to mint: its name, its stripe, its actor.
  caf::reacts_to<up_atom, std::string, stripe, owner_actor>,
  // An engine is gone, and why.
  caf::reacts_to<down_atom, std::string, std::string>>;

/// What a node publishes on its actor port, for its peers and for CAF programs.
/// Expendable: it passes everything on, and is made anew when a peer kills it.
using node_actor = caf::typed_actor<
  // Mint `count` (1 or more) integers of a key, on any stripe of the cluster.
  caf::replies_to<reserve_atom, std::string, int64_t>::with<reserved>,
  // Tell the greatest last integer of a key over all stripes.
  caf::replies_to<last_atom, std::string>::with<int64_t>,
  // From a peer: hear its report, answer with one's own.
  caf::replies_to<ping_atom, node_report>::with<node_report>,
  // From a peer: record that it holds a stripe, unless that overlaps.
  caf::replies_to<claim_atom, node_report>::with<caf::ok_atom>,
  // From a peer without a stripe: split one's own, or the widest one known.
  caf::replies_to<split_atom, split_request>::with<sent_gift>,
  // From a peer that leaves: keep its stripe for the next that joins.
  caf::replies_to<hand_atom, sent_gift>::with<caf::ok_atom>,
  // From a peer: the nodes of these ids are dead, and these stripes of theirs
  // will be given away; tell them so, should they come back.
  caf::replies_to<adopt_atom, std::set<std::string>,
                  std::vector<testimony>>::with<caf::ok_atom>>;

/// Holds this node's place in the cluster: knows the peers, answers for the
/// stripes, tells the router of those of the others.
using cluster_actor = node_actor::extend<
  // Report every node.
  caf::replies_to<status_atom>::with<cluster_status>,
  // From an operator: meet the node at this address, and those it knows.
  caf::replies_to<join_atom, std::string>::with<caf::ok_atom>,
  // From an operator: hand the stripes of this node to the named peer, or to
  // any where the name is empty, and stop minting.
  caf::replies_to<leave_atom, std::string>::with<caf::ok_atom>,
  // From an operator: split the stripe of the named engine of this node, or the
  // widest where the name is empty, and keep half for the next that joins.
  caf::replies_to<split_atom, std::string>::with<caf::ok_atom>,
  // From an operator: keep the stripes of the named nodes, which are dead and
  // never come back, for the next that join, to be minted above this integer.
  caf::replies_to<adopt_atom, std::set<std::string>,
                  int64_t>::with<caf::ok_atom>,
  // From an operator: do without the consent of the peer at this address.
  caf::replies_to<waive_atom, std::string>::with<caf::ok_atom>,
  // From an operator: whether clients should look for another node.
  caf::replies_to<drain_atom, bool>::with<caf::ok_atom>,
  // An engine is ready to mint: its name, its stripe, its actor.
  caf::reacts_to<up_atom, std::string, stripe, owner_actor>,
  // An engine is gone, and why.
  caf::reacts_to<down_atom, std::string, std::string>,
  // The actor port is open, and peers find it at this address.
  caf::reacts_to<opened_atom, std::string>,
  // To itself: ping, suspect, write what was witnessed.
  caf::reacts_to<tick_atom>>;

/// Connects to other nodes, where waiting for one harms nobody.
using dialer_actor = caf::typed_actor<
  // Reach the node at "host:port".
  caf::replies_to<dial_atom, std::string>::with<node_actor>>;

/// The node actor that is published, as it sees itself.
using desk_actor = node_actor::extend<
  // To itself: ask the router for what was gathered.
  caf::reacts_to<flush_atom>>;

/// Keeps a desk published on the actor port, whatever peers do to it.
using desk_keeper_actor = caf::typed_actor<
  // Tell the port, once a desk is published there.
  caf::replies_to<up_atom>::with<uint16_t>,
  // To itself: publish a desk again.
  caf::reacts_to<restart_atom>,
  // Close the port, let the desk answer what waits, end.
  caf::replies_to<drain_atom>::with<caf::ok_atom>>;

/// Finds out, on a thread of its own, whether somebody answers at an address.
using probe_actor = caf::typed_actor<
  // Connect to host and port; answer with the numeric address that took it.
  caf::replies_to<dial_atom, std::string, uint16_t>::with<std::string>>;

} // namespace intd

// clang-format off
CAF_BEGIN_TYPE_ID_BLOCK(intd_cluster_actors, caf::id_block::intd_cluster::end)
  CAF_ADD_TYPE_ID(intd_cluster_actors, (intd::owner_actor))
  CAF_ADD_TYPE_ID(intd_cluster_actors, (intd::watcher_actor))
  CAF_ADD_TYPE_ID(intd_cluster_actors, (intd::node_actor))
  CAF_ADD_TYPE_ID(intd_cluster_actors, (intd::cluster_actor))
  CAF_ADD_TYPE_ID(intd_cluster_actors, (intd::dialer_actor))
CAF_END_TYPE_ID_BLOCK(intd_cluster_actors)
// clang-format on

namespace intd {

/// Registers the types of actors/messages.hpp and those above.
void add_cluster_messages(caf::actor_system_config& cfg);

} // namespace intd
