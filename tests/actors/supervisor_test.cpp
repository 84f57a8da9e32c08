#include "actors/supervisor.hpp"
#include "tests/actors/scripted_engine.hpp"
#include "tests/support/simulated_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/system_messages.hpp>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

namespace {

// What the router would hear.
struct news {
  size_t ups = 0;
  stripe announced;
  engine_actor engine;
  std::vector<std::string> downs;
};

router_actor::behavior_type probe(router_actor::pointer, news* heard) {
  return {
    [](reserve_atom, const std::string&, int64_t) {
      return reserved{};
    },
    [](last_atom, const std::string&) {
      return int64_t{0};
    },
    [](raise_atom, const std::string&, int64_t) {
      return caf::ok_atom_v;
    },
    [heard](up_atom, const std::string& name, const stripe& x,
            const engine_actor& engine) {
      BOOST_TEST(name == "mine");
      ++heard->ups;
      heard->announced = x;
      heard->engine = engine;
    },
    [heard](down_atom, const std::string& name, const std::string& reason) {
      BOOST_TEST(name == "mine");
      heard->engine = nullptr;
      heard->downs.push_back(reason);
    },
    [](status_atom) {
      return router_status{};
    },
    [](sweep_atom) {},
  };
}

// Takes what is logged while it lives.
class captured_log {
public:
  captured_log() : former_(spdlog::default_logger()) {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "captured", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    spdlog::set_pattern("%l %v");
  }

  captured_log(const captured_log&) = delete;
  captured_log& operator=(const captured_log&) = delete;

  ~captured_log() {
    spdlog::set_default_logger(former_);
  }

  [[nodiscard]] size_t count(const std::string& what) const {
    size_t n = 0;
    auto text = text_.str();
    for (auto i = text.find(what); i != std::string::npos;
         i = text.find(what, i + 1))
      ++n;
    return n;
  }

private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> former_;
};

struct fixture : simulated_system {
  ~fixture() {
    kill(x);
    kill(router);
    heard.engine = nullptr;
  }

