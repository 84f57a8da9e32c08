// Actors on CAF's simulated scheduler, for microbenchmarks of the way of a
// request: nothing runs, and no time passes, unless the benchmark says so.
#pragma once

#include "actors/engine_actor.hpp"
#include "actors/messages.hpp"
#include "engines/memory.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <cstdint>

namespace intd::bench {

struct simulated_config : caf::actor_system_config {
  simulated_config() {
    add_messages(*this);
    set("scheduler.policy", caf::atom("testing"));
  }
};

struct simulated_system {
  /// Handles messages until none is left.
  void settle() {
    scheduler.run();
  }

  /// Ends an actor.
  template <class Handle>
  void end(const Handle& x) {
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
    settle();
  }

  simulated_config config;
  caf::actor_system system{config};
  caf::scheduler::test_coordinator& scheduler
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
};

inline supervisor_actor::behavior_type idle_supervisor() {
  return {
    [](opened_atom) {},
    [](proven_atom) {},
    [](restart_atom) {},
    [](drain_atom) {
      return caf::ok_atom_v;
    },
  };
}

/// Spawns an engine actor that mints a stripe on memory.
inline owner_actor spawn_engine(simulated_system& on, const stripe& x) {
  engine_actor_options options;
  options.stripe = x;
  options.open = []() -> result<engine_ptr> {
    return make_memory();
  };
  return on.system.spawn(own_engine, options, on.system.spawn(idle_supervisor));
}

/// Asks for one integer so many times at once; counts the answers.
template <class Minter>
caf::behavior client(caf::event_based_actor* self, const Minter& minter,
                     int64_t* answers) {
  return {[self, minter, answers](int64_t requests) {
    for (int64_t i = 0; i < requests; ++i)
      self
        ->request(minter, caf::infinite, reserve_atom_v, "integers", int64_t{1})
        .then([answers](const reserved&) {
          ++*answers;
        });
  }};
}

} // namespace intd::bench
