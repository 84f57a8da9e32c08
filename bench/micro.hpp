// A place for microbenchmarks. Each is timed by Google Benchmark; below
// callgrind the instructions of its loop are counted too, from `counted`'s
// beginning to its end, and bench/micro compares them with the baseline.
#pragma once

#include <benchmark/benchmark.h>

#ifdef INTD_COUNTS
#include <valgrind/callgrind.h>
#endif

#include <string>

namespace intd::bench {

/// Has callgrind count what runs while it lives, and write it down by `name`.
class counted {
public:
  explicit counted(std::string name) : name_(std::move(name)) {
#ifdef INTD_COUNTS
    CALLGRIND_ZERO_STATS;
#endif
  }

  counted(const counted&) = delete;
  counted& operator=(const counted&) = delete;

  ~counted() {
#ifdef INTD_COUNTS
    CALLGRIND_DUMP_STATS_AT(name_.c_str());
#endif
  }

private:
  std::string name_;
};

/// Runs `once` as often as Google Benchmark wants. Writes "name iterations"
/// for callgrind's figures.
template <class Once>
void repeat(benchmark::State& state, const std::string& name, Once once) {
  const counted loop{name + ' ' + std::to_string(state.max_iterations)};
  for (auto _ : state)
    once();
}

} // namespace intd::bench
