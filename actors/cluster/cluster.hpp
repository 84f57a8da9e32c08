// Holds this node's place in the cluster: pings the peers and hears theirs,
// gets its engines their stripes, gives stripes away, and tells the router
// where else integers can be had. No mint passes here. What is safe is decided
// in ownership.hpp, who is there in membership.hpp; this carries the messages.
#pragma once

#include "actors/cluster/mark_log.hpp"
#include "actors/cluster/membership.hpp"
#include "actors/cluster/messages.hpp"
#include "actors/cluster/ownership.hpp"

#include <caf/error.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace intd {

struct cluster_options {
  std::string id;
  std::string name;
  std::string cluster;
  /// Drawn at each start of the process.
  std::string boot;
  std::string version;
  /// Where peers reach this node, "host:port"; empty: nowhere, until a message
  /// tells.
  std::string address;
  /// The addresses of other nodes.
  std::vector<std::string> peers;
  std::chrono::milliseconds ping_interval{250};
  /// How long a question to a peer may take.
  std::chrono::milliseconds peer_timeout{2'000};
  /// How long a start waits for a peer to say what it remembers.
  std::chrono::milliseconds witness_timeout{5'000};
  /// Whether it waits for ever.
  bool require_witness = false;
  /// The state directory was restored from a backup: one witness may not have
  /// heard the last of this node, so each node that is known has to be heard.
  bool restored = false;
  /// How far the integers of a stripe may lie behind another's before they are
  /// raised; 0: as far as they will.
  int64_t max_drift = 0;
  membership_options members;
};

class cluster_state {
public:
  using pointer = cluster_actor::stateful_pointer<cluster_state>;

  explicit cluster_state(pointer self);

  void init(cluster_options options, std::shared_ptr<ownership> owned,
            router_actor router, dialer_actor dialer);

  cluster_actor::behavior_type make_behavior();

  static inline const char* name = "cluster";

private:
  using time_point = membership::time_point;
  using contact = membership::contact;
  using member = membership::member;

  /// An engine of this node.
  struct local_engine {
    /// Null while it is closed.
    owner_actor owner;
    /// What peers mint through; made anew with each `owner`.
    engine_actor desk;
    supervisor_actor supervisor;
    std::string reason;
    /// The last reason that was logged.
    std::string logged;
    uint64_t given = 0;
    /// A question about its stripe is under way.
    bool asking = false;
    /// The contact to ask next for a stripe.
    size_t next_contact = 0;
  };

  /// A `leave` that is not answered yet.
  struct leaving {
    caf::typed_response_promise<caf::ok_atom> promise;
    std::set<std::string> requests;
  };

  /// An `adopt` that not every peer has heard of.
  struct adoption {
    caf::typed_response_promise<caf::ok_atom> promise;
    std::set<std::string> dead;
    std::vector<testimony> theirs;
    int64_t above = 0;
    size_t unheard = 0;
  };

  // Messages of peers (cluster_peers.cpp).
  caf::result<node_report> ping(node_report& from);
  caf::result<caf::ok_atom> claim(const node_report& from);
  caf::result<sent_gift> split(const split_request& to);
  caf::result<caf::ok_atom> hand(const sent_gift& x);
  caf::result<caf::ok_atom> bury(const std::set<std::string>& dead,
                                 const std::vector<testimony>& theirs);

  // Messages of operators (cluster_orders.cpp).
  cluster_status status();
  caf::result<caf::ok_atom> join(const std::string& address);
  caf::result<caf::ok_atom> leave(const std::string& to);
  caf::result<caf::ok_atom> make_spare(const std::string& engine);
  caf::result<caf::ok_atom> adopt(const std::set<std::string>& nodes,
                                  int64_t above);
  caf::result<caf::ok_atom> waive(const std::string& address);
  caf::result<caf::ok_atom> drain(bool on);

  // Messages of this node.
  void up(const std::string& engine, const owner_actor& owner);
  void open_desk(local_engine& x);
  void opened(const std::string& address);
  void down(const std::string& engine, const std::string& reason);
  void tick();
  void begin_ticks();
  [[nodiscard]] bool at_rest() const;

  // Peers.
  void dial();
  void ping_all();
  void ping(contact& x);
  /// False: another process has its identity, and is alive.
  bool hear(const node_report& from);
  void watch(member& x);
  void heard_answer(const std::string& address, const node_report& from);
  void ping_failed(const std::string& address, const error& reason);
  void suspect_silent();
  void gone(const caf::actor_addr& source);
  void lose(member& x, const std::string& reason);
  void announce(const member& x);
  [[nodiscard]] node_report report_for(const std::string& id);
  void tell_marks(node_report& into, const std::string& id);

  // Twins (cluster_twins.cpp).
  void accuse(const std::string& by, const std::string& reason);
  void acquit(const std::string& by);
  void forget_accusers();

  // Stripes (cluster_stripes.cpp).
  void seek_stripes();
  void seek_consent(const std::string& engine);
  void seek_witness(const std::string& engine);
  void seek_restored();
  [[nodiscard]] std::string unheard() const;
  void seek_gift(const std::string& engine);
  void may_mint(const std::string& engine);
  void give_up(const std::string& engine, const std::string& cause,
               const std::string& reason);
  [[nodiscard]] std::optional<held_stripe> widest_own();
  [[nodiscard]] node_actor whom_to_ask(const split_request& to,
                                       const std::optional<held_stripe>& own);
  void split_own(const std::string& engine, const split_request& to,
                 const std::function<void(const result<gift>&)>& done);
  [[nodiscard]] sent_gift sent(const gift& x) const;
  [[nodiscard]] bool is_void(const sent_gift& x) const;
  void reopen();
  void received(const std::string& engine, const sent_gift& x);
  void wake(const std::string& engine);
  void stop(const ownership::reasons& engines);
  void hand_over();
  void handed(const std::string& request);
  /// Every other node that was ever heard of, by id: its name.
  [[nodiscard]] std::map<std::string, std::string> ever_heard_of() const;
  /// The id of the one node with this id or name.
  [[nodiscard]] result<std::string> id_of(const std::string& who) const;
  [[nodiscard]] std::optional<std::string>
  objection_to_burial(const std::set<std::string>& dead) const;
  void bury_everywhere(const std::shared_ptr<adoption>& x);
  void finish(adoption& x);
  void ask_marks();
  void noted(const std::string& engine, const std::vector<key_mark>& changed);
  void keep_up();

  pointer self_;
  // Constant after init.
  cluster_options options_;
  std::shared_ptr<ownership> owned_;
  router_actor router_;
  dialer_actor dialer_;
  time_point started_;
  // Volatile.
  std::unique_ptr<membership> members_;
  std::map<std::string, local_engine> engines_;
  mark_log marks_;
  std::vector<leaving> leavings_;
  // Who says that another process of this node runs, and when they said so.
  std::map<std::string, time_point> accusations_;
  // What the router was told last, by the name of the stripe.
  std::map<std::string, held_stripe> announced_;
  uint64_t ticks_ = 0;
  bool ticking_ = false;
  bool draining_ = false;
  // Some peer said what it remembers; some engine opened without.
  bool witnessed_ = false;
  bool unwitnessed_ = false;
  // The state is from a backup, and not all others said what they remember.
  bool restoring_ = false;
};

/// Keeps the node of `owned` in the cluster.
cluster_actor::behavior_type cluster(cluster_state::pointer self,
                                     cluster_options options,
                                     std::shared_ptr<ownership> owned,
                                     router_actor router, dialer_actor dialer);

} // namespace intd
