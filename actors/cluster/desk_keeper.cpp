#include "actors/cluster/desk_keeper.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/io/middleman.hpp>
#include <caf/spawn_options.hpp>
#include <caf/system_messages.hpp>
#include <spdlog/spdlog.h>

#include <utility>

namespace intd {

namespace {

// CAF's network layer answers these on this machine, from memory.
constexpr std::chrono::seconds network_timeout{5};

} // namespace

desk_keeper_state::desk_keeper_state(pointer self)
  : self_(self),
    backoff_(std::chrono::milliseconds{1}, std::chrono::milliseconds{1}, 0) {
  // nop
}

desk_keeper_state::~desk_keeper_state() {
  if (desk_)
    self_->send_exit(desk_, caf::exit_reason::kill);
  const auto reason
    = to_caf({ec::unavailable, "the keeper of the actor port was stopped"});
  for (auto& x : wait_up_)
    x.deliver(reason);
  for (auto& x : wait_drained_)
    x.deliver(reason);
}

void desk_keeper_state::init(desk_keeper_options options, router_actor router,
                             cluster_actor cluster) {
  options_ = std::move(options);
  router_ = std::move(router);
  cluster_ = std::move(cluster);
  network_ = self_->system().middleman().actor_handle();
  backoff_ = backoff{options_.backoff_min, options_.backoff_max, options_.seed};
  self_->set_down_handler([this](const caf::down_msg& msg) {
    if (desk_ && msg.source == desk_.address())
      gone(msg.reason);
  });
  publish();
}

desk_keeper_actor::behavior_type desk_keeper_state::make_behavior() {
  return {
    [this](up_atom) {
      return up();
    },
    [this](restart_atom) {
      restart();
    },
    [this](drain_atom) {
      return drain();
    },
  };
}

caf::result<uint16_t> desk_keeper_state::up() {
  if (port_ != 0)
    return port_;
  if (refused_)
    return to_caf(*refused_);
  wait_up_.push_back(self_->make_response_promise<uint16_t>());
  return caf::delegated<uint16_t>{}; // By the promise.
}

void desk_keeper_state::publish() {
  desk_ = self_->spawn<caf::monitored>(desk, options_.desk, router_, cluster_);
  self_
    ->request(network_, network_timeout, caf::publish_atom_v,
              port_ != 0 ? port_ : options_.listen.port,
              caf::actor_cast<caf::strong_actor_ptr>(desk_),
              self_->system().message_types<node_actor>(), options_.listen.host,
              true)
    .then(
      [this](uint16_t port) {
        published(port);
      },
      [this](const caf::error& reason) {
        failed(reason);
      });
}

void desk_keeper_state::published(uint16_t port) {
  port_ = port;
  since_ = self_->clock().now();
  for (auto& x : std::exchange(wait_up_, {}))
    x.deliver(port);
  if (draining_)
    close_port();
}

// At first it is the configuration that is wrong, and the node may ask before
// or after that is known; later, somebody took the port while it was closed, or
// the machine is short of something.
void desk_keeper_state::failed(const caf::error& reason) {
  const error why{ec::unavailable,
                  "cannot listen on " + to_string(options_.listen)
                    + " for actors: " + caf::to_string(reason)
                    + "; is the port taken?"};
  if (auto unused = std::exchange(desk_, nullptr))
    self_->send_exit(unused, caf::exit_reason::kill);
  if (port_ != 0) {
    spdlog::warn("{}; trying on", why.context);
    retry();
    return;
  }
  refused_ = why;
  for (auto& x : std::exchange(wait_up_, {}))
    x.deliver(to_caf(why));
}

void desk_keeper_state::gone(const caf::error& reason) {
  desk_ = nullptr;
  if (draining_) {
    for (auto& x : std::exchange(wait_drained_, {}))
      x.deliver(caf::ok_atom_v);
    self_->quit();
    return;
  }
  spdlog::warn("somebody ended what the actor port {} publishes ({}); it is "
               "published anew",
               port_, caf::to_string(reason));
  if (self_->clock().now() - since_ > options_.quiet)
    backoff_.reset();
  // A published actor cannot be replaced: its port is closed first.
  self_->request(network_, network_timeout, caf::close_atom_v, port_)
    .then(
      [this] {
        retry();
      },
      [this](const caf::error&) {
        retry();
      });
}

void desk_keeper_state::retry() {
  self_->delayed_send(self_, backoff_.next(), restart_atom_v);
}

void desk_keeper_state::restart() {
  if (!desk_ && !draining_)
    publish();
}

caf::result<caf::ok_atom> desk_keeper_state::drain() {
  draining_ = true;
  if (!desk_) {
    self_->quit();
    return caf::ok_atom_v;
  }
  wait_drained_.push_back(self_->make_response_promise<caf::ok_atom>());
  close_port();
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

// Nobody new comes in; those who are there see the desk go once it has answered
// them.
void desk_keeper_state::close_port() {
  if (port_ == 0)
    return;
  auto end = [this] {
    if (desk_)
      self_->send_exit(desk_, caf::exit_reason::user_shutdown);
  };
  self_->request(network_, network_timeout, caf::close_atom_v, port_)
    .then(end, [end](const caf::error&) {
      end();
    });
}

desk_keeper_actor::behavior_type desk_keeper(desk_keeper_state::pointer self,
                                             desk_keeper_options options,
                                             router_actor router,
                                             cluster_actor cluster) {
  self->state.init(std::move(options), std::move(router), std::move(cluster));
  return self->state.make_behavior();
}

} // namespace intd
