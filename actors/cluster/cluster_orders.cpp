// What operators order of cluster.hpp, and what it tells them.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/cluster.hpp"

#include <caf/actor_clock.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace intd {

// Of a node at rest the last integers are as old as the last question.
cluster_status cluster_state::status() {
  if (!ticking_)
    ask_marks();
  cluster_status all;
  all.nodes.push_back({report_for({}), true, {}, 0});
  for (auto& it : all.nodes.back().report.stripes)
    for (const auto& [number, engine, mark] : marks_.since(0, SIZE_MAX))
      if (engine == it.engine)
        it.marks.push_back(mark);
  const auto now = self_->clock().now();
  for (const auto& [id, x] : members_->members()) {
    const auto silent
      = std::chrono::duration_cast<std::chrono::milliseconds>(now - x.heard);
    all.nodes.push_back({x.report, x.alive, x.reason, silent.count()});
    for (auto& it : all.nodes.back().report.stripes)
      for (const auto& known : owned_->remembered(id))
        if (known.engine == it.engine)
          it.marks = known.marks;
  }
  // Where nobody was met yet, the address says whom it is waited for.
  for (const auto& x : members_->contacts())
    if (x.id.empty()) {
      node_report unknown;
      unknown.address = x.address;
      all.nodes.push_back({std::move(unknown), false, x.reason, -1});
    }
  return all;
}

caf::result<caf::ok_atom> cluster_state::join(const std::string& address) {
  members_->meet(address, false);
  begin_ticks();
  return caf::ok_atom_v;
}

caf::result<caf::ok_atom> cluster_state::leave(const std::string& to) {
  auto* heir = to.empty() ? nullptr : members_->find_member(to);
  if (to.empty())
    for (auto& [id, x] : members_->members())
      if (heir == nullptr && x.alive && members_->reach(id))
        heir = &x;
  if (heir == nullptr || !heir->alive || !members_->reach(heir->report.id))
    return to_caf({ec::unavailable,
                   to.empty() ? "no peer is there to hand the stripes to"
                              : "no one node " + to
                       + " is there to hand the "
                         "stripes to"});
  leaving x{self_->make_response_promise<caf::ok_atom>(), {}};
  for (const auto& [engine, own] : engines_) {
    if (!own.owner)
      continue;
    const auto request = leave_request(options_.id, engine);
    x.requests.insert(request);
    self_
      ->request(own.owner, options_.peer_timeout, leave_atom_v,
                split_request{request, heir->report.id, heir->report.name,
                              engine, false})
      .then(
        [this](const gift&) {
          hand_over();
        },
        [this, it = engine, request](const caf::error& reason) {
          spdlog::error("cluster: engine {} is not handed over: {}", it,
                        to_string(from_caf(reason)));
          handed(request);
        });
  }
  if (x.requests.empty())
    return to_caf({ec::unavailable,
                   "no engine of this node is open, so nobody knows what its "
                   "stripes gave"});
  leavings_.push_back(std::move(x));
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

caf::result<caf::ok_atom> cluster_state::make_spare(const std::string& engine) {
  auto which = engine;
  if (const auto widest = widest_own(); which.empty() && widest)
    which = widest->engine;
  const auto x = engines_.find(which);
  if (!which.empty() && x == engines_.end())
    return to_caf({ec::wrong_owner, "this node has no engine " + which});
  if (x == engines_.end() || !x->second.owner)
    return to_caf({ec::unavailable,
                   which.empty()
                     ? "no engine of this node is open and may be split"
                     : "the engine " + which + " of this node is not open"});
  auto promise = self_->make_response_promise<caf::ok_atom>();
  split_own(which, {spare_request(), options_.id, options_.name, which, true},
            [promise](const result<gift>& given) mutable {
              if (given)
                promise.deliver(caf::ok_atom_v);
              else
                promise.deliver(to_caf(given.error()));
            });
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

caf::result<caf::ok_atom> cluster_state::adopt(const std::string& node,
                                               int64_t above) {
  auto* dead = members_->find_member(node);
  if (dead != nullptr && dead->alive)
    return to_caf(
      {ec::wrong_owner,
       "node " + dead->label + " is alive; it can leave by itself"});
  if (auto why = absent_beside(node))
    return to_caf({ec::wrong_owner,
                   *why
                     + ", so that it cannot be asked whether it got a part "
                       "of the stripe"});
  auto dying = owned_->to_adopt(dead == nullptr ? node : dead->report.id);
  if (!dying)
    return to_caf(dying.error());
  bury_everywhere(std::make_shared<adoption>(
    adoption{self_->make_response_promise<caf::ok_atom>(), std::move(*dying),
             above, 0}));
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

// Of all nodes that were ever heard of, now or before this process began.
std::optional<std::string>
cluster_state::absent_beside(const std::string& node) const {
  for (const auto& [id, x] : members_->members())
    if (id != node && x.report.name != node && !x.alive)
      return described(id, x.report.name) + " is not there: " + x.reason;
  for (const auto& [id, known_as] : owned_->others())
    if (id != node && known_as != node && members_->members().count(id) == 0)
      return described(id, known_as) + " was not met yet";
  return std::nullopt;
}

// The dead may ask any peer first, should it come back: all have to know before
// its stripes are given to anybody.
void cluster_state::bury_everywhere(const std::shared_ptr<adoption>& x) {
  std::vector<node_actor> peers;
  for (const auto& [id, other] : members_->members())
    if (other.alive)
      peers.push_back(members_->reach(id));
  x->unheard = peers.size();
  for (const auto& peer : peers) {
    if (!peer) {
      x->promise.deliver(
        to_caf({ec::unavailable, "a peer cannot be reached at present"}));
      return;
    }
    self_->request(peer, options_.peer_timeout, adopt_atom_v, x->dead)
      .then(
        [this, x](caf::ok_atom) {
          if (--x->unheard == 0)
            finish(*x);
        },
        [x](const caf::error& reason) {
          x->promise.deliver(to_caf({ec::unavailable,
                                     "nothing was adopted, a peer did not "
                                     "record it: "
                                       + from_caf(reason).context}));
        });
  }
  if (peers.empty())
    finish(*x);
}

void cluster_state::finish(adoption& x) {
  if (auto done = owned_->adopt(x.dead, x.above); !done)
    x.promise.deliver(to_caf(done.error()));
  else
    x.promise.deliver(caf::ok_atom_v);
}

caf::result<caf::ok_atom> cluster_state::waive(const std::string& address) {
  auto* x = members_->find_contact(address);
  if (x == nullptr)
    return to_caf({ec::unavailable, "no peer " + address + " is known here"});
  x->consents = true;
  x->waived = true;
  seek_stripes();
  return caf::ok_atom_v;
}

caf::result<caf::ok_atom> cluster_state::drain(bool on) {
  draining_ = on;
  ping_all();
  return caf::ok_atom_v;
}

} // namespace intd
