// Keeps a desk published on the actor port. The node starts it and drains it;
// requests never come through here. Any peer can end what is published, so it
// watches the desk and publishes another one on the same port.
#pragma once

#include "actors/backoff.hpp"
#include "actors/cluster/desk.hpp"
#include "actors/cluster/messages.hpp"
#include "actors/cluster/node_address.hpp"
#include "engines/error.hpp"

#include <caf/error.hpp>
#include <caf/io/middleman_actor.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace intd {

struct desk_keeper_options {
  /// Where it is published; port 0: a free one.
  node_address listen;
  desk_options desk;
  /// The first and the longest delay before a desk is published again.
  std::chrono::milliseconds backoff_min{1};
  std::chrono::milliseconds backoff_max{500};
  /// A desk that lived that long was no trouble: the delay begins anew.
  std::chrono::milliseconds quiet{5'000};
  /// Of the jitter.
  uint64_t seed = 0;
};

class desk_keeper_state {
public:
  using pointer = desk_keeper_actor::stateful_pointer<desk_keeper_state>;

  explicit desk_keeper_state(pointer self);

  /// Takes the desk along, and answers whoever waits.
  ~desk_keeper_state();

  void init(desk_keeper_options options, router_actor router,
            cluster_actor cluster);

  desk_keeper_actor::behavior_type make_behavior();

  static inline const char* name = "desk_keeper";

private:
  using time_point = std::chrono::steady_clock::time_point;

  caf::result<uint16_t> up();
  void restart();
  caf::result<caf::ok_atom> drain();

  void publish();
  void published(uint16_t port);
  void failed(const caf::error& reason);
  void gone(const caf::error& reason);
  void retry();
  void close_port();

  pointer self_;
  // Constant after init.
  desk_keeper_options options_;
  router_actor router_;
  cluster_actor cluster_;
  caf::io::middleman_actor network_;
  // Volatile.
  backoff backoff_;
  desk_actor desk_;              // Null while it is gone.
  uint16_t port_ = 0;            // 0 before the first was published.
  std::optional<error> refused_; // Why the first could not be.
  time_point since_;
  bool draining_ = false;
  std::vector<caf::typed_response_promise<uint16_t>> wait_up_;
  std::vector<caf::typed_response_promise<caf::ok_atom>> wait_drained_;
};

/// Publishes a desk for `router` and `cluster`, which may be null. Where the
/// port cannot be had at first, it is not tried again: whoever asks is told
/// why.
desk_keeper_actor::behavior_type desk_keeper(desk_keeper_state::pointer self,
                                             desk_keeper_options options,
                                             router_actor router,
                                             cluster_actor cluster);

} // namespace intd
