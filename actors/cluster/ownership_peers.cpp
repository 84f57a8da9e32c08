// What ownership.hpp makes of the other nodes: their claims and their memory.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/ownership.hpp"

#include <algorithm>
#include <utility>

namespace intd {

namespace {

/// Of a stripe of the configuration, from the peers' consent on.
constexpr uint64_t first_epoch = 1;

claim claim_of(const node_report& peer, const held_stripe& x) {
  return {peer.id, x.stripe, x.epoch, x.store, x.shared, x.claimed_s};
}

std::string taken(const stripe& wanted, const std::string& claimant,
                  const stripe& other, const std::string& whose) {
  return to_string(wanted) + " of node " + claimant + " shares integers with "
    + to_string(other) + " of " + whose
    + "; claim another stripe, or none at all, to be given one";
}

// What a peer says that it has, the spares too.
std::vector<claim> claims_of(const node_report& peer) {
  std::vector<claim> all;
  for (const auto& x : peer.stripes)
    if (x.epoch > 0)
      all.push_back(claim_of(peer, x));
  for (const auto& x : peer.spares)
    if (!x.taken)
      all.push_back(claim_of(peer.id, x));
  return all;
}

} // namespace

ownership::reasons ownership::hear(const node_report& peer) {
  std::lock_guard guard{mutex_};
  unsaved_ = remember(ledger_, peer) || unsaved_;
  reasons stopped;
  for (const auto& [engine, x] : estates_)
    judge(engine, peer, stopped);
  drop_spares(peer);
  for (auto& x : ledger_.gifts)
    for (const auto& theirs : peer.stripes)
      if (x.to == peer.id && theirs.stripe == x.stripe && !x.taken)
        unsaved_ = x.taken = true;
  return stopped;
}

// Two that both mint an integer are a duplicate to come: one has to stop.
void ownership::judge(const std::string& engine, const node_report& peer,
                      reasons& stopped) {
  const auto* mine = holding_of(engine);
  if (mine == nullptr || !has_stripe(*mine) || mine->left)
    return;
  auto& x = estates_.at(engine);
  const claim own{options_.node_id, mine->stripe,   mine->epoch,
                  x.store,          x.terms.shared, mine->claimed_s};
  for (const auto& other : claims_of(peer)) {
    if (!conflict(own, other) || !gives_way(own, other))
      continue;
    auto& why = x.refusals[peer.id];
    why = "its stripe " + to_string(mine->stripe) + ", of "
      + described(options_.node_id, options_.name) + ", shares integers with "
      + to_string(other.stripe) + " of " + described(peer.id, peer.name)
      + ", which has the better claim; give one of them another stripe, or a "
        "new state directory to join with";
    stopped.emplace(engine, why);
    return;
  }
  x.refusals.erase(peer.id);
}

void ownership::drop_spares(const node_report& peer) {
  for (auto& spare : ledger_.spares)
    for (const auto& other : claims_of(peer)) {
      const auto own = claim_of(options_.node_id, spare);
      if (!spare.taken && conflict(own, other) && gives_way(own, other))
        unsaved_ = spare.taken = true;
    }
}

// A peer whose state was restored tells less than before: what is remembered
// then tells it so. Returns whether anything is new.
bool ownership::remember(ledger& into, const node_report& peer) const {
  bool news = false;
  for (const auto& x : peer.stripes) {
    if (x.epoch == 0)
      continue;
    auto& all = into.testimonies;
    auto i
      = std::find_if(all.begin(), all.end(), [&peer, &x](const auto& known) {
          return known.node == peer.id && known.engine == x.engine;
        });
    if (i == all.end())
      i = all.insert(all.end(), testimony{});
    if (i->epoch > x.epoch)
      continue;
    testimony now{
      peer.id, peer.name, peer.address, x.engine,    x.stripe,
      x.epoch, x.store,   x.shared,     x.claimed_s, std::move(i->marks),
      x.above};
    if (i->stripe != x.stripe)
      now.marks.clear();
    news = news || !x.marks.empty() || i->address != now.address
      || i->epoch != now.epoch || i->store != now.store;
    if (!x.marks.empty())
      merge(now.marks, x.marks);
    *i = std::move(now);
  }
  return news;
}

result<void> ownership::consent(const node_report& peer) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  auto claims = peer;
  for (auto& x : claims.stripes) {
    if (!valid(x.stripe))
      continue;
    auto why = objection(x.stripe, peer.id, x.store, x.shared);
    if (!why)
      why = precedence(claim_of(peer, x));
    if (why)
      return fail(ec::wrong_owner, *why);
    x.epoch = std::max(x.epoch, first_epoch);
  }
  remember(next, claims);
  return commit(std::move(next));
}

