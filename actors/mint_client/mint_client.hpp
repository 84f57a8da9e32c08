// How a CAF program mints. Its actors ask this one; what they ask for while a
// reservation is under way waits, and leaves as one reservation per key. From
// here a request goes over the network to the desk of a node, and from there to
// that node's router. It is connected to all the nodes of its list: where one
// goes, or fails, the next is asked at once.
//
//   struct config : caf::actor_system_config {
//     config() {
//       intd::load_mint_client(*this);
//     }
//   };
//   ...
//   auto mint = intd::spawn_mint_client(system, {{"10.0.0.1:8082"}});
//   self->request(*mint, caf::infinite, intd::next_atom_v, "orders").then(...)
//
// A reservation whose answer is lost is not repeated: another one is made, and
// the integers of the first are a gap. Nobody is given an integer twice.
#pragma once

#include "actors/mint_client/messages.hpp"
#include "actors/mint_client/node_ring.hpp"
#include "actors/mint_line.hpp"
#include "engines/error.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace intd {

struct mint_client_options {
  /// "host:port" of actor ports, one or more: of nodes of one cluster.
  std::vector<std::string> nodes;
  /// How long a request may wait for its integers, over all attempts.
  std::chrono::milliseconds request_timeout{5'000};
  /// How long one node may take before the next is asked.
  std::chrono::milliseconds node_timeout{900};
  /// How long a dial may take.
  std::chrono::milliseconds dial_timeout{1'000};
  /// The first and the longest delay before a node that went is dialed again,
  /// and before all are asked again that failed.
  std::chrono::milliseconds backoff_min{50};
  std::chrono::milliseconds backoff_max{1'500};
  /// Requests that wait; one more is `overloaded`.
  size_t waiting_max = 100'000;
  /// Integers of one reservation, 1 or more. A node's own limit holds besides.
  int64_t count_max = 100'000;
  /// Of the jitter, and of which node is asked first.
  uint64_t seed = 0;
};

/// Whoever asked for one integer, or for several.
class mint_promise {
public:
  using one = caf::typed_response_promise<int64_t>;
  using several = caf::typed_response_promise<reserved>;

  explicit mint_promise(one x) : promise_(std::move(x)) {
    // nop
  }

  explicit mint_promise(several x) : promise_(std::move(x)) {
    // nop
  }

  void deliver(reserved integers);

  void deliver(const caf::error& reason);

private:
  std::variant<one, several> promise_;
};

class mint_client_state {
public:
  using pointer = mint_client_actor::stateful_pointer<mint_client_state>;

  explicit mint_client_state(pointer self) : self_(self) {
    // nop
  }

  /// Answers whoever still waits, and takes the dialer along.
  ~mint_client_state();

  void init(mint_client_options options, dialer_actor dialer);

  mint_client_actor::behavior_type make_behavior();

  static inline const char* name = "mint_client";

private:
  using line = mint_line<mint_promise>;

  /// A key that somebody waits for.
  struct demand {
    line waiting;
    // Of the reservation under way, and where: late answers find another one.
    uint64_t serial = 0;
    size_t node = 0;
    // Nodes that failed it, and why the last did.
    std::vector<size_t> tried;
    error reason;
    // All failed: they are asked again in a moment.
    bool pausing = false;
  };

  struct peer {
    std::string address;
    node_actor handle; // Null while it is not connected.
    error reason;      // Why it is not.
  };

  using demands = std::unordered_map<std::string, demand>;

  // Messages.
  caf::result<int64_t> next(std::string& key);
  caf::result<reserved> reserve(std::string& key, int64_t count);
  void flush();
  void sweep();

  // Requests.
  [[nodiscard]] error refusal(const std::string& key, int64_t count) const;
  void gather(std::string& key, int64_t count, mint_promise who);
  void ask_again(const std::string& key);
  void ask(const std::string& key);
  void answered(const std::string& key, uint64_t serial, const reserved& given);
  void refused(const std::string& key, uint64_t serial, const error& reason);
  void end_round(demands::iterator at);
  /// Does something to a line and counts who was answered by it.
  template <class F>
  void settle(demand& x, F act);
  [[nodiscard]] error lateness(const demand& x) const;

  // Nodes.
  void dial(size_t i);
  void connected(size_t i, const node_actor& handle);
  void redial(size_t i, error reason);
  void lost(const caf::actor_addr& who, const caf::error& reason);

  pointer self_;
  // Constant after init.
  mint_client_options options_;
  dialer_actor dialer_;
  // Volatile.
  std::vector<peer> nodes_;
  node_ring ring_{0, {}, {}, 0};
  backoff pauses_{std::chrono::milliseconds{1}, std::chrono::milliseconds{1},
                  0};
  demands demands_; // By key.
  std::vector<std::string> gathered_;
  size_t waiting_ = 0;
  int64_t count_max_ = 1;
  uint64_t last_serial_ = 0;
  bool sweeping_ = false;
};

/// Mints from nodes that `dialer` reaches; ends it when it ends.
mint_client_actor::behavior_type mint_client(mint_client_state::pointer self,
                                             mint_client_options options,
                                             dialer_actor dialer);

/// Makes a system know what mint clients say, and load CAF's network: for the
/// constructor of an application's configuration.
void load_mint_client(caf::actor_system_config& cfg);

/// Spawns a mint client with a dialer of its own. Fails with `invalid_dsn`
/// where an address cannot be read, or there is none. It does not wait until a
/// node is reached: requests do, until their deadline.
[[nodiscard]] result<mint_client_actor>
spawn_mint_client(caf::actor_system& system, mint_client_options options);

} // namespace intd
