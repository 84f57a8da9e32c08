#include "actors/cluster/ownership.hpp"

#include "actors/cluster/claims.hpp"
#include "engines/file.hpp"

#include <algorithm>
#include <utility>

namespace intd {

namespace {

// A request is never drawn twice.
constexpr size_t request_bytes = 16;

// Takes half of a stripe, or all of it, out of its owner's hands.
result<gift> part_of(holding& mine, const split_request& to, bool split,
                     const std::vector<key_mark>& floors) {
  gift given;
  given.request = to.request;
  given.to = to.id;
  given.floors = mine.floors;
  given.above = mine.above;
  merge(given.floors, floors);
  // The engine stands still: what was given last is known exactly.
  for (auto& x : given.floors)
    x.bound = x.last;
  given.epoch = ++mine.epoch;
  given.stripe = mine.stripe;
  if (!split) {
    mine.left = true;
    return given;
  }
  const auto halves = halve(mine.stripe);
  if (!halves)
    return fail(ec::exhausted,
                to_string(mine.stripe) + " is too thin to be split");
  std::tie(mine.stripe, given.stripe) = *halves;
  mine.floors = given.floors;
  return given;
}

std::string in_quotes(const std::string& x) {
  return "\"" + x + "\"";
}

} // namespace

result<std::shared_ptr<ownership>> ownership::open(ownership_options options,
                                                   ledger recorded) {
  std::shared_ptr<ownership> made{
    new ownership{std::move(options), std::move(recorded)}};
  if (auto done = made->start(); !done)
    return tl::unexpected{std::move(done.error())};
  return made;
}

ownership::ownership(ownership_options options, ledger recorded)
  : options_{std::move(options)}, ledger_{std::move(recorded)} {
}

result<void> ownership::start() {
  for (const auto& terms : options_.engines) {
    estates_[terms.engine].terms = terms;
    if (auto done = begin(terms); !done)
      return done;
  }
  // Nobody is known who could object, or remember.
  if (options_.alone && !options_.restored && ledger_.testimonies.empty())
    for (const auto& [engine, x] : estates_)
      if (auto done = clear_now(engine); !done)
        return done;
  return {};
}

result<void> ownership::begin(const stripe_terms& terms) {
  auto next = ledger_;
  auto* mine = find(next.holdings, terms.engine);
  if (mine != nullptr && has_stripe(*mine)) {
    if (!terms.fixed || *terms.fixed == mine->stripe)
      return {};
    if (auto done = keep_fixed(*mine, *terms.fixed); !done)
      return done;
    return commit(std::move(next));
  }
  if (terms.fixed || options_.first)
    return {}; // It is recorded once nobody objects.
  if (mine != nullptr)
    return {}; // It has asked already.
  holding asking;
  asking.engine = terms.engine;
  asking.request = random_hex(request_bytes);
  next.holdings.push_back(std::move(asking));
  return commit(std::move(next));
}

// What was given away must never be minted here again, whatever the
// configuration says; less than before is always fine.
result<void> ownership::keep_fixed(holding& mine, const stripe& fixed) {
  const auto refuse = [&mine, &fixed](const std::string& why) {
    return fail(ec::wrong_owner,
                "engine " + in_quotes(mine.engine) + " is configured for "
                  + to_string(fixed) + ", but " + why
                  + "; remove its offset and increment from the configuration");
  };
  if (mine.left)
    return refuse("handed its stripe over");
  for (const auto& x : ledger_.gifts)
    if (overlap(x.stripe, fixed))
      return refuse("node " + x.to + " was given " + to_string(x.stripe));
  if (!within(fixed, mine.stripe))
    mine.claimed_s = 0; // A new claim, which its peers have to hear of.
  else
    ++mine.epoch;
  mine.stripe = fixed;
  return {};
}

// -- engines ------------------------------------------------------------------

result<stripe> ownership::permit(const std::string& engine) const {
  std::lock_guard guard{mutex_};
  if (fault_)
    return tl::unexpected{*fault_};
  const auto* mine = holding_of(engine);
  const auto& x = estates_.at(engine);
  const auto refuse = [](std::string why) {
    return fail(ec::unavailable, std::move(why));
  };
  if (mine != nullptr && mine->left)
    return refuse("its stripe " + to_string(mine->stripe)
                  + " was handed over to another node");
  if (!x.refusals.empty())
    return refuse(x.refusals.begin()->second);
  if (mine == nullptr || !has_stripe(*mine))
    return refuse(mine != nullptr && !mine->request.empty()
                    ? "it waits for a stripe from a peer"
                    : "it waits for its peers to record its stripe "
                      + to_string(claimed(engine)));
  if (!x.cleared)
    return refuse("it waits for a peer to say what it remembers of "
                  + to_string(mine->stripe));
  return mine->stripe;
}

store_record ownership::record(const std::string& engine) const {
  std::lock_guard guard{mutex_};
  const auto* mine = holding_of(engine);
  return mine == nullptr ? store_record{} : record_of(*mine);
}

std::vector<key_mark> ownership::floors(const std::string& engine) const {
  std::lock_guard guard{mutex_};
  auto all = estates_.at(engine).witnessed;
  if (const auto* mine = holding_of(engine))
    merge(all, mine->floors);
  return all;
}

int64_t ownership::above(const std::string& engine) const {
  std::lock_guard guard{mutex_};
  const auto* mine = holding_of(engine);
  return mine == nullptr ? 0 : mine->above;
}

void ownership::opened(const std::string& engine, const std::string& store) {
  std::lock_guard guard{mutex_};
  estates_.at(engine).store = store;
}

result<ceded> ownership::cede(const std::string& engine,
                              const split_request& to, bool split,
                              const std::vector<key_mark>& floors) {
  std::lock_guard guard{mutex_};
  // The same request is answered with the same gift, whatever came between.
  auto next = ledger_;
  auto* mine = find(next.holdings, engine);
  const auto kept = [this, &mine] {
    return mine->left ? std::nullopt : std::optional{record_of(*mine)};
  };
  for (const auto& x : ledger_.gifts)
    if (x.request == to.request)
      return ceded{x, kept()};
  if (split && !estates_.at(engine).terms.splits)
    return fail(ec::invalid_stripe,
                "engine " + in_quotes(engine)
                  + " is not split: others may mint from its store");
  auto given = part_of(*mine, to, split, floors);
  if (!given)
    return tl::unexpected{given.error()};
  if (to.id != options_.node_id) {
    next.gifts.push_back(*given);
  } else {
    given->to.clear();
    next.spares.push_back(*given);
  }
  ceded done{std::move(*given), kept()};
  if (auto written = commit(std::move(next)); !written)
    return tl::unexpected{std::move(written.error())};
  return done;
}

// -- this node's stripes ------------------------------------------------------

stripe_need ownership::need(const std::string& engine) const {
  std::lock_guard guard{mutex_};
  const auto* mine = holding_of(engine);
  if (estates_.at(engine).cleared || (mine != nullptr && mine->left))
    return stripe_need::nothing;
  if (mine != nullptr && has_stripe(*mine))
    return stripe_need::witness;
  return mine != nullptr && !mine->request.empty() ? stripe_need::gift
                                                   : stripe_need::consent;
}

std::string ownership::request_of(const std::string& engine) const {
  std::lock_guard guard{mutex_};
  const auto* mine = holding_of(engine);
  return mine == nullptr ? "" : mine->request;
}

result<void> ownership::clear(const std::string& engine) {
  std::lock_guard guard{mutex_};
  return clear_now(engine);
}

result<void> ownership::clear_now(const std::string& engine) {
  auto& x = estates_.at(engine);
  const auto* mine = holding_of(engine);
  if (mine == nullptr || !has_stripe(*mine)) {
    const auto wanted = claimed(engine);
    if (auto why = objection(wanted, options_.node_id, x.store, x.terms.shared))
      return fail(ec::wrong_owner, *why);
    auto next = ledger_;
    auto* there = find(next.holdings, engine);
    if (there == nullptr)
      there = &next.holdings.emplace_back();
    there->engine = engine;
    there->stripe = wanted;
    ++there->epoch;
    there->claimed_s = options_.now_s;
    if (auto done = commit(std::move(next)); !done)
      return done;
  }
  // Of a key that was given further and restored, the last integer may be as
  // the peers heard it once: only above the bound nothing was given.
  if (options_.restored && !x.cleared)
    for (auto& mark : x.witnessed)
      mark.last = mark.bound;
  x.cleared = true;
  return {};
}

void ownership::refuse(const std::string& engine, const std::string& cause,
                       const std::string& reason) {
  std::lock_guard guard{mutex_};
  estates_.at(engine).refusals[cause] = reason;
}

void ownership::lift(const std::string& engine, const std::string& cause) {
  std::lock_guard guard{mutex_};
  estates_.at(engine).refusals.erase(cause);
}

result<void> ownership::receive(const std::string& engine, const gift& x) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  auto* mine = find(next.holdings, engine);
  if (mine == nullptr || has_stripe(*mine) || mine->request != x.request)
    return {};
  mine->stripe = x.stripe;
  mine->epoch = x.epoch;
  mine->floors = x.floors;
  mine->above = x.above;
  mine->claimed_s = options_.now_s;
  if (auto done = commit(std::move(next)); !done)
    return done;
  estates_.at(engine).cleared = true;
  return {};
}

