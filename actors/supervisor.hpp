// Keeps one engine alive: spawns its engine actor, opens it again with backoff
// and jitter when it is gone, and tells the router and the cluster of each
// change. Requests
// never come through here. The node drains it at the end.
#pragma once

#include "actors/backoff.hpp"
#include "actors/engine_actor.hpp"

#include <caf/error.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace intd {

struct supervisor_options {
  engine_actor_options engine;
  /// Whether the engine actor gets a thread of its own, as it needs where its
  /// engine blocks.
  bool detached = true;
  /// The first and the longest delay before the engine is opened again. The
  /// delay falls back to the first only once a reservation has succeeded.
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{1'500};
  /// How long a drain may take before it is given up with `timeout`.
  std::chrono::milliseconds drain_timeout{4'000};
  /// Of the jitter.
  uint64_t seed = 0;
  /// Tells the stripe to mint on, asked before each opening; an error is why
  /// not. None: the one of `engine`.
  std::function<result<intd::stripe>()> permit = {};
};

class supervisor_state {
public:
  using pointer = supervisor_actor::stateful_pointer<supervisor_state>;

  explicit supervisor_state(pointer self);

  /// Takes the engine actor along, and answers whoever waits for a drain.
  ~supervisor_state();

  void init(supervisor_options options, router_actor router,
            watcher_actor cluster);

  supervisor_actor::behavior_type make_behavior();

  static inline const char* name = "supervisor";

private:
  void opened();
  void proven();
  void restart();
  caf::result<caf::ok_atom> drain();

  void start();
  void gone(const caf::error& reason);
  void retry(const error& reason);
  void warn_of(const std::string& reason);
  void tell_down(const std::string& reason);
  /// Answers the drain, with `reason` unless that is `ec::none`, and ends.
  void finish(const error& reason);

  pointer self_;
  // Constant after init.
  supervisor_options options_;
  router_actor router_;
  watcher_actor cluster_; // None in a node without one.
  // Volatile.
  backoff backoff_;
  owner_actor engine_; // Null while it is gone.
  bool draining_ = false;
  std::vector<caf::typed_response_promise<caf::ok_atom>> drains_;
  // What the log was told last.
  std::string warned_;
  int64_t repeats_ = 0;
  bool told_open_ = false;
};

/// Supervises one engine, and tells `router` and, where there is one,
/// `cluster` of it.
supervisor_actor::behavior_type supervisor(supervisor_state::pointer self,
                                           supervisor_options options,
                                           router_actor router,
                                           watcher_actor cluster);

} // namespace intd
