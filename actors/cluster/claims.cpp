#include "actors/cluster/claims.hpp"

#include <tuple>

namespace intd {

std::optional<std::pair<stripe, stripe>> halve(const stripe& x) {
  if (x.increment > max_integer / 2)
    return std::nullopt;
  const auto twice = 2 * x.increment;
  return std::pair{stripe{x.offset, twice},
                   stripe{x.offset + x.increment, twice}};
}

claim claim_of(const std::string& node, const gift& x) {
  return {node, x.stripe, x.epoch, {}, false, 0};
}

std::string described(const std::string& node, const std::string& name) {
  return "node " + (name.empty() ? node : name + " (" + node + ")");
}

bool conflict(const claim& a, const claim& b) {
  if (!valid(a.stripe) || !valid(b.stripe) || !overlap(a.stripe, b.stripe))
    return false;
  const bool one_store = a.shared && b.shared && a.store == b.store;
  return !one_store || a.store.empty();
}

bool gives_way(const claim& mine, const claim& other) {
  if (mine.epoch != other.epoch)
    return mine.epoch < other.epoch;
  return std::tie(mine.claimed_s, mine.node)
    > std::tie(other.claimed_s, other.node);
}

void merge(std::vector<key_mark>& into, const std::vector<key_mark>& more) {
  into.insert(into.end(), more.begin(), more.end());
  std::sort(into.begin(), into.end(), [](const auto& a, const auto& b) {
    return a.key < b.key;
  });
  size_t kept = 0;
  for (size_t i = 1; i < into.size(); ++i) {
    if (into[i].key != into[kept].key) {
      if (++kept != i)
        into[kept] = std::move(into[i]);
      continue;
    }
    into[kept].last = std::max(into[kept].last, into[i].last);
    into[kept].bound = std::max(into[kept].bound, into[i].bound);
  }
  if (!into.empty())
    into.resize(kept + 1);
}

} // namespace intd
