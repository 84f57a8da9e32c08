// The one owner of an engine. Requests come from the router; those that arrive
// while the engine is at the store wait, and leave together as one reservation
// per key. From here a request goes to the store itself. Runs on a thread of
// its own where the engine blocks. It never repeats a reservation: when the
// store is in doubt it answers everybody, quits, and its supervisor opens the
// engine anew.
#pragma once

#include "actors/batch.hpp"
#include "actors/cluster/messages.hpp"
#include "engines/engine.hpp"
#include "engines/lookout.hpp"

#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace intd {

/// What became of a stripe of which something was given away.
struct ceded {
  gift given;
  /// What is left to mint on; nothing where all was given.
  std::optional<store_record> kept;
};

struct engine_actor_options {
  /// The engine's name in the configuration, unique in its node.
  std::string name = "main";
  /// What it mints.
  intd::stripe stripe;
  /// Opens the engine; called on the actor's own thread at each start.
  std::function<result<engine_ptr>()> open;
  /// Requests that wait for one round trip; one more is `overloaded`.
  size_t waiting_max = 100'000;
  /// How many integers more a reservation takes along for each that is waited
  /// for, where more than one is: 0 or more. They are given to whoever asks
  /// next, without a round trip, and are skipped where the engine is closed
  /// before. Only for a store that nobody else mints from: the integers of a
  /// reservation would no longer be above those that others were given since.
  int64_t prefetch = 0;
  /// After a request that was alone, how long at most the next one is looked
  /// out for before the thread sleeps. Only for an actor on a thread of its
  /// own.
  std::chrono::microseconds spin{0};
  /// Gives half of the stripe away (`split`), or all of it, and answers once
  /// that is durable: to whom, above what the receiver has to mint. Called on
  /// the actor's own thread, between two reservations. None: nothing is given.
  std::function<result<ceded>(const split_request& to, bool split,
                              const std::vector<key_mark>& floors)>
    cede = {};
};

class engine_actor_state {
public:
  using pointer = owner_actor::stateful_pointer<engine_actor_state>;

  explicit engine_actor_state(pointer self);

  /// Answers whoever still waits, on whatever path the actor ended.
  ~engine_actor_state();

  /// Opens the engine and tells the supervisor, or quits with the reason.
  void init(engine_actor_options options, supervisor_actor supervisor);

  owner_actor::behavior_type make_behavior();

  static inline const char* name = "engine";

private:
  using promise = caf::typed_response_promise<reserved>;

  caf::result<reserved> reserve(std::string& key, int64_t count);
  caf::result<int64_t> last(std::string& key);
  caf::result<caf::ok_atom> raise(std::string& key, int64_t value);
  void flush();
  caf::result<caf::ok_atom> drain();
  caf::result<std::vector<key_mark>> marks();
  caf::result<gift> cede(const split_request& to, bool split);

  /// Returns integers for some of what is wanted, from those taken along or by
  /// one round trip. Whatever it answers was checked.
  [[nodiscard]] result<run> take(const batch::demand& want);

  [[nodiscard]] result<run> reserve_once(const std::string& key, int64_t count);
  /// Delivers a run among those who wait for it; keeps what is left.
  void hand_out(const std::string& key, run given);
  void refuse(const std::vector<size_t>& tickets, const error& reason);
  /// Ends the actor when `reason` leaves the store in doubt.
  void quit_if_fatal(const error& reason);

  pointer self_;
  // Constant after init.
  engine_actor_options options_;
  supervisor_actor supervisor_;
  // Volatile.
  engine_ptr engine_;
  batch batch_{0};
  std::vector<promise> promises_; // By the batch's tickets.
  // By key: recorded in the store, and given to nobody yet. Never empty.
  std::unordered_map<std::string, run> prefetched_;
  bool proven_ = false;
  lookout lookout_;
};

/// Owns the engine that `options.open` makes, reporting to `supervisor`.
owner_actor::behavior_type own_engine(engine_actor_state::pointer self,
                                      engine_actor_options options,
                                      supervisor_actor supervisor);

} // namespace intd
