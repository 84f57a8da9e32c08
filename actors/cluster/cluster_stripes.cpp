// How cluster.hpp gets the engines of this node their stripes, and lets go of
// them.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/cluster.hpp"

#include <caf/actor_clock.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace intd {

void cluster_state::seek_stripes() {
  if (restoring_)
    return seek_restored();
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
  if (alone || witnessed_ || options_.restored)
    return may_mint(engine);
  if (options_.require_witness || now < started_ + options_.witness_timeout)
    return;
  spdlog::warn("cluster: no peer answered within {} ms: engine {} mints on by "
               "what its own state says",
               options_.witness_timeout.count(), engine);
  unwitnessed_ = true;
  may_mint(engine);
}

// What it remembers is old, so it mints nothing, asks for nothing, gives no
// spare, and is nobody's witness, until it has heard all others.
void cluster_state::seek_restored() {
  const auto missing = unheard();
  restoring_ = !missing.empty();
  for (const auto& [engine, x] : engines_)
    if (restoring_)
      owned_->refuse(engine, "waiting", missing);
    else
      owned_->lift(engine, "waiting");
  if (!restoring_)
    seek_stripes();
}

// Says for whom a restored node waits; empty once it has heard all others.
std::string cluster_state::unheard() const {
  std::string missing;
  bool anybody = false;
  for (const auto& x : members_->contacts()) {
    const auto known = members_->members().find(x.id);
    const bool heard
      = known != members_->members().end() && known->second.testified;
    anybody = anybody || heard || x.waived;
    if (!heard && !x.waived && x.id != options_.id)
      missing += (missing.empty() ? "" : ", ") + x.address;
  }
  if (!missing.empty())
    return "it was restored, and waits for all others to say what they "
           "remember: "
      + missing + " (intctl claim -without ADDRESS does without one)";
  return anybody ? ""
                 : "it was restored, and no peer is known that could say how "
                   "far it went; raise each sequence by hand, above all that "
                   "was given (int -set-last-int), and start without -restored";
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
      [this, engine](const sent_gift& given) {
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

void cluster_state::received(const std::string& engine, const sent_gift& x) {
  if (is_void(x))
    return; // It is asked for again.
  if (auto done = owned_->receive(engine, x.what); !done) {
    spdlog::error("cluster: {}", to_string(done.error()));
    return;
  }
  spdlog::info("cluster: engine {} was given {}", engine,
               to_string(x.what.stripe));
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
      self_->request(heir, options_.peer_timeout, hand_atom_v, sent(x))
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

} // namespace intd
