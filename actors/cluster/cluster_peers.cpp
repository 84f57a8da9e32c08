// What cluster.hpp says to the other nodes, and hears from them.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/cluster.hpp"

#include <caf/actor_clock.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace intd {

namespace {

// Of one report: more are told in the next.
constexpr size_t marks_per_report = 1'000;

bool mints(const node_report& x) {
  return std::any_of(x.stripes.begin(), x.stripes.end(), [](const auto& its) {
    return its.healthy;
  });
}

} // namespace

// -- what this node says ------------------------------------------------------

void cluster_state::dial() {
  const auto now = self_->clock().now();
  for (auto* x : members_->due(now))
    self_->request(dialer_, caf::infinite, dial_atom_v, x->address)
      .then(
        [this, address = x->address](const node_actor& handle) {
          auto* found = members_->find_contact(address);
          if (found == nullptr)
            return;
          auto& at = *found;
          members_->reached(at, handle);
          self_->monitor(handle);
          ping(at);
        },
        [this, address = x->address](const caf::error& reason) {
          members_->missed(*members_->find_contact(address),
                           from_caf(reason).context, self_->clock().now());
        });
}

void cluster_state::ping_all() {
  for (auto& x : members_->contacts())
    if (x.handle && !x.pinged)
      ping(x);
}

void cluster_state::ping(contact& x) {
  x.pinged = self_->clock().now();
  self_->request(x.handle, options_.peer_timeout, ping_atom_v, report_for(x.id))
    .then(
      [this, address = x.address](const node_report& from) {
        heard_answer(address, from);
      },
      [this, address = x.address](const caf::error& reason) {
        ping_failed(address, from_caf(reason));
      });
}

node_report cluster_state::report_for(const std::string& id) {
  node_report x;
  x.id = options_.id;
  x.name = options_.name;
  x.cluster = options_.cluster;
  x.boot = options_.boot;
  x.version = options_.version;
  x.address = options_.address;
  x.draining = draining_;
  x.stripes = owned_->held();
  for (auto& it : x.stripes) {
    const auto& own = engines_[it.engine];
    it.healthy = own.owner != nullptr && it.reason.empty();
    if (it.reason.empty())
      it.reason = own.reason;
    it.given = own.given;
    it.desk = own.desk;
  }
  x.gifts = owned_->gifts();
  x.spares = owned_->spares();
  for (const auto& at : members_->contacts())
    x.peers.push_back(at.address);
  if (!id.empty()) {
    x.remembered = owned_->remembered(id);
    tell_marks(x, id);
  }
  return x;
}

void cluster_state::tell_marks(node_report& into, const std::string& id) {
  const auto i = members_->members().find(id);
  uint64_t heard = 0;
  if (i != members_->members().end()) {
    const auto& its = i->second.report;
    if (its.heard_boot == options_.boot)
      heard = its.marks_heard;
    into.marks_heard = i->second.marks_heard;
    into.heard_boot = its.boot;
  }
  into.marks_told = heard;
  for (auto& [number, engine, mark] : marks_.since(heard, marks_per_report)) {
    if (auto* its = find(into.stripes, engine))
      its->marks.push_back(std::move(mark));
    into.marks_told = number;
  }
}

void cluster_state::heard_answer(const std::string& address,
                                 const node_report& from) {
  auto* found = members_->find_contact(address);
  if (found == nullptr)
    return;
  auto& at = *found;
  at.pinged.reset();
  at.pause.reset();
  at.id = from.id;
  if (from.id != options_.id) {
    hear(from);
    for (const auto& [engine, x] : engines_)
      owned_->lift(engine, "twin");
    return;
  }
  if (from.boot == options_.boot)
    return members_->missed(at, "it is this node itself", self_->clock().now());
  if (gives_way_to(from))
    refuse_as_twin("node " + options_.id + " runs at " + address + " already");
}

void cluster_state::ping_failed(const std::string& address,
                                const error& reason) {
  auto* found = members_->find_contact(address);
  if (found == nullptr)
    return;
  auto& at = *found;
  at.pinged.reset();
  at.reason = reason.context;
  if (reason.code == ec::in_use)
    refuse_as_twin(reason.context);
}

// -- what this node hears -----------------------------------------------------

