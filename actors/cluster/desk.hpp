// What a node publishes on its actor port. Requests come from CAF programs and
// from other nodes, over the network; those for integers that arrive while the
// router is at work wait, and go on to it together, one reservation per key.
// What peers say to each other goes on to the cluster actor as it is.
//
// It runs on CAF's scheduler, not on the event loop: however many requests the
// network brings, the loop with its clients sees one message per key and round
// trip. It does not block, so it needs no thread of its own.
//
// Whoever reaches the port can end it; its keeper publishes another one.
#pragma once

#include "actors/cluster/messages.hpp"
#include "actors/mint_line.hpp"

#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace intd {

struct desk_options {
  /// Integers of one request; more are `invalid_count`.
  int64_t count_max = 100'000;
  /// Requests that wait for the router; one more is `overloaded`.
  size_t waiting_max = 100'000;
};

class desk_state {
public:
  using pointer = desk_actor::stateful_pointer<desk_state>;

  explicit desk_state(pointer self) : self_(self) {
    // nop
  }

  /// Answers whoever still waits, on whatever path the actor ended.
  ~desk_state();

  /// Takes a null `cluster` where the node has none: what is for it is then
  /// answered with `unavailable`.
  void init(desk_options options, router_actor router, cluster_actor cluster);

  desk_actor::behavior_type make_behavior();

  static inline const char* name = "desk";

private:
  using line = mint_line<caf::typed_response_promise<reserved>>;

  caf::result<reserved> reserve(std::string& key, int64_t count);
  caf::result<int64_t> last(std::string& key);
  /// Passes a message on to the cluster actor.
  template <class Answer, class... Ts>
  caf::result<Answer> pass(Ts&&... xs);

  [[nodiscard]] error refusal(const std::string& key, int64_t count) const;
  void flush();
  void ask(const std::string& key);
  void answered(const std::string& key, const reserved& given);
  void refused(const std::string& key, const caf::error& reason);
  void drain();
  void drain_further();

  pointer self_;
  // Constant after init.
  desk_options options_;
  router_actor router_;
  cluster_actor cluster_;
  // Volatile. By key; one that nobody stands in is removed.
  std::unordered_map<std::string, line> lines_;
  size_t waiting_ = 0;
  // Keys whose line is to be asked for, once the mailbox is empty.
  std::vector<std::string> gathered_;
  bool draining_ = false;
};

/// Serves what comes from the network, by `router` and `cluster`. Told to exit,
/// it answers what waits first.
desk_actor::behavior_type desk(desk_state::pointer self, desk_options options,
                               router_actor router, cluster_actor cluster);

} // namespace intd
