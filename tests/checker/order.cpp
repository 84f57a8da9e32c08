// The invariants on order: within a stripe, on a connection, and against
// `set_last`.
#include "tests/checker/checker.hpp"

#include "tests/checker/findings.hpp"

#include <algorithm>
#include <map>

namespace intd::checker {

namespace {

// What one answer holds of one stripe.
struct part {
  const call* from = nullptr;
  int64_t least = 0;
  int64_t greatest = 0;
};

using parts = std::map<stripe_id, std::vector<part>>;

// Integers of one answer stand side by side in `answered`.
parts by_stripe(const view& x, findings& out) {
  parts all;
  for (auto& m : x.answered()) {
    auto& stripe = all[m.id()];
    if (stripe.empty() || stripe.back().from != m.from) {
      stripe.push_back({m.from, m.value, m.value});
      continue;
    }
    auto& last = stripe.back();
    if (m.value <= last.greatest)
      out.add("an answer whose integers do not rise", *m.from);
    last.least = std::min(last.least, m.value);
    last.greatest = std::max(last.greatest, m.value);
  }
  return all;
}

void check_stripe(std::vector<part> by_begin, findings& out) {
  auto by_end = by_begin;
  std::ranges::stable_sort(by_begin, [](const part& a, const part& b) {
    return a.from->begin < b.from->begin;
  });
  std::ranges::stable_sort(by_end, [](const part& a, const part& b) {
    return a.from->end < b.from->end;
  });
  const part* greatest = nullptr;
  size_t ended = 0;
  for (auto& later : by_begin) {
    for (; ended < by_end.size() && by_end[ended].from->end < later.from->begin;
         ++ended)
      if (!greatest || by_end[ended].greatest > greatest->greatest)
        greatest = &by_end[ended];
    if (greatest && later.least <= greatest->greatest)
      out.add("began after the other was answered, and got a lower integer",
              *greatest->from, *later.from);
  }
}

void check_connections(std::vector<part> stripe, findings& out) {
  std::ranges::stable_sort(stripe, [](const part& a, const part& b) {
    return a.from->number < b.from->number;
  });
  std::map<std::string, const part*> last;
  for (auto& p : stripe) {
    auto& before = last[p.from->client + '\n' + p.from->connection];
    if (before && p.least <= before->greatest)
      out.add("a later request on the connection got a lower integer",
              *before->from, *p.from);
    before = &p;
  }
}

// How a `set_last` lies among the answers of one stripe.
struct surroundings {
  // The greatest answered before it began.
  const minted* before = nullptr;
  // The least of the calls that began after it.
  const minted* after = nullptr;
  // The neighbours of what it was to set, whenever they were minted.
  const minted* below = nullptr;
  const minted* above = nullptr;
};

void raise(const minted*& greatest, const minted& m) {
  if (!greatest || m.value > greatest->value)
    greatest = &m;
}

void lower(const minted*& least, const minted& m) {
  if (!least || m.value < least->value)
    least = &m;
}

surroundings around(const view& x, const call& set, const progression& stripe) {
  surroundings out;
  for (auto& m : x.answered()) {
    if (m.from->key != set.key || m.stripe.offset != stripe.offset
        || m.stripe.increment != stripe.increment)
      continue;
    if (m.from->end < set.begin)
      raise(out.before, m);
    if (m.from->begin > set.end)
      lower(out.after, m);
    if (m.value <= set.argument)
      raise(out.below, m);
    else
      lower(out.above, m);
  }
  return out;
}

void check_accepted(const view& x, const call& set, findings& out) {
  bool lowers = true;
  const minted* above = nullptr;
  for (auto& stripe : x.stripes_of(set.node)) {
    auto near = around(x, set, stripe);
    if (near.after && near.after->value <= set.argument)
      out.add("not above what set_last set", set, *near.after->from);
    if (!near.before || near.before->value <= set.argument)
      lowers = false;
    else
      above = near.before;
  }
  if (lowers && above)
    out.add("set_last to a lower integer was accepted", *above->from, set);
}

// The most integers in a row that may be missing for other reasons.
int64_t explained_gap(const view& x, const call& set) {
  int64_t out = 0;
  for (auto& c : x.all().calls) {
    if (c.kind == call_kind::mint && c.result != outcome::ok)
      out += c.count;
    if (c.kind == call_kind::set_last && c.result != outcome::failed)
      out = std::max(out, c.argument);
  }
  auto boots = static_cast<int64_t>(x.boots_of(set.node).size());
  return out + boots * std::max<int64_t>(x.all().promised.block, 0);
}

// A refused one must not have moved the stripe to its argument: then all
// integers around it are missing.
void check_refused(const view& x, const call& set, findings& out) {
  auto explained = explained_gap(x, set);
  for (auto& stripe : x.stripes_of(set.node)) {
    auto near = around(x, set, stripe);
    if (!near.above)
      continue;
    auto from = near.below ? near.below->value : stripe.base;
    auto gap
      = members_to(stripe, near.above->value) - members_to(stripe, from) - 1;
    if (gap > explained)
      out.add("a refused set_last moved the stripe", set, *near.above->from);
  }
}

} // namespace

violations order(const view& x) {
  findings out;
  for (auto& [id, stripe] : by_stripe(x, out)) {
    check_stripe(stripe, out);
    check_connections(stripe, out);
  }
  return out.all();
}

violations admin(const view& x) {
  findings out;
  for (auto& c : x.all().calls) {
    if (c.kind != call_kind::set_last)
      continue;
    if (c.result == outcome::ok)
      check_accepted(x, c, out);
    else if (c.result == outcome::failed)
      check_refused(x, c, out);
  }
  return out.all();
}

} // namespace intd::checker
