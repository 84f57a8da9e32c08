#include "actors/cluster/mark_log.hpp"

#include "engines/sequence.hpp"

#include <algorithm>

namespace intd {

namespace {

// Of the steps that a bound made between two notes: as many are added as the
// notes that may come before a peer hears of the first.
constexpr int64_t steps_ahead = 8;

int64_t ahead_of(int64_t before, int64_t bound) {
  const auto step = before == 0 ? 0 : bound - before;
  const auto room = max_integer - bound;
  return bound
    + std::min(room, step > room / steps_ahead ? room : step * steps_ahead);
}

} // namespace

void mark_log::note(const std::string& engine,
                    const std::vector<key_mark>& changed) {
  for (const auto& mark : changed) {
    place at{engine, mark.key};
    auto& x = marks_[at];
    order_.erase(x.number);
    x.number = ++last_number_;
    x.mark = {mark.key, mark.last,
              std::max(x.mark.bound, ahead_of(x.bound, mark.bound))};
    x.bound = mark.bound;
    order_.emplace(x.number, std::move(at));
  }
}

std::vector<mark_log::entry> mark_log::since(uint64_t heard, size_t max) const {
  std::vector<entry> told;
  for (auto i = order_.upper_bound(heard);
       i != order_.end() && told.size() < max; ++i)
    told.push_back({i->first, i->second.first, marks_.at(i->second).mark});
  return told;
}

int64_t mark_log::last(const std::string& engine,
                       const std::string& key) const {
  const auto i = marks_.find({engine, key});
  return i == marks_.end() ? 0 : i->second.mark.last;
}

} // namespace intd
