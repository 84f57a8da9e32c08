#include "actors/cluster/cluster.hpp"

#include "actors/cluster/claims.hpp"
#include "actors/cluster/engine_desk.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_clock.hpp>
#include <caf/system_messages.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace intd {

namespace {

// What was heard is written once in so many pings.
constexpr uint64_t ticks_per_save = 4;

} // namespace

cluster_state::cluster_state(pointer self) : self_(self) {
  // nop
}

void cluster_state::init(cluster_options options,
                         std::shared_ptr<ownership> owned, router_actor router,
                         dialer_actor dialer) {
  options_ = std::move(options);
  owned_ = std::move(owned);
  router_ = std::move(router);
  dialer_ = std::move(dialer);
  started_ = self_->clock().now();
  restoring_ = options_.restored;
  members_ = std::make_unique<membership>(options_.members);
  members_->set_own(options_.address);
  for (const auto& address : options_.peers)
    members_->meet(address, true);
  for (const auto& address : owned_->addresses())
    members_->meet(address, false);
  for (const auto& x : owned_->held())
    engines_[x.engine].reason = "not open yet";
  self_->set_down_handler([this](const caf::down_msg& msg) {
    gone(msg.source);
  });
  tick();
}

cluster_actor::behavior_type cluster_state::make_behavior() {
  // clang-format off
  return {
    [this](reserve_atom, std::string& key, int64_t n) {
      return self_->delegate(router_, reserve_atom_v, std::move(key), n);
    },
    [this](last_atom, std::string& key) {
      return self_->delegate(router_, last_atom_v, std::move(key));
    },
    [this](ping_atom, node_report& x) { return ping(x); },
    [this](claim_atom, const node_report& x) { return claim(x); },
    [this](split_atom, const split_request& x) { return split(x); },
    [this](hand_atom, const sent_gift& x) { return hand(x); },
    [this](adopt_atom, const std::set<std::string>& x,
           const std::vector<testimony>& theirs) { return bury(x, theirs); },
    [this](status_atom) { return status(); },
    [this](join_atom, const std::string& x) { return join(x); },
    [this](leave_atom, const std::string& x) { return leave(x); },
    [this](split_atom, const std::string& x) { return make_spare(x); },
    [this](adopt_atom, const std::set<std::string>& x,
           int64_t above) { return adopt(x, above); },
    [this](waive_atom, const std::string& x) { return waive(x); },
    [this](drain_atom, bool on) { return drain(on); },
    [this](up_atom, const std::string& x, const stripe&,
           const owner_actor& y) { up(x, y); },
    [this](down_atom, const std::string& x,
           const std::string& why) { down(x, why); },
    [this](opened_atom, const std::string& x) { opened(x); },
    [this](tick_atom) { tick(); },
  };
  // clang-format on
}

// Where there is nobody to speak to and nothing to wait for, no timer runs.
bool cluster_state::at_rest() const {
  if (!members_->contacts().empty() || !members_->members().empty())
    return false;
  return std::all_of(engines_.begin(), engines_.end(), [this](const auto& x) {
    return owned_->need(x.first) == stripe_need::nothing;
  });
}

void cluster_state::begin_ticks() {
  if (!std::exchange(ticking_, true))
    self_->send(self_, tick_atom_v);
}

void cluster_state::tick() {
  dial();
  ask_marks();
  ping_all();
  suspect_silent();
  forget_accusers();
  seek_stripes();
  hand_over();
  keep_up();
  if (++ticks_ % ticks_per_save == 0)
    if (auto done = owned_->save(); !done)
      spdlog::error("cluster: {}", to_string(done.error()));
  ticking_ = !at_rest();
  if (ticking_)
    self_->delayed_send(self_, options_.ping_interval, tick_atom_v);
}

// -- engines of this node -----------------------------------------------------

void cluster_state::up(const std::string& engine, const owner_actor& owner) {
  auto& x = engines_[engine];
  x.owner = owner;
  x.supervisor = caf::actor_cast<supervisor_actor>(self_->current_sender());
  x.reason.clear();
  x.logged.clear();
  self_->monitor(owner);
  // Where no peer can come, none mints.
  if (options_.address.empty())
    return;
  open_desk(x);
  ping_all();
}

void cluster_state::open_desk(local_engine& x) {
  x.desk = self_->spawn(engine_desk, engine_actor{x.owner});
  self_->monitor(x.desk);
}

void cluster_state::opened(const std::string& address) {
  options_.address = address;
  members_->set_own(address);
  for (auto& [engine, x] : engines_)
    if (x.owner)
      open_desk(x);
}

void cluster_state::down(const std::string& engine, const std::string& reason) {
  auto& x = engines_[engine];
  x.owner = nullptr;
  x.desk = nullptr;
  x.supervisor = caf::actor_cast<supervisor_actor>(self_->current_sender());
  x.reason = reason;
}

