// What ownership.hpp does with stripes that go from one node to another: given,
// kept for the next that joins, adopted of the dead.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/ownership.hpp"
#include "engines/file.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace intd {

namespace {

/// What an adoption adds to the epoch: more than a dead owner can have split
/// unheard.
constexpr uint64_t adoption = uint64_t{1} << 32;

/// Begins the request of a stripe that is handed over by its owner.
constexpr std::string_view leaving = "leave/";

/// Drawn, since a spare may be made of each half again.
constexpr size_t spare_request_bytes = 8;

/// Of two that are dead, one may have given the other a part of what it is
/// remembered for, or all of it.
bool is_part_of_another(const testimony& x,
                        const std::vector<testimony>& dead) {
  return std::any_of(dead.begin(), dead.end(), [&x](const testimony& other) {
    return within(x.stripe, other.stripe)
      && (x.stripe != other.stripe
          || std::tie(x.epoch, x.node, x.engine)
            < std::tie(other.epoch, other.node, other.engine));
  });
}

} // namespace

std::string spare_request() {
  return "spare/" + random_hex(spare_request_bytes);
}

std::string leave_request(const std::string& node_id,
                          const std::string& engine) {
  return std::string{leaving} + node_id + "/" + engine;
}

std::optional<gift> ownership::given(const std::string& request) const {
  std::lock_guard guard{mutex_};
  for (const auto& x : ledger_.gifts)
    if (x.request == request)
      return x;
  return std::nullopt;
}

result<std::optional<gift>> ownership::give_spare(const split_request& to) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  for (auto& spare : next.spares) {
    if (std::exchange(spare.taken, true))
      continue;
    auto given = spare;
    given.request = to.request;
    given.to = to.id;
    ++given.epoch;
    given.taken = false;
    next.gifts.push_back(given);
    if (auto done = commit(std::move(next)); !done)
      return tl::unexpected{std::move(done.error())};
    return given;
  }
  return std::nullopt;
}

result<void> ownership::keep_spare(const gift& x) {
  std::lock_guard guard{mutex_};
  for (const auto& spare : ledger_.spares)
    if (spare.request == x.request)
      return {};
  if (auto why = not_to_keep(x))
    return fail(ec::wrong_owner, *why);
  auto next = ledger_;
  auto& spare = next.spares.emplace_back(x);
  spare.to.clear();
  spare.taken = false;
  return commit(std::move(next));
}

// Its owner may have been taken for dead before it could hand the stripe over.
std::optional<std::string> ownership::not_to_keep(const gift& x) const {
  for (const auto& t : ledger_.testimonies)
    if (leave_request(t.node, t.engine) == x.request && t.epoch > x.epoch)
      return "the stripe of " + described(t.node, t.name) + " was adopted";
  for (const auto& [other, whose] : known_claims())
    if (other.epoch >= x.epoch && conflict(claim_of({}, x), other))
      return to_string(x.stripe) + " shares integers with "
        + to_string(other.stripe) + " of " + whose;
  return std::nullopt;
}

// What they said that they had, and what this node gave them that may never
// have arrived. Whoever shares a store mints on.
std::vector<testimony>
ownership::left_by(const std::set<std::string>& dead) const {
  std::vector<testimony> all;
  for (const auto& t : ledger_.testimonies)
    if (dead.count(t.node) > 0 && valid(t.stripe) && !t.shared)
      all.push_back(t);
  for (const auto& x : ledger_.gifts) {
    const auto& known = ledger_.testimonies;
    const bool arrived
      = std::any_of(known.begin(), known.end(), [&x](const testimony& t) {
          return t.node == x.to && t.epoch >= x.epoch;
        });
    if (dead.count(x.to) > 0 && !x.taken && !arrived)
      all.push_back(
        {x.to, {}, {}, {}, x.stripe, x.epoch, {}, false, 0, x.floors, x.above});
  }
  return all;
}

