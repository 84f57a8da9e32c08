// How cluster.hpp gets the engines of this node their stripes, and lets go of
// them; and what operators order.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/cluster.hpp"

#include <caf/actor_clock.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace intd {

void cluster_state::seek_stripes() {
  for (const auto& [engine, x] : engines_) {
    if (x.asking)
      continue;
    switch (owned_->need(engine)) {
      case stripe_need::consent:
        seek_consent(engine);
        break;
      case stripe_need::witness:
        seek_witness(engine);
        break;
      case stripe_need::gift:
        seek_gift(engine);
        break;
      case stripe_need::nothing:
        break;
    }
  }
}

void cluster_state::seek_consent(const std::string& engine) {
  std::string missing;
  for (auto& x : members_->contacts()) {
    if (!x.configured || x.consents)
      continue;
    missing += (missing.empty() ? "" : ", ") + x.address;
    if (x.handle)
      self_
        ->request(x.handle, options_.peer_timeout, claim_atom_v, report_for({}))
        .then(
          [this, engine, address = x.address](caf::ok_atom) {
            members_->find_contact(address)->consents = true;
            owned_->lift(engine, address);
          },
          [this, engine, address = x.address](const caf::error& reason) {
            const auto why = from_caf(reason);
            if (why.code == ec::wrong_owner)
              give_up(engine, address, why.context);
          });
  }
  if (missing.empty())
    return may_mint(engine);
  owned_->refuse(engine, "waiting",
                 "it waits for its peers to record its stripe: " + missing
                   + " (intctl claim -without ADDRESS does without one)");
}

void cluster_state::seek_witness(const std::string& engine) {
  const auto now = self_->clock().now();
  const bool alone = members_->contacts().empty();
  if (alone || witnessed_)
    return may_mint(engine);
  if (options_.require_witness || now < started_ + options_.witness_timeout)
    return;
  spdlog::warn("cluster: no peer answered within {} ms: engine {} mints on by "
               "what its own state says",
               options_.witness_timeout.count(), engine);
  unwitnessed_ = true;
  may_mint(engine);
}

void cluster_state::may_mint(const std::string& engine) {
  owned_->lift(engine, "waiting");
  if (auto done = owned_->clear(engine); !done)
    return give_up(engine, "own", done.error().context);
  owned_->lift(engine, "own");
  wake(engine);
}

// One contact after the other, in their order; the gift is durable with its
// giver before it is answered, so it does not matter which answer is lost.
void cluster_state::seek_gift(const std::string& engine) {
  auto& x = engines_[engine];
  auto& all = members_->contacts();
  while (x.next_contact < all.size() && !all[x.next_contact].handle)
    ++x.next_contact;
  if (x.next_contact >= all.size()) {
    x.next_contact = 0;
    return;
  }
  x.asking = true;
  const auto& at = all[x.next_contact++];
  self_
    ->request(at.handle, options_.peer_timeout, split_atom_v,
              split_request{owned_->request_of(engine), options_.id,
                            options_.name, engine, false})
    .then(
      [this, engine](const gift& given) {
        engines_[engine].asking = false;
        received(engine, given);
      },
      [this, engine, address = at.address](const caf::error& reason) {
        engines_[engine].asking = false;
        give_up(engine, "gift",
                "no peer gave it a stripe; " + address + ": "
                  + from_caf(reason).context);
      });
}

void cluster_state::received(const std::string& engine, const gift& x) {
  if (auto done = owned_->receive(engine, x); !done) {
    spdlog::error("cluster: {}", to_string(done.error()));
    return;
  }
  spdlog::info("cluster: engine {} was given {}", engine, to_string(x.stripe));
  owned_->lift(engine, "gift");
  wake(engine);
}

void cluster_state::give_up(const std::string& engine, const std::string& cause,
                            const std::string& reason) {
  owned_->refuse(engine, cause, reason);
  stop({{engine, reason}});
}

// It minted by its own memory; now there is another one to compare with.
void cluster_state::reopen() {
  for (const auto& [engine, x] : engines_)
    if (x.owner)
      caf::anon_send(x.owner, drain_atom_v);
}

void cluster_state::hand_over() {
  for (const auto& x : owned_->under_way())
    if (auto heir = members_->reach(x.to))
      self_->request(heir, options_.peer_timeout, hand_atom_v, x)
        .then(
          [this, request = x.request](caf::ok_atom) {
            handed(request);
          },
          [](const caf::error&) {
            // Again with the next tick.
          });
}

void cluster_state::handed(const std::string& request) {
  if (auto done = owned_->arrived(request); !done)
    spdlog::error("cluster: {}", to_string(done.error()));
  for (auto& x : leavings_) {
    x.requests.erase(request);
    if (x.requests.empty())
      x.promise.deliver(caf::ok_atom_v);
  }
  std::erase_if(leavings_, [](const auto& x) {
    return x.requests.empty();
  });
}

// -- orders -------------------------------------------------------------------

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

caf::result<caf::ok_atom> cluster_state::adopt(const std::string& node) {
  auto* dead = members_->find_member(node);
  for (const auto& [id, x] : members_->members())
    if (x.alive == (&x == dead))
      return to_caf(
        {ec::wrong_owner,
         &x == dead ? "node " + x.label + " is alive; it can leave by itself"
                    : "node " + x.label
             + " cannot be asked whether it got a part of the stripe: "
             + x.reason});
  auto dying = owned_->to_adopt(dead == nullptr ? node : dead->report.id);
  if (!dying)
    return to_caf(dying.error());
  bury_everywhere(std::make_shared<adoption>(adoption{
    self_->make_response_promise<caf::ok_atom>(), std::move(*dying), 0}));
  return caf::delegated<caf::ok_atom>{}; // By the promise.
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
  if (auto done = owned_->adopt(x.dead); !done)
    x.promise.deliver(to_caf(done.error()));
  else
    x.promise.deliver(caf::ok_atom_v);
}

caf::result<caf::ok_atom> cluster_state::waive(const std::string& address) {
  auto* x = members_->find_contact(address);
  if (x == nullptr || !x->configured)
    return to_caf(
      {ec::unavailable, "no peer " + address + " is configured here"});
  x->consents = true;
  seek_stripes();
  return caf::ok_atom_v;
}

caf::result<caf::ok_atom> cluster_state::drain(bool on) {
  draining_ = on;
  ping_all();
  return caf::ok_atom_v;
}

} // namespace intd