// The supervisor looks again whether it may open the engine, or has to close
// it.
void cluster_state::wake(const std::string& engine) {
  if (const auto& x = engines_[engine].supervisor)
    self_->send(x, restart_atom_v);
}

void cluster_state::stop(const ownership::reasons& engines) {
  for (const auto& [engine, reason] : engines) {
    auto& x = engines_[engine];
    if (std::exchange(x.logged, reason) != reason)
      spdlog::error("cluster: engine {} does not mint: {}", engine, reason);
    x.reason = reason;
    wake(engine);
  }
}

void cluster_state::ask_marks() {
  for (auto& [engine, x] : engines_)
    if (x.owner)
      self_->request(x.owner, options_.peer_timeout, marks_atom_v)
        .then(
          [this, it = engine](const std::vector<key_mark>& changed) {
            noted(it, changed);
          },
          [](const caf::error&) {
            // Its supervisor hears of it, too.
          });
}

void cluster_state::noted(const std::string& engine,
                          const std::vector<key_mark>& changed) {
  const auto held = owned_->held();
  const auto* mine = find(held, engine);
  for (const auto& mark : changed)
    if (const auto before = marks_.last(engine, mark.key);
        before > 0 && mine != nullptr && valid(mine->stripe))
      engines_[engine].given += static_cast<uint64_t>(
        std::max(mark.last - before, int64_t{0}) / mine->stripe.increment);
  marks_.note(engine, changed);
}

// Integers of a striped cluster stay roughly in order only where no stripe
// lags.
void cluster_state::keep_up() {
  if (options_.max_drift == 0)
    return;
  for (const auto& [key, last] : owned_->furthest())
    for (const auto& [engine, x] : engines_) {
      const auto least = last - options_.max_drift;
      if (x.owner && marks_.last(engine, key) < least)
        self_->request(x.owner, options_.peer_timeout, raise_atom_v, key, least)
          .then([](caf::ok_atom) {}, [](const caf::error&) {});
    }
}

// -- those who are lost -------------------------------------------------------

void cluster_state::gone(const caf::actor_addr& source) {
  const auto now = self_->clock().now();
  for (auto& [engine, x] : engines_) {
    if (x.owner && x.owner.address() == source) {
      x.owner = nullptr;
      x.desk = nullptr;
      x.reason = "it is gone";
    } else if (x.owner && x.desk && x.desk.address() == source) {
      return open_desk(x);
    }
  }
  for (auto& x : members_->contacts())
    if (x.handle && x.handle.address() == source) {
      members_->missed(x, "the connection was lost", now);
      if (auto i = members_->members().find(x.id);
          i != members_->members().end())
        lose(i->second, "the connection was lost");
    }
  for (auto& [id, x] : members_->members())
    if (x.speaker == source) {
      x.speaker = nullptr;
      lose(x, "the connection was lost");
    }
  for (auto i = announced_.begin(); i != announced_.end();) {
    if (i->second.desk.address() != source) {
      ++i;
      continue;
    }
    self_->send(router_, down_atom_v, i->first, "it is gone");
    i = announced_.erase(i);
  }
}

void cluster_state::lose(member& x, const std::string& reason) {
  if (x.alive)
    spdlog::warn("cluster: node {} is not there: {}", x.label, reason);
  members_->lost(x, reason);
  announce(x);
}

void cluster_state::suspect_silent() {
  const auto after = std::to_string(options_.members.suspect_after.count());
  for (auto* x : members_->silent(self_->clock().now()))
    lose(*x, "nothing was heard of it for " + after + " ms");
}

// Tells the router what has changed of a peer's stripes.
void cluster_state::announce(const member& x) {
  for (const auto& its : x.report.stripes) {
    const auto stripe_name = x.label + "/" + its.engine;
    const auto told = announced_.find(stripe_name);
    if (x.alive && its.healthy && its.desk && !x.report.draining) {
      if (told != announced_.end() && told->second.desk == its.desk
          && told->second.stripe == its.stripe)
        continue;
      self_->monitor(its.desk);
      self_->send(router_, up_atom_v, stripe_name, its.stripe, its.desk);
      announced_[stripe_name] = its;
    } else if (told != announced_.end()) {
      self_->send(router_, down_atom_v, stripe_name,
                  !x.alive              ? x.reason
                    : x.report.draining ? "its node is being drained"
                                        : its.reason);
      announced_.erase(told);
    }
  }
}

cluster_actor::behavior_type cluster(cluster_state::pointer self,
                                     cluster_options options,
                                     std::shared_ptr<ownership> owned,
                                     router_actor router, dialer_actor dialer) {
  self->state.init(std::move(options), std::move(owned), std::move(router),
                   std::move(dialer));
  return self->state.make_behavior();
}

} // namespace intd
