// The engine actor on CAF's simulated scheduler, with memory behind it: what a
// request costs on its way through mailbox, batch and promise.
#include "actors/engine_actor.hpp"
#include "actors/messages.hpp"
#include "bench/micro.hpp"
#include "engines/memory.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace {

using namespace intd;

struct simulated : caf::actor_system_config {
  simulated() {
    add_messages(*this);
    set("scheduler.policy", caf::atom("testing"));
  }
};

supervisor_actor::behavior_type idle_supervisor() {
  return {
    [](opened_atom) {},
    [](proven_atom) {},
    [](restart_atom) {},
    [](drain_atom) {
      return caf::ok_atom_v;
    },
  };
}

// Asks for one integer so many times at once; counts the answers.
caf::behavior client(caf::event_based_actor* self, const engine_actor& engine,
                     int64_t* answers) {
  return {[self, engine, answers](int64_t requests) {
    for (int64_t i = 0; i < requests; ++i)
      self
        ->request(engine, caf::infinite, reserve_atom_v, "integers", int64_t{1})
        .then([answers](const reserved&) {
          ++*answers;
        });
  }};
}

void mints(benchmark::State& state, const std::string& name, int64_t requests) {
  simulated config;
  caf::actor_system system{config};
  auto& scheduler
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  engine_actor_options options;
  options.open = []() -> result<engine_ptr> {
    return make_memory();
  };
  auto engine
    = system.spawn(own_engine, options, system.spawn(idle_supervisor));
  int64_t answers = 0;
  auto asks = system.spawn(client, engine, &answers);
  scheduler.run();
  bench::repeat(state, name, [&asks, &scheduler, requests] {
    caf::anon_send(asks, requests);
    scheduler.run();
  });
  if (answers != requests * state.iterations())
    state.SkipWithError("requests were lost");
  caf::anon_send_exit(asks, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(engine, caf::exit_reason::user_shutdown);
  scheduler.run();
}

void one(benchmark::State& state) {
  mints(state, "engine_actor_1", 1);
}
BENCHMARK(one)->Iterations(300);

void hundred(benchmark::State& state) {
  mints(state, "engine_actor_100", 100);
}
BENCHMARK(hundred)->Iterations(10);

} // namespace
