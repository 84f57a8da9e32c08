// What a mint costs however many stripes the cluster has, which is to be the
// same: by the router before engine actors on memory, on CAF's simulated
// scheduler, and of that the choice alone, where a walk past all stripes shows.
#include "actors/router.hpp"
#include "actors/stripe_ring.hpp"
#include "bench/micro.hpp"
#include "bench/simulated.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace intd;

// Every stripe mints as often as the others where they take turns.
constexpr int64_t stripes_max = 64;
constexpr int64_t mints_counted = 5 * stripes_max;

void for_each_size(benchmark::internal::Benchmark* x) {
  x->RangeMultiplier(4)->Range(1, stripes_max)->Iterations(mints_counted);
}

std::string name_of(int64_t stripe) {
  return "node-" + std::to_string(stripe) + "/main";
}

// With `local` the node's own stripe serves, and the others only stand by.
void mints(benchmark::State& state, const std::string& name, strategy how) {
  bench::simulated_system sim;
  router_options options;
  options.strategy = how;
  auto routes = sim.system.spawn(router, options);
  const auto stripes = state.range(0);
  std::vector<owner_actor> engines;
  for (int64_t i = 1; i <= stripes; ++i) {
    const stripe its{i, stripes};
    engines.push_back(bench::spawn_engine(sim, its));
    sim.settle();
    caf::anon_send(routes, up_atom_v, name_of(i), its,
                   engine_actor{engines.back()});
  }
  int64_t answers = 0;
  auto asks = sim.system.spawn(bench::client<router_actor>, routes, &answers);
  // The first request of a stripe is dearer: it makes the key's sequence.
  caf::anon_send(asks, stripes_max);
  sim.settle();
  bench::repeat(state, name + std::to_string(stripes), [&asks, &sim] {
    caf::anon_send(asks, int64_t{1});
    sim.settle();
  });
  if (answers != stripes_max + state.iterations())
    state.SkipWithError("requests were lost");
  sim.end(asks);
  sim.end(routes);
  for (const auto& x : engines)
    sim.end(x);
}

void router_local(benchmark::State& state) {
  mints(state, "router_local_", strategy::local);
}
BENCHMARK(router_local)->Apply(for_each_size);

void router_round_robin(benchmark::State& state) {
  mints(state, "router_round_robin_", strategy::round_robin);
}
BENCHMARK(router_round_robin)->Apply(for_each_size);

void chooses(benchmark::State& state, const std::string& name, strategy how) {
  const auto stripes = state.range(0);
  stripe_ring ring{{how}};
  for (int64_t i = 1; i <= stripes; ++i)
    ring.up(name_of(i), {i, stripes});
  const std::vector<size_t> tried;
  bench::repeat(state, name + std::to_string(stripes), [&ring, &tried] {
    auto chosen = ring.next({}, tried);
    benchmark::DoNotOptimize(ring.succeeded(*chosen));
  });
}

void ring_local(benchmark::State& state) {
  chooses(state, "ring_local_", strategy::local);
}
BENCHMARK(ring_local)->Apply(for_each_size);

void ring_round_robin(benchmark::State& state) {
  chooses(state, "ring_round_robin_", strategy::round_robin);
}
BENCHMARK(ring_round_robin)->Apply(for_each_size);

} // namespace
