#include "actors/stripe_ring.hpp"

#include <algorithm>

namespace intd {

namespace {

bool among(const std::vector<size_t>& tried, size_t index) {
  return std::find(tried.begin(), tried.end(), index) != tried.end();
}

} // namespace

std::optional<size_t> stripe_ring::find(std::string_view name) const {
  for (size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].name == name)
      return i;
  return std::nullopt;
}

size_t stripe_ring::know(std::string_view name, const stripe& x,
                         std::string_view reason) {
  if (auto known = find(name))
    return *known;
  entry added;
  added.name = name;
  added.stripe = x;
  added.reason = reason;
  entries_.push_back(std::move(added));
  return entries_.size() - 1;
}

size_t stripe_ring::up(std::string_view name, const stripe& x) {
  auto index = know(name, x, {});
  auto& e = entries_[index];
  e.stripe = x;
  e.up = true;
  mark_aside(e, false);
  e.reason.clear();
  e.penalty = options_.set_aside_min;
  e.probed.reset();
  e.since = turn_;
  return index;
}

void stripe_ring::down(size_t index, std::string_view reason) {
  auto& e = entries_[index];
  e.up = false;
  mark_aside(e, false);
  e.reason = reason;
  e.probed.reset();
  e.since = turn_;
}

std::optional<stripe_ring::pick>
stripe_ring::next(time_point now, const std::vector<size_t>& tried) {
  auto index = choose(now, tried);
  if (!index)
    return std::nullopt;
  return pick{*index, ++turn_};
}

std::optional<size_t> stripe_ring::choose(time_point now,
                                          const std::vector<size_t>& tried) {
  // With all in order the choice costs the same, however many there are.
  if (asides_ == 0)
    return choose_healthy(tried);
  // A probe goes first, whatever the strategy prefers: else a stripe that
  // works again would still be aside when it is needed.
  for (size_t i = 0; i < entries_.size(); ++i) {
    auto& e = entries_[i];
    if (e.up && e.aside && !e.probed && now >= e.aside_until
        && !among(tried, i)) {
      e.probed = now;
      return i;
    }
  }
  if (auto index = choose_healthy(tried))
    return index;
  // Nothing is healthy: better join a probe that may succeed than fail, unless
  // it has been on its way for so long that it will not.
  for (size_t i = 0; i < entries_.size(); ++i) {
    const auto& e = entries_[i];
    if (e.up && e.probed && now < *e.probed + options_.set_aside_min
        && !among(tried, i))
      return i;
  }
  return std::nullopt;
}

std::optional<size_t>
stripe_ring::choose_healthy(const std::vector<size_t>& tried) {
  auto n = entries_.size();
  auto start = options_.strategy == strategy::round_robin ? cursor_ : 0;
  for (size_t step = 0; step < n; ++step) {
    auto i = (start + step) % n;
    if (entries_[i].healthy() && !among(tried, i)) {
      cursor_ = (i + 1) % n;
      return i;
    }
  }
  return std::nullopt;
}

bool stripe_ring::succeeded(const pick& x) {
  auto& e = entries_[x.index];
  if (!e.up || !e.aside || x.turn <= e.since)
    return false;
  mark_aside(e, false);
  e.reason.clear();
  e.penalty = options_.set_aside_min;
  e.probed.reset();
  e.since = turn_;
  return true;
}

std::optional<std::chrono::milliseconds>
stripe_ring::failed(const pick& x, time_point now, std::string_view reason) {
  auto& e = entries_[x.index];
  if (!e.up || x.turn <= e.since)
    return std::nullopt;
  auto time_aside = e.penalty;
  e.penalty = std::min(e.penalty * 2, options_.set_aside_max);
  mark_aside(e, true);
  e.reason = reason;
  e.aside_until = now + time_aside;
  e.probed.reset();
  e.since = turn_;
  return time_aside;
}

void stripe_ring::mark_aside(entry& e, bool aside) {
  if (e.aside != aside)
    asides_ += aside ? 1 : -1;
  e.aside = aside;
}

std::string stripe_ring::reasons() const {
  std::string text;
  for (const auto& e : entries_)
    if (!e.healthy())
      text += (text.empty() ? "" : "; ") + e.name + ": " + e.reason;
  return text.empty() ? "none is known" : text;
}

} // namespace intd
