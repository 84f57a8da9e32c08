// Picks the stripe that serves a request. Requests come from the front ends,
// on whose event loop it runs, and go on to one engine actor at a time; when
// that fails, to the next one. Retry lives here and nowhere else.
#pragma once

#include "actors/event_loop.hpp"
#include "actors/messages.hpp"
#include "actors/slots.hpp"
#include "actors/stripe_ring.hpp"
#include "actors/survey.hpp"

#include <caf/actor_addr.hpp>
#include <caf/error.hpp>
#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace intd {

/// A stripe that the configuration names.
struct named_stripe {
  std::string name;
  intd::stripe stripe;
};

struct router_options {
  intd::strategy strategy = intd::strategy::local;
  /// How long a request may take, over all attempts.
  std::chrono::milliseconds request_timeout{5'000};
  /// How long an attempt may take while another stripe could serve instead.
  std::chrono::milliseconds engine_timeout{2'000};
  /// How long a stripe is left alone after a failure, doubling up to a maximum.
  std::chrono::milliseconds set_aside_min{100};
  std::chrono::milliseconds set_aside_max{2'000};
  /// Requests in flight; one more is `overloaded`.
  size_t waiting_max = 100'000;
  /// What is expected to come up, in the order of preference.
  std::vector<named_stripe> stripes;
};

class router_state {
public:
  using pointer
    = caf::stateful_actor<router_state, on_loop<router_actor::base>>*;

  explicit router_state(pointer self) : self_(self), ring_({}) {
    // nop
  }

  /// Answers whoever still waits.
  ~router_state();

  void init(router_options options);

  router_actor::behavior_type make_behavior();

  static inline const char* name = "router";

private:
  using time_point = stripe_ring::time_point;

  /// A reservation that is not answered yet.
  struct waiting {
    // 0 when the slot is free: late answers find no one.
    uint64_t serial = 0;
    caf::typed_response_promise<reserved> promise;
    std::string key;
    int64_t count = 0;
    time_point deadline;
    // The present attempt; none while only a slow one is left to wait for.
    std::optional<stripe_ring::pick> attempt;
    time_point sent;
    // A slow attempt was left behind: its answer is still welcome.
    bool left_behind = false;
    // Stripes that failed this request, and the last error but `exhausted`.
    std::vector<size_t> tried;
    error reason;
  };

  /// Whose attempt an answer belongs to.
  struct ticket {
    size_t slot = 0;
    uint64_t serial = 0;
    stripe_ring::pick attempt;
  };

  using last_promise = caf::typed_response_promise<int64_t>;
  using raised_promise = caf::typed_response_promise<caf::ok_atom>;

  /// A survey and who waits for it: one of the two.
  struct question {
    survey answers;
    last_promise last;
    raised_promise raised;
  };

  // Messages.
  caf::result<reserved> reserve(std::string& key, int64_t count);
  caf::result<int64_t> last(const std::string& key);
  caf::result<caf::ok_atom> raise(const std::string& key, int64_t value);
  void up(const std::string& engine, const stripe& x, engine_actor handle);
  void down(const std::string& engine, const std::string& reason);
  router_status status() const;
  void sweep();

  // Reservations.
  void attempt(size_t slot, const stripe_ring::pick& x, time_point now);
  void answered(const ticket& t, reserved& integers);
  void refused(const ticket& t, const caf::error& reason);
  [[nodiscard]] bool still_waits(const ticket& t) const;
  void fail_over(size_t slot, error reason, time_point now);
  void give_up(size_t slot, time_point now);
  void expire(size_t slot, time_point now);
  void check_slow(size_t slot, time_point now);
  void finish(size_t slot, const error& reason);
  void release(size_t slot);
  void arm_sweep();

  // Stripes.
  void lost(const caf::actor_addr& source, const caf::error& reason);
  void abandon(size_t index, const error& reason);
  void set_aside(const stripe_ring::pick& x, time_point now,
                 const std::string& reason);
  void bring_back(const stripe_ring::pick& x);

  // Surveys.
  void survey_failed(uint64_t id, const caf::error& reason);
  void survey_answered(uint64_t id, int64_t last);
  void finish(std::map<uint64_t, question>::iterator i);

  pointer self_;
  // Constant after init.
  router_options options_;
  // Volatile.
  stripe_ring ring_;
  std::vector<engine_actor> engines_; // By the ring's indices.
  slots<waiting> slots_;
  uint64_t last_serial_ = 0;
  bool sweeping_ = false;
  std::map<uint64_t, question> surveys_;
};

/// Routes requests to the engines that supervisors announce.
router_actor::behavior_type router(router_state::pointer self,
                                   router_options options);

} // namespace intd