// Of two nodes that ask each other at the same time one has to object, else
// each would record the other's claim and none could ever mint.
std::optional<std::string> ownership::precedence(const claim& other) const {
  for (const auto& [engine, x] : estates_) {
    // Where somebody refused it, it stands in nobody's way.
    const bool pending = holding_of(engine) == nullptr && !x.cleared
      && x.refusals.size() == x.refusals.count("waiting");
    const claim own{options_.node_id, claimed(engine), other.epoch,
                    x.store,          x.terms.shared,  options_.now_s};
    if (pending && conflict(own, other) && !gives_way(own, other))
      return taken(other.stripe, other.node, own.stripe,
                   described(options_.node_id, options_.name)
                     + ", which claimed it first");
  }
  return std::nullopt;
}

// Its own, what it keeps or gave away, and what the others said.
std::vector<ownership::known_claim> ownership::known_claims() const {
  std::vector<known_claim> all;
  const auto me = described(options_.node_id, options_.name);
  for (const auto& x : ledger_.holdings) {
    if (!has_stripe(x) || x.left)
      continue;
    const auto known = estates_.find(x.engine);
    const bool shared = known != estates_.end() && known->second.terms.shared;
    all.push_back(
      {{options_.node_id, x.stripe, x.epoch,
        shared ? known->second.store : std::string{}, shared, x.claimed_s},
       me});
  }
  for (const auto& x : ledger_.spares)
    if (!x.taken)
      all.push_back({claim_of({}, x), me + ", which keeps it as a spare"});
  for (const auto& x : ledger_.gifts)
    all.push_back(
      {claim_of(x.to, x), "node " + x.to + ", to which " + me + " gave it"});
  for (const auto& x : ledger_.testimonies)
    all.push_back({{x.node, x.stripe, x.epoch, x.store, x.shared, x.claimed_s},
                   described(x.node, x.name)});
  return all;
}

std::optional<std::string> ownership::objection(const stripe& x,
                                                const std::string& claimant,
                                                const std::string& store,
                                                bool shared) const {
  const claim wanted{claimant, x, 0, store, shared, 0};
  for (const auto& [other, whose] : known_claims())
    if (other.node != claimant && conflict(wanted, other))
      return taken(x, claimant, other.stripe, whose);
  return std::nullopt;
}

std::map<std::string, int64_t> ownership::furthest() const {
  std::lock_guard guard{mutex_};
  std::map<std::string, int64_t> all;
  for (const auto& x : ledger_.testimonies)
    for (const auto& mark : x.marks)
      all[mark.key] = std::max(all[mark.key], mark.last);
  return all;
}

std::map<std::string, std::string> ownership::others() const {
  std::lock_guard guard{mutex_};
  std::map<std::string, std::string> all;
  for (const auto& x : ledger_.testimonies)
    if (valid(x.stripe))
      all[x.node] = x.name;
  return all;
}

std::vector<std::string> ownership::addresses() const {
  std::lock_guard guard{mutex_};
  std::vector<std::string> all;
  all.reserve(ledger_.testimonies.size());
  for (const auto& x : ledger_.testimonies)
    all.push_back(x.address);
  return all;
}

std::vector<testimony> ownership::remembered(const std::string& node_id) const {
  std::lock_guard guard{mutex_};
  std::vector<testimony> told;
  for (const auto& x : ledger_.testimonies)
    if (x.node == node_id)
      told.push_back(x);
  return told;
}

ownership::reasons ownership::recall(const std::vector<testimony>& told) {
  std::lock_guard guard{mutex_};
  reasons stopped;
  for (const auto& t : told)
    for (auto& [engine, x] : estates_)
      // Who adopted what never arrived here does not know for which engine.
      if (t.node == options_.node_id
          && (t.engine == engine || t.engine.empty()))
        recall(engine, x, t, stopped);
  return stopped;
}

void ownership::recall(const std::string& engine, estate& x, const testimony& t,
                       reasons& stopped) const {
  const auto* mine = holding_of(engine);
  auto epoch = mine == nullptr ? uint64_t{0} : mine->epoch;
  // The peer consented to it a moment ago; others have yet to. Where it is an
  // old backup that knows of no stripe, what the peer saw of it still counts.
  if (mine == nullptr && t.stripe == claimed(engine))
    epoch = first_epoch;
  if (t.epoch == epoch)
    merge(x.witnessed, t.marks);
  if (t.epoch <= epoch)
    return;
  auto& why = x.refusals["restored"];
  why = "its stripe changed after what this state directory knows (epoch "
    + std::to_string(epoch) + ", a peer saw " + std::to_string(t.epoch)
    + "): it was restored from a backup, or its stripe was given to another "
      "node; start this node with a new state directory, so that it joins anew";
  stopped.emplace(engine, why);
}

result<void> ownership::save() {
  std::lock_guard guard{mutex_};
  return unsaved_ ? commit(ledger_) : result<void>{};
}

} // namespace intd