caf::result<node_report> cluster_state::ping(node_report& from) {
  if (!from.cluster.empty() && !options_.cluster.empty()
      && from.cluster != options_.cluster)
    return to_caf({ec::wrong_owner,
                   "this is a node of the cluster " + options_.cluster
                     + ", not of " + from.cluster});
  if (from.id == options_.id) {
    if (from.boot != options_.boot && !gives_way_to(from))
      return to_caf({ec::in_use,
                     "node " + options_.id + " is running already, at "
                       + options_.address
                       + ": two processes have one identity; give the copied "
                         "one a new state directory"});
    if (from.boot != options_.boot)
      refuse_as_twin("node " + options_.id + " runs at " + from.address
                     + " already");
    return report_for({});
  }
  if (!hear(from))
    return to_caf({ec::in_use,
                   "node " + from.id
                     + " is running already: two processes have one identity; "
                       "give the copied one a new state directory"});
  return report_for(from.id);
}

bool cluster_state::hear(const node_report& from) {
  const auto known = members_->members().find(from.id);
  const bool news = known == members_->members().end() || !known->second.alive;
  if (members_->hear(from, self_->clock().now()) == membership::verdict::twin)
    return false;
  begin_ticks();
  auto& x = members_->members().at(from.id);
  if (news)
    spdlog::info("cluster: node {} is there ({}{})", x.label, from.id,
                 from.address.empty() ? "" : ", " + from.address);
  stop(owned_->recall(from.remembered));
  stop(owned_->hear(from));
  announce(x);
  witnessed_ = true;
  if (std::exchange(unwitnessed_, false))
    reopen();
  return true;
}

// Of two processes with one identity, the one that mints stays.
bool cluster_state::gives_way_to(const node_report& twin) {
  const auto own = report_for({});
  return mints(own) == mints(twin) ? own.boot > twin.boot : mints(twin);
}

void cluster_state::refuse_as_twin(const std::string& reason) {
  ownership::reasons all;
  for (const auto& [engine, x] : engines_) {
    owned_->refuse(engine, "twin", reason);
    all.emplace(engine, reason);
  }
  stop(all);
}

caf::result<caf::ok_atom> cluster_state::claim(const node_report& from) {
  if (auto done = owned_->consent(from); !done)
    return to_caf(done.error());
  return caf::ok_atom_v;
}

// The same request finds its gift again; spares go before anything is split.
caf::result<gift> cluster_state::split(const split_request& to) {
  if (auto before = owned_->given(to.request))
    return *before;
  auto spare = owned_->give_spare(to);
  if (!spare)
    return to_caf(spare.error());
  if (*spare)
    return **spare;
  const auto wider = [](const held_stripe& a, const held_stripe& b) {
    return std::pair{a.stripe.increment, a.stripe.offset}
    < std::pair{b.stripe.increment, b.stripe.offset};
  };
  const auto own = report_for({});
  std::optional<held_stripe> widest;
  node_actor whose;
  for (const auto& x : own.stripes)
    if (x.healthy && x.splits && (!widest || wider(x, *widest)))
      widest = x;
  if (!to.passed_on)
    for (const auto& [id, other] : members_->members())
      for (const auto& x : other.report.stripes)
        if (other.alive && x.healthy && x.splits && id != to.id
            && members_->reach(id) && (!widest || wider(x, *widest))) {
          widest = x;
          whose = members_->reach(id);
        }
  if (!widest)
    return to_caf({ec::unavailable,
                   "no stripe here can be split: none is open and this "
                   "cluster's alone"});
  if (!whose)
    return split_own(widest->engine, to);
  auto passed_on = to;
  passed_on.passed_on = true;
  return self_->delegate(whose, split_atom_v, std::move(passed_on));
}

caf::result<gift> cluster_state::split_own(const std::string& engine,
                                           const split_request& to) {
  auto promise = self_->make_response_promise<gift>();
  self_
    ->request(engines_[engine].owner, options_.peer_timeout, split_atom_v, to)
    .then(
      [this, promise, engine](gift& x) mutable {
        spdlog::info("cluster: engine {} gave {} to node {}", engine,
                     to_string(x.stripe), x.to);
        if (const auto held = owned_->held(); engines_[engine].owner)
          self_->send(router_, up_atom_v, engine, find(held, engine)->stripe,
                      engine_actor{engines_[engine].owner});
        promise.deliver(std::move(x));
      },
      [promise](caf::error& reason) mutable {
        promise.deliver(std::move(reason));
      });
  return caf::delegated<gift>{}; // By the promise.
}

caf::result<caf::ok_atom> cluster_state::hand(const gift& x) {
  if (auto done = owned_->keep_spare(x); !done)
    return to_caf(done.error());
  return caf::ok_atom_v;
}

caf::result<caf::ok_atom>
cluster_state::bury(const std::vector<testimony>& dead) {
  if (auto done = owned_->bury(dead); !done)
    return to_caf(done.error());
  return caf::ok_atom_v;
}

} // namespace intd
