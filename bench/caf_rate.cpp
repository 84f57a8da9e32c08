// Mints through the actor port of a node as CAF programs do, for some seconds,
// and prints one line: integers a second, requests a second.
//
//   caf_rate HOST:PORT MODE FLIGHT SECONDS
//
// MODE: `single` sends a message to the node for each integer; `next` asks a
// mint client in this process for one integer at a time, `blocks` for a
// hundred. FLIGHT requests are unanswered at any time, of 1 to 8 actors.
#include "actors/cluster/dialer.hpp"
#include "actors/mint_client/mint_client.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace intd;

constexpr int64_t block = 100;
constexpr size_t askers_max = 8;

struct config : caf::actor_system_config {
  config() {
    load_mint_client(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 2);
  }
};

struct tally {
  std::atomic<bool> stopping{false};
  std::atomic<int64_t> requests{0};
  std::atomic<int64_t> failures{0};
};

// Keeps `flight` requests in flight, until it is told to stop.
template <class Answer, class Whom, class... Question>
void keep_asking(caf::event_based_actor* self, tally* counts, const Whom& whom,
                 const Question&... question) {
  self->request(whom, caf::infinite, question...)
    .then(
      [self, counts, whom, question...](const Answer&) {
        counts->requests.fetch_add(1, std::memory_order_relaxed);
        if (!counts->stopping.load(std::memory_order_relaxed))
          keep_asking<Answer>(self, counts, whom, question...);
      },
      [counts](const caf::error&) {
        ++counts->failures;
      });
}

template <class Answer, class Whom, class... Question>
std::vector<caf::actor> spawn_askers(caf::actor_system& system, tally* counts,
                                     size_t flight, const Whom& whom,
                                     const Question&... question) {
  std::vector<caf::actor> all;
  auto askers = std::min(flight, askers_max);
  for (size_t i = 0; i < askers; ++i) {
    auto mine = flight / askers + (i < flight % askers ? 1 : 0);
    all.push_back(system.spawn(
      [counts, mine, whom, question...](caf::event_based_actor* self) {
        for (size_t n = 0; n < mine; ++n)
          keep_asking<Answer>(self, counts, whom, question...);
      }));
  }
  return all;
}

node_actor reach(caf::actor_system& system, const std::string& where) {
  node_actor found;
  caf::scoped_actor self{system};
  auto dials = system.spawn(dialer, dialer_options{});
  self->request(dials, std::chrono::seconds{10}, dial_atom_v, where)
    .receive(
      [&found](const node_actor& node) {
        found = node;
      },
      [](const caf::error& reason) {
        std::fprintf(stderr, "caf_rate: %s\n",
                     to_string(from_caf(reason)).c_str());
        std::exit(EXIT_FAILURE);
      });
  caf::anon_send_exit(dials, caf::exit_reason::user_shutdown);
  return found;
}

std::vector<caf::actor> start(caf::actor_system& system, tally* counts,
                              std::string_view mode, size_t flight,
                              const std::string& where,
                              const mint_client_actor& mint) {
  const std::string key = "integers";
  if (mode == "single")
    return spawn_askers<reserved>(system, counts, flight, reach(system, where),
                                  reserve_atom_v, key, int64_t{1});
  if (mode == "next")
    return spawn_askers<int64_t>(system, counts, flight, mint, next_atom_v,
                                 key);
  return spawn_askers<reserved>(system, counts, flight, mint, reserve_atom_v,
                                key, block);
}

// Counts over the middle of the time: what starts and what ends is left out.
double measure(tally& counts, std::chrono::duration<double> time) {
  using clock = std::chrono::steady_clock;
  std::this_thread::sleep_for(time / 4);
  const auto begin = clock::now();
  const auto before = counts.requests.load();
  std::this_thread::sleep_for(time);
  const auto done = counts.requests.load() - before;
  const std::chrono::duration<double> took = clock::now() - begin;
  return static_cast<double>(done) / took.count();
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr,
                 "caf_rate HOST:PORT single|next|blocks FLIGHT "
                 "SECONDS\n");
    return 2;
  }
  const std::string_view mode = argv[2];
  config cfg;
  caf::actor_system system{cfg};
  mint_client_options options;
  options.nodes = {argv[1]};
  auto mint = spawn_mint_client(system, options);
  if (!mint) {
    std::fprintf(stderr, "caf_rate: %s\n", to_string(mint.error()).c_str());
    return 1;
  }
  tally counts;
  auto askers
    = start(system, &counts, mode, std::stoul(argv[3]), argv[1], *mint);
  const auto rate
    = measure(counts, std::chrono::duration<double>{std::stod(argv[4])});
  counts.stopping = true;
  caf::scoped_actor self{system};
  for (const auto& x : askers)
    self->wait_for(x);
  caf::anon_send_exit(*mint, caf::exit_reason::user_shutdown);
  std::printf("%.0f %.0f\n", mode == "blocks" ? rate * block : rate, rate);
  return counts.failures > 0 ? 1 : 0;
}
