#include "actors/supervisor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/spawn_options.hpp>
#include <caf/system_messages.hpp>

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

namespace intd {

namespace {

// A reason that comes again at each retry is logged this often.
constexpr int64_t repeats_per_line = 100;

} // namespace

supervisor_state::supervisor_state(pointer self)
  : self_(self),
    backoff_(std::chrono::milliseconds{1}, std::chrono::milliseconds{1}, 0) {
  // nop
}

supervisor_state::~supervisor_state() {
  for (auto& drain : drains_)
    drain.deliver(to_caf(
      {ec::unavailable,
       "the supervisor of engine " + options_.engine.name + " was stopped"}));
  // One that is being drained closes by itself, however late.
  if (engine_ && !draining_)
    self_->send_exit(engine_, caf::exit_reason::kill);
}

void supervisor_state::init(supervisor_options options, router_actor router,
                            watcher_actor cluster) {
  options_ = std::move(options);
  router_ = std::move(router);
  cluster_ = std::move(cluster);
  backoff_ = backoff{options_.backoff_min, options_.backoff_max, options_.seed};
  self_->set_down_handler([this](const caf::down_msg& msg) {
    if (engine_ && msg.source == engine_.address())
      gone(msg.reason);
  });
  start();
}

supervisor_actor::behavior_type supervisor_state::make_behavior() {
  return {
    [this](opened_atom) {
      opened();
    },
    [this](proven_atom) {
      proven();
    },
    [this](restart_atom) {
      restart();
    },
    [this](drain_atom) {
      return drain();
    },
  };
}

void supervisor_state::start() {
  if (options_.permit) {
    auto permitted = options_.permit();
    if (!permitted)
      return retry(permitted.error());
    options_.engine.stripe = *permitted;
  }
  auto me = caf::actor_cast<supervisor_actor>(self_);
  try {
    engine_ = options_.detached
      ? self_->spawn<caf::monitored + caf::detached>(own_engine,
                                                     options_.engine, me)
      : self_->spawn<caf::monitored>(own_engine, options_.engine, me);
  } catch (const std::exception& e) {
    // No thread could be made.
    retry({ec::unavailable, e.what()});
  }
}

void supervisor_state::opened() {
  if (!engine_ || draining_)
    return;
  if (!told_open_)
    spdlog::info("supervisor: engine {} is open, stripe {}",
                 options_.engine.name, to_string(options_.engine.stripe));
  told_open_ = true;
  const auto& x = options_.engine;
  self_->send(router_, up_atom_v, x.name, x.stripe, engine_actor{engine_});
  if (cluster_)
    self_->send(cluster_, up_atom_v, x.name, x.stripe, engine_);
}

void supervisor_state::proven() {
  backoff_.reset();
  if (repeats_ > 0)
    spdlog::info("supervisor: engine {} mints again", options_.engine.name);
  warned_.clear();
  repeats_ = 0;
}

// Told by the cluster, or by itself. An engine that may mint no longer closes
// cleanly, and its successor is asked for in vain.
void supervisor_state::restart() {
  if (draining_)
    return;
  if (!engine_)
    return start();
  if (options_.permit && !options_.permit())
    caf::anon_send(engine_, drain_atom_v);
}

void supervisor_state::gone(const caf::error& reason) {
  engine_ = nullptr;
  if (!draining_)
    return retry(from_caf(reason));
  // It went with an error before it could answer the drain.
  if (reason && reason != caf::exit_reason::normal)
    return finish(from_caf(reason));
  finish({});
}

void supervisor_state::retry(const error& reason) {
  auto text = to_string(reason);
  tell_down(text);
  warn_of(text);
  self_->delayed_send(self_, backoff_.next(), restart_atom_v);
}

void supervisor_state::tell_down(const std::string& reason) {
  self_->send(router_, down_atom_v, options_.engine.name, reason);
  if (cluster_)
    self_->send(cluster_, down_atom_v, options_.engine.name, reason);
}

void supervisor_state::warn_of(const std::string& reason) {
  if (reason == warned_ && ++repeats_ % repeats_per_line != 0)
    return;
  if (reason != warned_)
    repeats_ = 0;
  spdlog::warn("supervisor: engine {} is gone, opening it again: {}",
               options_.engine.name, reason);
  warned_ = reason;
  told_open_ = false;
}

caf::result<caf::ok_atom> supervisor_state::drain() {
  if (!draining_ && !engine_) {
    draining_ = true;
    self_->quit(); // Nothing is open, nothing to close.
    return caf::ok_atom_v;
  }
  drains_.push_back(self_->make_response_promise<caf::ok_atom>());
  if (std::exchange(draining_, true))
    return caf::delegated<caf::ok_atom>{};
  self_->request(engine_, options_.drain_timeout, drain_atom_v)
    .then(
      [this](caf::ok_atom) {
        finish({});
      },
      [this](caf::error& reason) {
        if (reason == caf::sec::request_receiver_down)
          return; // Gone before it could; the down message says why.
        if (reason == caf::sec::request_timeout)
          return finish(
            {ec::timeout,
             "engine " + options_.engine.name + " did not close within "
               + std::to_string(options_.drain_timeout.count()) + " ms"});
        finish(from_caf(reason));
      });
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

void supervisor_state::finish(const error& reason) {
  auto text = reason.code == ec::none ? "drained" : to_string(reason);
  if (reason.code == ec::none)
    spdlog::info("supervisor: engine {} is closed", options_.engine.name);
  else
    spdlog::error("supervisor: engine {} did not close cleanly: {}",
                  options_.engine.name, text);
  tell_down(text);
  for (auto& drain : std::exchange(drains_, {})) {
    if (reason.code == ec::none)
      drain.deliver(caf::ok_atom_v);
    else
      drain.deliver(to_caf(reason));
  }
  self_->quit();
}

supervisor_actor::behavior_type supervisor(supervisor_state::pointer self,
                                           supervisor_options options,
                                           router_actor router,
                                           watcher_actor cluster) {
  self->state.init(std::move(options), std::move(router), std::move(cluster));
  return self->state.make_behavior();
}

} // namespace intd
