// The arithmetic that every reservation goes through.
#include "bench/micro.hpp"
#include "engines/sequence.hpp"

#include <benchmark/benchmark.h>

namespace {

using namespace intd;
using bench::repeat;

constexpr int iterations = 10'000;

void overlaps(benchmark::State& state) {
  stripe a{7, 360'360};
  const stripe b{5, 510'510};
  repeat(state, "overlap", [&a, &b] {
    a.offset = a.offset % a.increment + 1;
    benchmark::DoNotOptimize(overlap(a, b));
  });
}
BENCHMARK(overlaps)->Iterations(iterations);

void takes(benchmark::State& state) {
  const stripe x{3, 7};
  int64_t last = 0;
  repeat(state, "take", [&x, &last] {
    const auto next = take(x, last, 100);
    benchmark::DoNotOptimize(next);
    last = last_of(*next);
  });
}
BENCHMARK(takes)->Iterations(iterations);

void aligns(benchmark::State& state) {
  const stripe x{3, 7};
  int64_t value = 0;
  repeat(state, "align", [&x, &value] {
    value += 5;
    benchmark::DoNotOptimize(next_above(x, value));
    benchmark::DoNotOptimize(last_within(x, value));
    benchmark::DoNotOptimize(contains(x, value));
  });
}
BENCHMARK(aligns)->Iterations(iterations);

void windows(benchmark::State& state) {
  const stripe x{3, 7};
  int64_t top = 700;
  repeat(state, "run_in_window", [&x, &top] {
    top += 700;
    benchmark::DoNotOptimize(run_in_window(x, top, 100));
  });
}
BENCHMARK(windows)->Iterations(iterations);

void cuts(benchmark::State& state) {
  run rest{1, 7, iterations * 3};
  repeat(state, "cut_front", [&rest] {
    benchmark::DoNotOptimize(cut_front(rest, 3));
  });
}
BENCHMARK(cuts)->Iterations(iterations);

void keys(benchmark::State& state) {
  repeat(state, "valid_key", [] {
    benchmark::DoNotOptimize(valid_key("a_key_of_ordinary_length"));
  });
}
BENCHMARK(keys)->Iterations(iterations);

} // namespace
