#include "actors/cluster/dialer.hpp"

#include "actors/cluster/probe.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/io/middleman.hpp>
#include <caf/sec.hpp>
#include <caf/spawn_options.hpp>

#include <algorithm>
#include <utility>

namespace intd {

using std::chrono::milliseconds;

namespace {

// The probe ends by itself; this much later it is given up.
constexpr milliseconds slack{200};

} // namespace

dialer_state::~dialer_state() {
  const auto reason = to_caf({ec::unavailable, "the dialer was stopped"});
  for (auto& [id, x] : dials_)
    x.who.deliver(reason);
  for (auto& x : waiting_)
    x.who.deliver(reason);
}

void dialer_state::init(dialer_options options) {
  options_ = options;
  auto& system = self_->system();
  if (system.has_middleman())
    network_ = system.middleman().actor_handle();
}

dialer_actor::behavior_type dialer_state::make_behavior() {
  return {
    [this](dial_atom, const std::string& where) {
      return begin(where);
    },
  };
}

caf::result<node_actor> dialer_state::begin(const std::string& where) {
  auto address = parse_node_address(where);
  if (!address)
    return to_caf(address.error());
  if (address->port == 0)
    return to_caf({ec::invalid_dsn, "port 0 of " + where + " is nobody's"});
  if (!network_)
    return to_caf({ec::unavailable,
                   "this program has not loaded the network; call "
                   "load_network for its configuration, or set [actor] listen "
                   "for a node"});
  if (waiting_.size() >= options_.waiting_max)
    return to_caf(
      {ec::overloaded,
       std::to_string(waiting_.size()) + " addresses wait to be dialed"});
  waiting_.push_back(
    {std::move(*address), self_->make_response_promise<node_actor>(), {}, {}});
  begin_next();
  return caf::delegated<node_actor>{}; // By the promise.
}

void dialer_state::begin_next() {
  while (dials_.size() < options_.dials_max && !waiting_.empty()) {
    auto id = ++last_id_;
    auto& x = dials_.emplace(id, std::move(waiting_.front())).first->second;
    waiting_.pop_front();
    x.deadline = self_->clock().now() + options_.timeout;
    probe_it(id);
  }
}

void dialer_state::probe_it(uint64_t id) {
  const auto& x = dials_.at(id);
  auto prober = self_->spawn<caf::detached>(probe, options_.timeout);
  self_
    ->request(prober, options_.timeout + slack, dial_atom_v, x.where.host,
              x.where.port)
    .then(
      [this, id](const std::string& host) {
        dials_.at(id).host = host;
        connect(id);
      },
      [this, id](const caf::error& reason) {
        finish(id, from_caf(reason));
      });
}

void dialer_state::connect(uint64_t id) {
  const auto& x = dials_.at(id);
  self_->request(network_, left(x), caf::connect_atom_v, x.host, x.where.port)
    .then(
      [this, id](const caf::node_id& node, const caf::strong_actor_ptr& whom,
                 const std::set<std::string>& interface) {
        connected(id, node, whom, interface);
      },
      [this, id](const caf::error& reason) {
        not_connected(id, reason);
      });
}

void dialer_state::connected(uint64_t id, const caf::node_id& node,
                             const caf::strong_actor_ptr& whom,
                             const std::set<std::string>& interface) {
  auto& system = self_->system();
  if (node == system.node())
    return finish(id,
                  {ec::wrong_owner,
                   "that is this process itself, or a twin of it on a "
                   "cloned machine; give each machine an address of its "
                   "own on its network cards"});
  if (!whom)
    return finish(id, {ec::unavailable, "nothing is published there just now"});
  if (!system.assignable(interface, system.message_types<node_actor>()))
    return finish(id,
                  {ec::wrong_owner,
                   "another program's actor is published there; is this "
                   "the [actor] listen address of an intd of this "
                   "version?"});
  // CAF drops what is sent to it, without a word: it came from CAF's cache,
  // which has not heard of its end yet.
  if (whom->get()->getf(caf::abstract_actor::is_terminated_flag))
    return finish(
      id,
      {ec::unavailable, "what was published there has just ended; try again"});
  auto found = dials_.extract(id);
  found.mapped().who.deliver(caf::actor_cast<node_actor>(whom));
  begin_next();
}

void dialer_state::not_connected(uint64_t id, const caf::error& reason) {
  // CAF counts a fresh connection as silent since ever: its heartbeat may close
  // one in the very moment it begins.
  const auto cut = reason == caf::sec::connection_timeout;
  if (cut && left(dials_.at(id)) > milliseconds{1})
    return connect(id);
  if (cut || reason == caf::sec::request_timeout)
    return finish(id,
                  {ec::timeout,
                   "somebody takes connections there, but "
                   "does not answer as a node does"});
  finish(id,
         {ec::unavailable,
          "what answers there is no node: " + caf::to_string(reason)});
}

void dialer_state::finish(uint64_t id, error reason) {
  auto found = dials_.extract(id);
  auto& x = found.mapped();
  reason.context = to_string(x.where) + ": " + reason.context;
  x.who.deliver(to_caf(reason));
  begin_next();
}

milliseconds dialer_state::left(const dial& x) const {
  auto rest
    = std::chrono::ceil<milliseconds>(x.deadline - self_->clock().now());
  return std::max(rest, milliseconds{1});
}

dialer_actor::behavior_type dialer(dialer_state::pointer self,
                                   dialer_options options) {
  self->state.init(options);
  return self->state.make_behavior();
}

} // namespace intd
