// The thread of the front ends: one loop waits for the sockets of all clients
// and runs the actors bound to it, so that a request goes from its socket
// through the front end to the router without changing threads. From the
// router on, an engine actor on a thread of its own takes over.
#pragma once

#include "engines/lookout.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/type_traits.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <utility>

namespace intd {

/// An Asio loop that CAF can run actors on, as it runs brokers on its own.
/// Outlives every actor that is bound to it.
class event_loop : public caf::execution_unit {
public:
  /// After whatever comes, the loop looks out for more, at most for `spin`,
  /// before it sleeps: who asks alone does not wait until it is awake again.
  explicit event_loop(caf::actor_system& system,
                      std::chrono::microseconds spin = {});

  [[nodiscard]] boost::asio::io_context& io() {
    return io_;
  }

  /// Serves sockets and actors on the calling thread until `stop`.
  void run();

  /// Ends `run`, from any thread.
  void stop();

  /// Runs `job` later on the loop's thread. Callable from any thread.
  void exec_later(caf::resumable* job) override;

private:
  lookout lookout_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    work_;
};

/// Makes an actor base whose messages are always handled on the loop it was
/// spawned on, whoever sent them. Spawned without a loop, it is an ordinary
/// scheduled actor: that is how tests run it on a simulated scheduler.
template <class Base>
class on_loop : public Base {
public:
  explicit on_loop(caf::actor_config& cfg)
    : Base(cfg), loop_(dynamic_cast<event_loop*>(cfg.host)) {
    // nop
  }

  using Base::enqueue;

  void enqueue(caf::mailbox_element_ptr item,
               caf::execution_unit* unit) override {
    Base::enqueue(std::move(item), loop_ != nullptr ? loop_ : unit);
  }

private:
  event_loop* loop_;
};

/// Spawns a function-based actor on `loop`. Its `self` is a pointer to an
/// `on_loop` actor.
template <class F, class... Ts>
auto spawn_on(event_loop& loop, F fun, Ts&&... xs) {
  caf::actor_config cfg{&loop};
  return loop.system().spawn_functor(caf::detail::bool_token<true>{}, cfg, fun,
                                     std::forward<Ts>(xs)...);
}

} // namespace intd
