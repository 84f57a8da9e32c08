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

caf::result<caf::ok_atom>
cluster_state::adopt(const std::set<std::string>& nodes, int64_t above) {
  std::set<std::string> dead;
  for (const auto& who : nodes) {
    auto id = id_of(who);
    if (!id)
      return to_caf(id.error());
    dead.insert(std::move(*id));
  }
  if (auto why = objection_to_burial(dead))
    return to_caf({ec::wrong_owner, *why});
  auto theirs = owned_->to_adopt(dead);
  if (!theirs)
    return to_caf(theirs.error());
  bury_everywhere(std::make_shared<adoption>(
    adoption{self_->make_response_promise<caf::ok_atom>(), std::move(dead),
             std::move(*theirs), above, 0}));
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

// All nodes that were ever heard of, now or before this process began, by id.
std::map<std::string, std::string> cluster_state::ever_heard_of() const {
  auto all = owned_->others();
  for (const auto& [id, x] : members_->members())
    all[id] = x.report.name;
  return all;
}

result<std::string> cluster_state::id_of(const std::string& who) const {
  if (owned_->receivers().count(who) > 0)
    return who;
  std::vector<std::string> found;
  for (const auto& [id, known_as] : ever_heard_of()) {
    if (id == who)
      return id;
    if (known_as == who)
      found.push_back(id);
  }
  if (found.size() == 1)
    return found.front();
  if (found.empty() && (who == options_.id || who == options_.name))
    return fail(ec::wrong_owner,
                described(options_.id, options_.name)
                  + " is the one that is asked; it can leave");
  return fail(ec::wrong_owner,
              found.empty()
                ? "no node \"" + who + "\" is known here"
                : "there are several nodes \"" + who + "\"; give the id");
}

// Any node beside the dead may have got a part of what they had.
std::optional<std::string>
cluster_state::objection_to_burial(const std::set<std::string>& dead) const {
  for (const auto& [id, known_as] : ever_heard_of()) {
    const auto known = members_->members().find(id);
    const bool met = known != members_->members().end();
    const bool alive = met && known->second.alive;
    if (alive == (dead.count(id) == 0))
      continue;
    if (alive)
      return described(id, known_as) + " is alive; it can leave by itself";
    return described(id, known_as)
      + (met ? " is not there (" + known->second.reason + ")"
             : " was not met yet")
      + ", so that it cannot be asked whether it got a part of a stripe; is it "
        "dead too? Then name it with the others";
  }
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
    self_
      ->request(peer, options_.peer_timeout, adopt_atom_v, x->dead, x->theirs)
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
  if (auto done = owned_->adopt(x.theirs, x.above); !done)
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