std::vector<held_stripe> ownership::held() const {
  std::lock_guard guard{mutex_};
  std::vector<held_stripe> all;
  for (const auto& [engine, x] : estates_) {
    held_stripe it;
    it.engine = engine;
    it.store = x.store;
    it.shared = x.terms.shared;
    it.splits = x.terms.splits;
    it.reason = x.refusals.empty() ? "" : x.refusals.begin()->second;
    const auto* mine = holding_of(engine);
    it.epoch = mine == nullptr ? 0 : mine->epoch;
    it.claimed_s = options_.now_s;
    if (mine != nullptr && has_stripe(*mine)) {
      it.stripe = mine->left ? no_stripe : mine->stripe;
      it.claimed_s = mine->claimed_s;
      it.above = mine->above;
    } else if (mine == nullptr || mine->request.empty()) {
      it.stripe = claimed(engine);
    } else {
      it.stripe = no_stripe;
    }
    all.push_back(std::move(it));
  }
  return all;
}

// -- private ------------------------------------------------------------------

store_record ownership::record_of(const holding& x) const {
  return {x.stripe, x.epoch, estates_.at(x.engine).terms.splits};
}

const holding* ownership::holding_of(const std::string& engine) const {
  return find(ledger_.holdings, engine);
}

// What it has, or what it asks its peers to record.
stripe ownership::claimed(const std::string& engine) const {
  if (const auto* mine = holding_of(engine); mine && has_stripe(*mine))
    return mine->stripe;
  return estates_.at(engine).terms.fixed.value_or(stripe{1, 1});
}

result<void> ownership::commit(ledger next) {
  if (fault_)
    return tl::unexpected{*fault_};
  if (options_.write) {
    if (auto done = options_.write(next); !done) {
      fault_ = done.error();
      return done;
    }
  }
  ledger_ = std::move(next);
  unsaved_ = false;
  return {};
}

} // namespace intd
