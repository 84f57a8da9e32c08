#include "actors/event_loop.hpp"

#include "tests/support/message_config.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <thread>
#include <vector>

using namespace intd;

namespace {

struct counter_state {
  std::vector<std::thread::id> threads;
  int64_t sum = 0;
};

using counter
  = caf::stateful_actor<counter_state, on_loop<caf::event_based_actor>>;

caf::behavior count(counter* self) {
  return {
    [self](int64_t x) {
      self->state.threads.push_back(std::this_thread::get_id());
      return self->state.sum += x;
    },
    [self](caf::get_atom) {
      return self->state.threads
        == std::vector<std::thread::id>(self->state.threads.size(),
                                        std::this_thread::get_id());
    },
  };
}

struct fixture {
  ~fixture() {
    loop.stop();
    thread.join();
  }

  test::message_config cfg;
  caf::actor_system system{cfg};
  event_loop loop{system};
  std::thread thread{[this] {
    loop.run();
  }};
};

} // namespace

BOOST_FIXTURE_TEST_CASE(an_actor_on_the_loop_runs_on_its_thread_only, fixture) {
  auto bound = spawn_on(loop, count);
  // Detached and scheduled senders, all at once.
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i)
    senders.emplace_back([this, bound] {
      caf::scoped_actor self{system};
      for (int64_t x = 0; x < 1'000; ++x)
        self->send(bound, int64_t{1});
    });
  for (auto& x : senders)
    x.join();
  caf::scoped_actor self{system};
  auto timeout = std::chrono::seconds{20};
  self->request(bound, timeout, int64_t{0})
    .receive(
      [](int64_t sum) {
        BOOST_TEST(sum == 4'000);
      },
      [](const caf::error&) {
        BOOST_FAIL("no answer");
      });
  self->request(bound, timeout, caf::get_atom_v)
    .receive(
      [](bool same_thread) {
        BOOST_TEST(same_thread);
      },
      [](const caf::error&) {
        BOOST_FAIL("no answer");
      });
  self->send_exit(bound, caf::exit_reason::user_shutdown);
  self->wait_for(bound);
}
