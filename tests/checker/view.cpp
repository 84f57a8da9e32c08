#include "tests/checker/view.hpp"

#include <algorithm>
#include <charconv>

namespace intd::checker {

bool read_integer(std::string_view text, int64_t& value) {
  auto begin = text.find_first_not_of(" \t\r\n+");
  if (begin == text.npos)
    return false;
  text.remove_prefix(begin);
  auto* end = text.data() + text.size();
  return std::from_chars(text.data(), end, value).ec == std::errc{};
}

int64_t members_to(const progression& x, int64_t last) {
  return last < x.offset ? 0 : (last - x.offset) / x.increment + 1;
}

bool contains(const progression& x, int64_t value) {
  return value >= x.offset && (value - x.offset) % x.increment == 0;
}

view::view(const history& of) : history_(&of) {
  for (auto& x : of.boots)
    boots_[x.node].push_back(&x);
  for (auto& [node, boots] : boots_)
    std::ranges::sort(boots, {}, &boot::begin);
  for (auto& x : of.calls)
    if (x.kind == call_kind::mint)
      expand(x);
}

const std::vector<const boot*>& view::boots_of(const std::string& node) const {
  static const std::vector<const boot*> none;
  auto found = boots_.find(node);
  return found == boots_.end() ? none : found->second;
}

// A node's boots do not overlap, so the few that can match stand together.
std::vector<const boot*> view::serving(const call& x) const {
  std::vector<const boot*> out;
  auto& all = boots_of(x.node);
  auto at = std::ranges::upper_bound(all, x.end, {}, &boot::begin);
  while (at != all.begin()) {
    auto* life = *--at;
    if (life->end != 0 && life->end < x.begin)
      break;
    out.push_back(life);
  }
  return out;
}

std::vector<progression> view::stripes_of(const std::string& node) const {
  std::vector<progression> out;
  for (auto* life : boots_of(node))
    for (auto& x : life->stripes)
      if (std::ranges::none_of(out, [&x](const progression& known) {
            return known.offset == x.offset && known.increment == x.increment;
          }))
        out.push_back(x);
  return out;
}

void view::expand(const call& x) {
  if (x.values.empty())
    return;
  auto boots = serving(x);
  auto& to = x.result == outcome::ok ? answered_ : stray_;
  for (auto& text : x.values) {
    minted out{&x, 0, {0, 0, 0}};
    if (!read_integer(text, out.value))
      continue;
    for (auto* life : boots)
      for (auto& candidate : life->stripes)
        if (out.stripe.increment == 0 && contains(candidate, out.value))
          out.stripe = candidate;
    to.push_back(out);
  }
}

} // namespace intd::checker
