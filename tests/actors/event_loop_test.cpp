#include "actors/event_loop.hpp"

#include "tests/support/message_config.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <ctime>
#include <future>
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
  explicit fixture(std::chrono::microseconds spin = {}) : loop{system, spin} {
  }

  ~fixture() {
    loop.stop();
    thread.join();
  }

  test::message_config cfg;
  caf::actor_system system{cfg};
  event_loop loop;
  std::thread thread{[this] {
    loop.run();
  }};
};

struct looking_out : fixture {
  static constexpr std::chrono::milliseconds spin{1};

  looking_out() : fixture{spin} {
  }

  // What the loop's thread has worked, as it sees it itself.
  std::chrono::nanoseconds worked() {
    std::promise<timespec> told;
    boost::asio::post(loop.io(), [&told] {
      timespec now{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
      told.set_value(now);
    });
    const auto now = told.get_future().get();
    return std::chrono::seconds{now.tv_sec}
    + std::chrono::nanoseconds{now.tv_nsec};
  }

  // Comes back after `time` in which the loop had nothing to do.
  void idle(std::chrono::milliseconds time) {
    std::promise<void> over;
    boost::asio::steady_timer timer{loop.io(), time};
    timer.async_wait([&over](const boost::system::error_code&) {
      over.set_value();
    });
    over.get_future().get();
  }
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

BOOST_FIXTURE_TEST_CASE(a_loop_that_looks_out_serves_actors, looking_out) {
  auto bound = spawn_on(loop, count);
  caf::scoped_actor self{system};
  for (int64_t x = 1; x <= 1'000; ++x)
    self->request(bound, std::chrono::seconds{20}, int64_t{1})
      .receive(
        [x](int64_t sum) {
          BOOST_TEST(sum == x);
        },
        [](const caf::error&) {
          BOOST_ERROR("no answer");
        });
}

// What comes later than it may look out for is not looked out for.
BOOST_FIXTURE_TEST_CASE(a_loop_that_has_little_to_do_sleeps, looking_out) {
  const std::chrono::milliseconds pause{4};
  const int pauses = 200;
  const auto before = worked();
  for (int i = 0; i < pauses; ++i)
    idle(pause);
  BOOST_TEST((worked() - before < pauses * spin / 3));
}

BOOST_FIXTURE_TEST_CASE(a_loop_that_looks_out_sleeps_at_last, looking_out) {
  const std::chrono::milliseconds time{500};
  const auto before = worked();
  idle(time);
  BOOST_TEST((worked() - before < time / 4));
}
