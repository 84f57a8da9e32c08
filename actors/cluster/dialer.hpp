// Connects to other nodes. Requests come from whoever wants to speak to a node
// (the cluster actor, mint clients) and go to a probe on a thread of its own,
// then to CAF's network layer. It runs on the scheduler and never waits: an
// address that nobody answers at holds up no other one.
#pragma once

#include "actors/cluster/messages.hpp"
#include "actors/cluster/node_address.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/error.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/node_id.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>

namespace intd {

struct dialer_options {
  /// How long a dial may take, once it has begun.
  std::chrono::milliseconds timeout{1'000};
  /// Dials, and so threads, at once; those beyond wait.
  size_t dials_max = 16;
  /// Dials that wait; one more is `overloaded`.
  size_t waiting_max = 1'000;
};

class dialer_state {
public:
  using pointer = dialer_actor::stateful_pointer<dialer_state>;

  explicit dialer_state(pointer self) : self_(self) {
    // nop
  }

  /// Answers whoever still waits.
  ~dialer_state();

  void init(dialer_options options);

  dialer_actor::behavior_type make_behavior();

  static inline const char* name = "dialer";

private:
  using time_point = std::chrono::steady_clock::time_point;
  using promise = caf::typed_response_promise<node_actor>;

  struct dial {
    node_address where;
    promise who;
    time_point deadline;
    // The address that answered, as a number.
    std::string host;
  };

  caf::result<node_actor> begin(const std::string& where);
  void begin_next();
  void probe_it(uint64_t id);
  void connect(uint64_t id);
  void connected(uint64_t id, const caf::node_id& node,
                 const caf::strong_actor_ptr& whom,
                 const std::set<std::string>& interface);
  void not_connected(uint64_t id, const caf::error& reason);
  void finish(uint64_t id, error reason);
  [[nodiscard]] std::chrono::milliseconds left(const dial& x) const;

  pointer self_;
  // Constant after init.
  dialer_options options_;
  caf::io::middleman_actor network_; // Null where it is not loaded.
  // Volatile.
  std::map<uint64_t, dial> dials_;
  std::deque<dial> waiting_;
  uint64_t last_id_ = 0;
};

/// Dials nodes. Answers with `invalid_dsn` what is no address, `timeout` and
/// `unavailable` where no node answers, `wrong_owner` where that is not a node,
/// or not another one than this. Whoever gets a handle monitors it: CAF drops
/// requests to a node that went, without an answer.
dialer_actor::behavior_type dialer(dialer_state::pointer self,
                                   dialer_options options);

} // namespace intd