result<std::vector<testimony>>
ownership::to_adopt(const std::set<std::string>& dead) const {
  std::lock_guard guard{mutex_};
  std::vector<testimony> all;
  for (auto& t : left_by(dead)) {
    if (auto why = not_to_adopt(t, t.epoch, dead))
      return fail(ec::wrong_owner, *why);
    for (const auto& other : all)
      if (overlap(t.stripe, other.stripe) && !within(t.stripe, other.stripe)
          && !within(other.stripe, t.stripe))
        return fail(ec::wrong_owner,
                    to_string(t.stripe) + " of " + described(t.node, t.name)
                      + " shares integers with " + to_string(other.stripe)
                      + " of " + described(other.node, other.name)
                      + "; adopt one of them alone");
    t.epoch += adoption;
    all.push_back(std::move(t));
  }
  if (all.empty())
    return fail(ec::wrong_owner, "no stripe of theirs is known here");
  return all;
}

// It was given, or a part of it, just before its owner died: what is left
// nobody says.
std::optional<std::string>
ownership::not_to_adopt(const testimony& t, uint64_t epoch,
                        const std::set<std::string>& dead) const {
  const claim its{t.node, t.stripe, epoch, {}, false, 0};
  for (const auto& [other, whose] : known_claims())
    if (dead.count(other.node) == 0 && other.epoch > epoch
        && conflict(its, other))
      return to_string(t.stripe) + " cannot be adopted: "
        + to_string(other.stripe) + ", given of it, is of " + whose;
  return std::nullopt;
}

void ownership::bury(ledger& into, const std::vector<testimony>& dead) const {
  for (const auto& x : dead) {
    auto& all = into.testimonies;
    auto i = std::find_if(all.begin(), all.end(), [&x](const auto& known) {
      return known.node == x.node && known.engine == x.engine;
    });
    if (i != all.end() && i->epoch >= x.epoch)
      continue;
    if (i == all.end())
      i = all.insert(all.end(), x);
    i->epoch = x.epoch;
    i->stripe = no_stripe;
  }
}

result<void> ownership::bury(const std::set<std::string>& dead,
                             const std::vector<testimony>& theirs) {
  std::lock_guard guard{mutex_};
  for (const auto& t : theirs)
    if (auto why = not_to_adopt(t, t.epoch - std::min(t.epoch, adoption), dead))
      return fail(ec::wrong_owner, *why);
  auto next = ledger_;
  bury(next, theirs);
  return commit(std::move(next));
}

result<void> ownership::adopt(const std::vector<testimony>& dead,
                              int64_t above) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  for (const auto& x : dead) {
    if (is_part_of_another(x, dead))
      continue;
    auto& spare = next.spares.emplace_back();
    spare.request
      = "adopt/" + x.node + "/" + x.engine + "/" + std::to_string(x.epoch);
    spare.stripe = x.stripe;
    spare.above = above;
    for (const auto& part : dead) {
      if (!within(part.stripe, x.stripe))
        continue;
      spare.epoch = std::max(spare.epoch, part.epoch);
      spare.above = std::max(spare.above, part.above);
      auto marks = part.marks;
      for (auto& mark : marks)
        mark.last = mark.bound;
      merge(spare.floors, marks);
    }
  }
  // Should one of them come back, and ask for it again, it is not found.
  std::erase_if(next.gifts, [&dead](const gift& x) {
    return std::any_of(dead.begin(), dead.end(), [&x](const testimony& t) {
      return t.engine.empty() && t.node == x.to && t.stripe == x.stripe;
    });
  });
  bury(next, dead);
  return commit(std::move(next));
}

std::set<std::string> ownership::receivers() const {
  std::lock_guard guard{mutex_};
  std::set<std::string> all;
  for (const auto& x : ledger_.gifts)
    if (!x.taken)
      all.insert(x.to);
  return all;
}

std::vector<gift> ownership::under_way() const {
  std::lock_guard guard{mutex_};
  std::vector<gift> all;
  for (const auto& x : ledger_.gifts)
    if (!x.taken && x.request.starts_with(leaving))
      all.push_back(x);
  return all;
}

result<void> ownership::arrived(const std::string& request) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  for (auto& x : next.gifts)
    if (x.request == request)
      x.taken = true;
  return commit(std::move(next));
}

std::vector<gift> ownership::gifts() const {
  std::lock_guard guard{mutex_};
  return ledger_.gifts;
}

std::vector<gift> ownership::spares() const {
  std::lock_guard guard{mutex_};
  return ledger_.spares;
}

} // namespace intd
