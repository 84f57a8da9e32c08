// What ownership.hpp does with stripes that go from one node to another: given,
// kept for the next that joins, adopted of the dead.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/ownership.hpp"
#include "engines/file.hpp"

#include <algorithm>
#include <string_view>
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
  auto next = ledger_;
  auto& spare = next.spares.emplace_back(x);
  spare.to.clear();
  spare.taken = false;
  return commit(std::move(next));
}

result<std::vector<testimony>>
ownership::to_adopt(const std::string& node) const {
  std::lock_guard guard{mutex_};
  std::vector<testimony> all;
  for (auto t : ledger_.testimonies) {
    // Whoever shares a store mints on.
    if ((t.node != node && t.name != node) || !valid(t.stripe) || t.shared)
      continue;
    // It was split just before its owner died: which half is left nobody says.
    const claim its{t.node, t.stripe, t.epoch, {}, false, 0};
    for (const auto& other : ledger_.testimonies)
      if (other.node != t.node && other.epoch > t.epoch
          && conflict(its, {other.node, other.stripe, 0, {}, false, 0}))
        return fail(ec::wrong_owner,
                    described(other.node, other.name) + " has "
                      + to_string(other.stripe) + ", given of "
                      + to_string(t.stripe) + ", which cannot be adopted");
    t.epoch += adoption;
    all.push_back(std::move(t));
  }
  if (all.empty())
    return fail(ec::wrong_owner,
                "no stripe of a node \"" + node
                  + "\" is known here; its id or its name is needed");
  return all;
}

void ownership::bury(ledger& into, const std::vector<testimony>& dead) const {
  for (const auto& x : dead) {
    auto& all = into.testimonies;
    auto i = std::find_if(all.begin(), all.end(), [&x](const auto& known) {
      return known.node == x.node && known.engine == x.engine;
    });
    if (i == all.end())
      i = all.insert(all.end(), x);
    if (i->epoch >= x.epoch)
      continue;
    i->epoch = x.epoch;
    i->stripe = no_stripe;
  }
}

result<void> ownership::bury(const std::vector<testimony>& dead) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  bury(next, dead);
  return commit(std::move(next));
}

result<void> ownership::adopt(const std::vector<testimony>& dead,
                              int64_t above) {
  std::lock_guard guard{mutex_};
  auto next = ledger_;
  for (const auto& x : dead) {
    auto& spare = next.spares.emplace_back();
    spare.request
      = "adopt/" + x.node + "/" + x.engine + "/" + std::to_string(x.epoch);
    spare.stripe = x.stripe;
    spare.epoch = x.epoch;
    spare.above = above;
    for (const auto& mark : x.marks)
      spare.floors.push_back({mark.key, mark.bound, mark.bound});
  }
  bury(next, dead);
  return commit(std::move(next));
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
