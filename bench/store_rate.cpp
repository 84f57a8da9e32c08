// How fast a store is by itself: reserves one integer after the other from an
// engine, guarded as a node guards it, and prints the rate and the time of one
// reservation. bench/http takes the difference to what a client sees.
//
//   store_rate ENGINE FOLDER SECONDS
#include "engines/guard/state_directory.hpp"
#include "engines/registry.hpp"
#include "node/open_engine.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace intd;
using microseconds = std::chrono::duration<double, std::micro>;
using clock_type = std::chrono::steady_clock;

// A store of its own, guarded as a node would have it; or one that is reached
// by a name, as it is, for a node is to claim it later.
result<engine_ptr> open(const std::string& engine, const std::string& folder,
                        const std::string& dsn) {
  if (!dsn.empty())
    return make_engine(engine, dsn);
  auto state = state_directory::open(folder, {});
  if (!state)
    return tl::unexpected{state.error()};
  engine_settings settings;
  settings.name = "main";
  settings.engine = engine;
  if (engine == "sqlite")
    settings.dsn = "sqlite://" + folder + "/integers.db";
  settings.guard_block = 10'000;
  settings.state = *state;
  return open_engine(settings);
}

result<std::vector<double>> measure(engine& store, double seconds) {
  std::vector<double> times;
  const auto begin = clock_type::now();
  auto last = begin;
  while (microseconds(last - begin).count() < seconds * 1e6) {
    const auto given = store.reserve({}, 1);
    if (!given)
      return tl::unexpected{given.error()};
    const auto now = clock_type::now();
    times.push_back(microseconds(now - last).count());
    last = now;
  }
  return times;
}

int report(std::vector<double> times, double seconds) {
  std::sort(times.begin(), times.end());
  const auto at = [&times](size_t percent) {
    return times[(times.size() - 1) * percent / 100];
  };
  std::printf("reservations_per_s=%.0f median_us=%.2f p99_us=%.2f\n",
              static_cast<double>(times.size()) / seconds, at(50), at(99));
  return EXIT_SUCCESS;
}

int fail_with(const error& reason) {
  std::fprintf(stderr, "store_rate: %s\n", to_string(reason).c_str());
  return EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) {
    std::fputs("usage: store_rate ENGINE FOLDER SECONDS [DSN]\n", stderr);
    return 2;
  }
  const auto seconds = std::strtod(argv[3], nullptr);
  auto store = open(argv[1], argv[2], argc == 5 ? argv[4] : "");
  if (!store)
    return fail_with(store.error());
  auto times = measure(**store, seconds);
  if (!times)
    return fail_with(times.error());
  return report(std::move(*times), seconds);
}
