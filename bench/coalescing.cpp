// Router and engine actor as a node runs them, on real threads: a client on the
// event loop keeps some requests in flight, the engine counts its round trips.
// Tells requests per second and how many of them shared a round trip.
#include "actors/engine_actor.hpp"
#include "actors/event_loop.hpp"
#include "actors/router.hpp"

#include <benchmark/benchmark.h>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace {

using namespace intd;

struct config : caf::actor_system_config {
  config() {
    add_messages(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

using latency = std::chrono::microseconds;

// Counts up; takes as long as a store would.
class counter : public engine {
public:
  counter(std::atomic<int64_t>* round_trips, latency x)
    : round_trips_(round_trips), latency_(x) {
    // nop
  }

  result<run> reserve(const sequence& what, int64_t count) override {
    ++*round_trips_;
    if (latency_.count() > 0)
      std::this_thread::sleep_for(latency_);
    auto given = take(what.stripe, last_, count);
    if (!given)
      return fail(ec::exhausted, what.key);
    last_ = last_of(*given);
    return *given;
  }

  result<int64_t> last(const sequence&) override {
    return last_;
  }

  result<void> set_last(const sequence&, int64_t value) override {
    last_ = std::max(last_, value);
    return {};
  }

  result<std::string> identity() override {
    return std::string{"counter"};
  }

  result<void> close() override {
    return {};
  }

  std::string_view name() const override {
    return "counter";
  }

  durability durable() const override {
    return durability::forgets;
  }

private:
  std::atomic<int64_t>* round_trips_;
  latency latency_;
  int64_t last_ = 0;
};

supervisor_actor::behavior_type announcer(supervisor_actor::pointer self,
                                          const router_actor& router,
                                          std::promise<void>* announced) {
  return {
    [self, router, announced](opened_atom) {
      auto engine = caf::actor_cast<engine_actor>(self->current_sender());
      self->send(router, up_atom_v, "counter", stripe{1, 1}, engine);
      announced->set_value();
    },
    [](proven_atom) {},
    [](restart_atom) {},
    [](drain_atom) {
      return caf::ok_atom_v;
    },
  };
}

class client_state {
public:
  using pointer
    = caf::stateful_actor<client_state, on_loop<caf::event_based_actor>>*;

  explicit client_state(pointer self) : self_(self) {
    // nop
  }

  void init(router_actor router) {
    router_ = std::move(router);
  }

  // Answers with the number of failures once all were answered.
  caf::result<int64_t> begin(int64_t in_flight, int64_t requests) {
    done_ = self_->make_response_promise<int64_t>();
    to_send_ = requests;
    to_receive_ = requests;
    failures_ = 0;
    while (in_flight-- > 0)
      ask();
    return done_;
  }

private:
  void ask() {
    if (to_send_ == 0)
      return;
    --to_send_;
    self_
      ->request(router_, caf::infinite, reserve_atom_v, "integers", int64_t{1})
      .then(
        [this](const reserved&) {
          answered();
        },
        [this](const caf::error&) {
          ++failures_;
          answered();
        });
  }

  void answered() {
    ask();
    if (--to_receive_ == 0)
      done_.deliver(failures_);
  }

  pointer self_;
  router_actor router_;
  caf::typed_response_promise<int64_t> done_;
  int64_t to_send_ = 0;
  int64_t to_receive_ = 0;
  int64_t failures_ = 0;
};

caf::behavior client(client_state::pointer self, router_actor router) {
  self->state.init(std::move(router));
  return {[self](int64_t in_flight, int64_t requests) {
    return self->state.begin(in_flight, requests);
  }};
}

// A loop on its own thread, the router on it, the engine actor on another.
class core {
public:
  explicit core(latency x) {
    engine_actor_options options;
    options.open = [this, x]() -> result<engine_ptr> {
      return std::make_unique<counter>(&round_trips, x);
    };
    std::promise<void> announced;
    announcer_ = system.spawn(announcer, router_, &announced);
    owner_ = system.spawn<caf::detached>(own_engine, options, announcer_);
    announced.get_future().wait();
  }

  core(const core&) = delete;
  core& operator=(const core&) = delete;

  ~core() {
    caf::anon_send_exit(asks, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(owner_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(announcer_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(router_, caf::exit_reason::user_shutdown);
    system.await_all_actors_done();
    loop_.stop();
    thread_.join();
  }

private:
  config config_;

public:
  caf::actor_system system{config_};
  std::atomic<int64_t> round_trips{0};

private:
  event_loop loop_{system};
  std::thread thread_{[this] {
    loop_.run();
  }};
  router_actor router_ = spawn_on(loop_, router, router_options{});
  supervisor_actor announcer_;
  engine_actor owner_;

public:
  caf::actor asks = spawn_on(loop_, client, router_);
};

// Requests in flight, and the store's round trip in microseconds.
void mints(benchmark::State& state) {
  constexpr int64_t requests = 2'000;
  core node{latency{state.range(1)}};
  {
    caf::scoped_actor self{node.system};
    while (state.KeepRunning())
      self->request(node.asks, caf::infinite, state.range(0), requests)
        .receive(
          [&state](int64_t failures) {
            if (failures > 0)
              state.SkipWithError("a request failed");
          },
          [&state](const caf::error&) {
            state.SkipWithError("the client failed");
          });
  }
  auto served = state.iterations() * requests;
  state.SetItemsProcessed(served);
  state.counters["requests/round_trip"]
    = static_cast<double>(served) / static_cast<double>(node.round_trips);
}
BENCHMARK(mints)
  ->ArgNames({"in_flight", "round_trip_us"})
  ->ArgsProduct({{1, 100, 500}, {0, 200}})
  ->MeasureProcessCPUTime()
  ->UseRealTime();

} // namespace
