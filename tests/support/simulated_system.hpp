// An actor system whose scheduler and clock the test drives: nothing runs, and
// no time passes, unless the test says so. A base for fixtures.
#pragma once

#include "actors/cluster/messages.hpp"

#include <caf/actor_clock.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/execution_unit.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace intd::test {

/// What came back from a request.
template <class T>
struct reply {
  /// How many answers came, however they read: 1 once it is answered.
  size_t answers = 0;
  std::optional<T> value;
  error failure;
};

template <class T>
using reply_ptr = std::shared_ptr<reply<T>>;

/// Asks one question and counts every answer, also those that CAF would drop
/// as answered before.
class asker : public caf::event_based_actor {
public:
  asker(caf::actor_config& cfg, std::function<void(asker*)> ask,
        std::function<void()> count)
    : caf::event_based_actor(cfg),
      ask_(std::move(ask)),
      count_(std::move(count)) {
    // nop
  }

  using caf::event_based_actor::enqueue;

  void enqueue(caf::mailbox_element_ptr item,
               caf::execution_unit* host) override {
    if (item->mid.is_response())
      count_();
    caf::event_based_actor::enqueue(std::move(item), host);
  }

  caf::behavior make_behavior() override {
    ask_(this);
    return {};
  }

private:
  std::function<void(asker*)> ask_;
  std::function<void()> count_;
};

struct simulated_config : caf::actor_system_config {
  simulated_config() {
    add_cluster_messages(*this);
    set("scheduler.policy", caf::atom("testing"));
    set("logger.file-verbosity", caf::atom("quiet"));
    set("logger.console-verbosity", caf::atom("quiet"));
  }
};

class simulated_system {
public:
  using time_point = caf::actor_clock::time_point;

  /// How many messages may be handled before nothing is left to do.
  static constexpr size_t settle_max = 1'000'000;

  simulated_system()
    : sched(dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler())) {
    sched.clock().current_time += std::chrono::hours{1};
  }

  simulated_system(const simulated_system&) = delete;
  simulated_system& operator=(const simulated_system&) = delete;

  ~simulated_system() {
    settle();
  }

  [[nodiscard]] time_point now() const {
    return sched.clock().now();
  }

  /// Handles messages until none is left; no time passes.
  void settle() {
    size_t handled = 0;
    while (sched.try_run_once())
      if (++handled == settle_max)
        BOOST_FAIL("the actors do not come to rest");
  }

  /// Lets time pass in steps of 1 ms, handling what becomes due on the way.
  void advance(std::chrono::milliseconds x) {
    settle();
    for (; x.count() > 0; --x) {
      if (sched.clock().advance_time(std::chrono::milliseconds{1}) > 0)
        settle();
    }
  }

  /// Ends an actor, whatever it is doing.
  template <class Handle>
  void kill(const Handle& x) {
    caf::anon_send_exit(x, caf::exit_reason::kill);
    settle();
  }

  /// Asks without waiting: the answer, a `T`, is there once the actors have
  /// settled.
  template <class T, class Handle, class... Ts>
  reply_ptr<T> ask(const Handle& whom, Ts... xs) {
    auto result = std::make_shared<reply<T>>();
    sys.spawn<asker>(
      [result, whom, xs...](asker* self) {
        self->request(whom, caf::infinite, xs...)
          .then(
            [result](const T& value) {
              result->value = value;
            },
            [result](const caf::error& reason) {
              result->failure = from_caf(reason);
            });
      },
      [result] {
        ++result->answers;
      });
    return result;
  }

  simulated_config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched;
};

} // namespace intd::test