  void start() {
    supervisor_options options;
    options.engine = {"mine", {2, 3}, opener(store), 1'000};
    options.detached = false;
    options.backoff_min = milliseconds{100};
    options.backoff_max = milliseconds{1'600};
    options.drain_timeout = milliseconds{500};
    options.seed = 5;
    x = sys.spawn(supervisor, options, router, watcher_actor{});
    settle();
  }

  reply_ptr<reserved> reserve() {
    BOOST_REQUIRE(heard.engine);
    auto r = ask<reserved>(heard.engine, reserve_atom_v, std::string{"a"},
                           int64_t{1});
    settle();
    return r;
  }

  // How long it takes until the engine is opened once more.
  int64_t delay() {
    auto before = store->opens;
    int64_t ms = 0;
    while (store->opens == before && ms < 10'000) {
      advance(milliseconds{1});
      ++ms;
    }
    return ms;
  }

  captured_log log;
  scripted_store_ptr store = std::make_shared<scripted_store>();
  news heard;
  router_actor router = sys.spawn(probe, &heard);
  supervisor_actor x;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_tests, fixture)

BOOST_AUTO_TEST_CASE(an_engine_that_opens_is_announced) {
  start();
  BOOST_TEST(heard.ups == 1u);
  BOOST_TEST((heard.announced == stripe{2, 3}));
  BOOST_TEST(reserve()->value.has_value());
  BOOST_TEST(heard.downs.empty());
  BOOST_TEST(log.count("info supervisor: engine mine is open") == 1u);
}

BOOST_AUTO_TEST_CASE(an_engine_that_does_not_open_is_tried_again) {
  store->open_faults = {ec::unavailable, ec::in_use};
  start();
  BOOST_TEST(heard.ups == 0u);
  BOOST_TEST(
    (heard.downs == std::vector<std::string>{"unavailable: scripted open"}));
  auto first = delay();
  BOOST_TEST((first >= 50 && first <= 100));
  BOOST_TEST(heard.downs.back() == "in_use: scripted open");
  auto second = delay();
  BOOST_TEST((second >= 100 && second <= 200));
  BOOST_TEST(heard.ups == 1u);
  BOOST_TEST(reserve()->value.has_value());
}

BOOST_AUTO_TEST_CASE(an_engine_that_dies_is_opened_again) {
  start();
  store->faults = {{ec::timeout, true, false}};
  BOOST_TEST(!reserve()->value);
  BOOST_TEST(
    (heard.downs == std::vector<std::string>{"timeout: scripted fault"}));
  BOOST_TEST(store->destroyed == 1u);
  delay();
  BOOST_TEST(heard.ups == 2u);
  BOOST_TEST(reserve()->value.has_value());
}

BOOST_AUTO_TEST_CASE(an_engine_actor_that_is_killed_is_replaced) {
  start();
  kill(heard.engine);
  BOOST_TEST(heard.downs.size() == 1u);
  delay();
  BOOST_TEST(heard.ups == 2u);
  BOOST_TEST(reserve()->value.has_value());
}

BOOST_AUTO_TEST_CASE(the_delay_grows_until_a_reservation_succeeds) {
  // It opens each time and fails at the first reservation.
  start();
  for (int64_t step : {100, 200, 400, 800, 1'600, 1'600}) {
    store->faults = {{ec::unavailable, false, false}};
    reserve();
    auto waited = delay();
    BOOST_TEST(waited >= step / 2);
    BOOST_TEST(waited <= step);
  }
  BOOST_TEST(reserve()->value.has_value());
  store->faults = {{ec::unavailable, false, false}};
  reserve();
  BOOST_TEST(delay() <= 100);
}

BOOST_AUTO_TEST_CASE(one_reason_is_not_logged_at_every_retry) {
  store->open_faults.assign(20, ec::unavailable);
  store->open_faults.push_back(ec::in_use);
  start();
  advance(milliseconds{60'000});
  BOOST_TEST(store->open_faults.empty());
  BOOST_TEST(heard.downs.size() == 21u);
  BOOST_TEST(log.count("warning supervisor: engine mine is gone") == 2u);
  BOOST_TEST(log.count("in_use: scripted open") == 1u);
  BOOST_TEST(log.count("is open") == 1u);
}

BOOST_AUTO_TEST_CASE(a_reason_that_stays_is_logged_now_and_then) {
  store->open_faults.assign(250, ec::unavailable);
  start();
  while (!store->open_faults.empty())
    advance(milliseconds{1'600});
  BOOST_TEST(log.count("is gone") == 3u);
}

BOOST_AUTO_TEST_CASE(after_it_minted_the_same_reason_is_news) {
  start();
  for (int round = 0; round < 2; ++round) {
    BOOST_TEST(reserve()->value.has_value());
    store->faults = {{ec::unavailable, false, false}};
    reserve();
    delay();
  }
  BOOST_TEST(log.count("is gone") == 2u);
}

BOOST_AUTO_TEST_CASE(a_drain_closes_the_engine_and_ends_both) {
  start();
  auto waiting
    = ask<reserved>(heard.engine, reserve_atom_v, std::string{"a"}, int64_t{1});
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  auto again = ask<caf::ok_atom>(x, drain_atom_v);
  settle();
  BOOST_TEST(waiting->value.has_value());
  BOOST_TEST(drained->value.has_value());
  BOOST_TEST(again->value.has_value());
  BOOST_TEST(store->closes == 1u);
  BOOST_TEST((heard.downs == std::vector<std::string>{"drained"}));
  advance(milliseconds{10'000});
  BOOST_TEST(store->opens == 1u);
  auto late = ask<caf::ok_atom>(x, drain_atom_v);
  settle();
  BOOST_TEST(late->answers == 1u);
  BOOST_TEST(!late->value);
}

BOOST_AUTO_TEST_CASE(a_drain_between_two_starts_has_nothing_to_close) {
  store->open_faults = {ec::unavailable};
  start();
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  settle();
  BOOST_TEST(drained->value.has_value());
  advance(milliseconds{10'000});
  BOOST_TEST(store->opens == 1u);
  BOOST_TEST(store->closes == 0u);
}

BOOST_AUTO_TEST_CASE(a_drain_that_cannot_close_answers_the_reason) {
  start();
  store->close_fault = ec::unavailable;
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  settle();
  BOOST_TEST(drained->answers == 1u);
  BOOST_TEST((drained->failure == error{ec::unavailable, "scripted close"}));
  advance(milliseconds{10'000});
  BOOST_TEST(store->opens == 1u);
  BOOST_TEST(log.count("error supervisor: engine mine did not close") == 1u);
}

BOOST_AUTO_TEST_CASE(a_drain_that_meets_a_dead_engine_answers_why_it_died) {
  start();
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  sched.try_run_once(); // The question leaves, and the engine dies first.
  caf::anon_send(caf::actor_cast<caf::actor>(heard.engine),
                 caf::exit_msg{{}, to_caf({ec::corrupt, "torn"})});
  settle();
  BOOST_TEST(drained->answers == 1u);
  BOOST_TEST(!drained->value);
  BOOST_TEST((drained->failure == error{ec::corrupt, "torn"}));
  BOOST_TEST(store->closes == 0u);
  advance(milliseconds{10'000});
  BOOST_TEST(store->opens == 1u);
}

BOOST_AUTO_TEST_CASE(a_drain_that_hangs_ends_with_timeout) {
  start();
  auto drained = ask<caf::ok_atom>(x, drain_atom_v);
  sched.try_run_once(); // The question leaves.
  sched.try_run_once(); // The supervisor asks the engine actor, which hangs:
  auto hung = std::exchange(sched.jobs, {});
  advance(milliseconds{499});
  BOOST_TEST(drained->answers == 0u);
  advance(milliseconds{1});
  BOOST_TEST(drained->answers == 1u);
  BOOST_TEST(to_string(drained->failure.code) == "timeout");
  BOOST_TEST(drained->failure.context
             == "engine mine did not close within 500 ms");
  BOOST_TEST(heard.downs.size() == 1u);
  // Once it moves again it still closes.
  sched.jobs.insert(sched.jobs.end(), hung.begin(), hung.end());
  settle();
  BOOST_TEST(store->closes == 1u);
  BOOST_TEST(store->opens == 1u);
}

BOOST_AUTO_TEST_CASE(a_killed_supervisor_takes_its_engine_along) {
  start();
  auto engine = heard.engine;
  kill(x);
  BOOST_TEST(store->destroyed == 1u);
  auto late
    = ask<reserved>(engine, reserve_atom_v, std::string{"a"}, int64_t{1});
  settle();
  BOOST_TEST(!late->value);
  advance(milliseconds{10'000});
  BOOST_TEST(store->opens == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
