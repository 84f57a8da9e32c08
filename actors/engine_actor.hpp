// The one owner of an engine. Requests come from the router; those that arrive
// while the engine is at the store wait, and leave together as one reservation
// per key. From here a request goes to the store itself. Runs on a thread of
// its own where the engine blocks. It never repeats a reservation: when the
// store is in doubt it answers everybody, quits, and its supervisor opens the
// engine anew.
#pragma once

#include "actors/batch.hpp"
#include "actors/messages.hpp"
#include "engines/engine.hpp"

#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace intd {

struct engine_actor_options {
  /// The engine's name in the configuration, unique in its node.
  std::string name = "main";
  /// What it mints.
  intd::stripe stripe;
  /// Opens the engine; called on the actor's own thread at each start.
  std::function<result<engine_ptr>()> open;
  /// Requests that wait for one round trip; one more is `overloaded`.
  size_t waiting_max = 100'000;
};

class engine_actor_state {
public:
  using pointer = engine_actor::stateful_pointer<engine_actor_state>;

  explicit engine_actor_state(pointer self);

  /// Answers whoever still waits, on whatever path the actor ended.
  ~engine_actor_state();

  /// Opens the engine and tells the supervisor, or quits with the reason.
  void init(engine_actor_options options, supervisor_actor supervisor);

  engine_actor::behavior_type make_behavior();

  static inline const char* name = "engine";

private:
  using promise = caf::typed_response_promise<reserved>;

  caf::result<reserved> reserve(std::string& key, int64_t count);
  caf::result<int64_t> last(std::string& key);
  caf::result<caf::ok_atom> raise(std::string& key, int64_t value);
  void flush();
  caf::result<caf::ok_atom> drain();

  /// Makes one round trip. Whatever it answers was checked.
  [[nodiscard]] result<run> reserve_once(const batch::demand& want);
  /// Delivers a run among those who wait for it.
  void hand_out(run given);
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
  bool proven_ = false;
};

/// Owns the engine that `options.open` makes, reporting to `supervisor`.
engine_actor::behavior_type own_engine(engine_actor_state::pointer self,
                                       engine_actor_options options,
                                       supervisor_actor supervisor);

} // namespace intd
