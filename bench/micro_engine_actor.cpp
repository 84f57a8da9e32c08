// The engine actor on CAF's simulated scheduler, with memory behind it: what a
// request costs on its way through mailbox, batch and promise.
#include "bench/micro.hpp"
#include "bench/simulated.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace intd;

void mints(benchmark::State& state, const std::string& name, int64_t requests) {
  bench::simulated_system sim;
  auto engine = bench::spawn_engine(sim, {});
  int64_t answers = 0;
  auto asks = sim.system.spawn(bench::client<owner_actor>, engine, &answers);
  sim.settle();
  bench::repeat(state, name, [&asks, &sim, requests] {
    caf::anon_send(asks, requests);
    sim.settle();
  });
  if (answers != requests * state.iterations())
    state.SkipWithError("requests were lost");
  sim.end(asks);
  sim.end(engine);
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
