// The invariants that tie answers to what the nodes kept: stripes, durable
// bounds, segments.
#include "tests/checker/checker.hpp"

#include "tests/checker/findings.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace intd::checker {

namespace {

using owner = std::pair<std::string, stripe_id>;

owner owner_of(const bound& x) {
  return {x.node, {x.key, x.stripe.offset, x.stripe.increment}};
}

owner owner_of(const minted& x) {
  return {x.from->node, x.id()};
}

std::map<owner, std::vector<const minted*>> by_owner(const view& x) {
  std::map<owner, std::vector<const minted*>> out;
  for (auto& m : x.answered())
    out[owner_of(m)].push_back(&m);
  for (auto& [who, all] : out)
    std::ranges::stable_sort(all, [](const minted* a, const minted* b) {
      return a->from->end < b->from->end;
    });
  return out;
}

std::vector<const bound*> in_time(std::vector<const bound*> xs) {
  std::ranges::stable_sort(xs, {}, &bound::at);
  return xs;
}

// A look at the disk: everything answered before it is at or below it.
void check_observed(const std::vector<const bound*>& looks,
                    const std::vector<const minted*>& answers, findings& out) {
  const minted* greatest = nullptr;
  size_t next = 0;
  for (auto* look : looks) {
    for (; next < answers.size() && answers[next]->from->end <= look->at;
         ++next)
      if (!greatest || answers[next]->value > greatest->value)
        greatest = answers[next];
    if (greatest && greatest->value > look->value)
      out.add("answered " + std::to_string(greatest->value)
                + ", on disk afterwards " + std::to_string(look->value),
              *greatest->from, *look);
  }
}

// A complete log: each answer has its bound in it, from before.
void check_logged(const std::vector<const bound*>& log,
                  const std::vector<const minted*>& answers, findings& out) {
  const bound* greatest = nullptr;
  size_t next = 0;
  for (auto* m : answers) {
    for (; next < log.size() && log[next]->at <= m->from->end; ++next)
      if (!greatest || log[next]->value > greatest->value)
        greatest = log[next];
    if (!greatest)
      out.add("answered before any bound was durable", *m->from);
    else if (greatest->value < m->value)
      out.add("answered above the durable bound "
                + std::to_string(greatest->value),
              *m->from, *greatest);
  }
}

// Nothing may be minted from the stripe between a fall and the bound's return.
void check_fall(const bound& before, const std::vector<const bound*>& later,
                const std::vector<const minted*>& answers, findings& out) {
  auto& fall = *later.front();
  auto back = std::ranges::find_if(later, [&before](const bound* b) {
    return b->value >= before.value;
  });
  auto until
    = back == later.end() ? std::numeric_limits<int64_t>::max() : (*back)->at;
  for (auto* m : answers)
    if (m->from->begin >= fall.at && m->from->end <= until) {
      out.add("the bound fell, and its stripe minted on", before, fall,
              *m->from);
      return;
    }
}

bool same_stripe(const segment& s, const minted& m) {
  return s.key == m.from->key && s.stripe.offset == m.stripe.offset
    && s.stripe.increment == m.stripe.increment;
}

bool holds(const segment& s, const minted& m) {
  return s.node == m.from->node && same_stripe(s, m) && m.value >= s.first
    && m.value <= s.last && s.at <= m.from->end;
}

} // namespace

violations durable_before_visible(const view& x) {
  findings out;
  auto answers = by_owner(x);
  std::map<std::pair<owner, std::string>, std::vector<const bound*>> looks;
  std::map<owner, std::vector<const bound*>> logs;
  for (auto& b : x.all().bounds)
    (b.logged ? logs[owner_of(b)] : looks[{owner_of(b), b.source}])
      .push_back(&b);
  for (auto& [who, all] : looks)
    check_observed(in_time(all), answers[who.first], out);
  std::set<std::string> logging;
  for (auto& [who, all] : logs)
    logging.insert(who.first);
  for (auto& [who, all] : answers)
    if (logging.contains(who.first))
      check_logged(in_time(logs[who]), all, out);
  return out.all();
}

violations bound_never_falls(const view& x) {
  findings out;
  auto answers = by_owner(x);
  std::map<std::pair<owner, std::string>, std::vector<const bound*>> all;
  for (auto& b : x.all().bounds)
    all[{owner_of(b), b.source}].push_back(&b);
  for (auto& [who, unsorted] : all) {
    auto bounds = in_time(unsorted);
    for (size_t i = 1; i < bounds.size(); ++i)
      if (bounds[i]->value < bounds[i - 1]->value)
        check_fall(*bounds[i - 1],
                   {bounds.begin() + static_cast<ptrdiff_t>(i), bounds.end()},
                   answers[who.first], out);
  }
  return out.all();
}

violations stripe_membership(const view& x) {
  findings out;
  for (auto& m : x.answered())
    if (x.serving(*m.from).empty())
      out.add("answered by a node that did not run", *m.from);
    else if (m.stripe.increment == 0)
      out.add("in no stripe of its node: " + std::to_string(m.value), *m.from);
    else if (m.value <= m.stripe.base)
      out.add("not above its stripe's base " + std::to_string(m.stripe.base),
              *m.from);
  return out.all();
}

violations segments_disjoint(const view& x) {
  findings out;
  auto& all = x.all().segments;
  std::vector<const segment*> sorted;
  std::set<std::string> granted;
  for (auto& s : all)
    sorted.push_back(&s), granted.insert(s.node);
  std::ranges::stable_sort(sorted, [](const segment* a, const segment* b) {
    return std::tie(a->key, a->stripe.offset, a->stripe.increment, a->first)
      < std::tie(b->key, b->stripe.offset, b->stripe.increment, b->first);
  });
  for (size_t i = 1; i < sorted.size(); ++i) {
    auto &a = *sorted[i - 1], &b = *sorted[i];
    if (a.key == b.key && a.stripe.offset == b.stripe.offset
        && a.stripe.increment == b.stripe.increment && b.first <= a.last)
      out.add("two segments overlap", a, b);
  }
  for (auto& m : x.answered())
    if (granted.contains(m.from->node)
        && std::ranges::none_of(all, [&m](const segment& s) {
             return holds(s, m);
           }))
      out.add("in no segment of its node: " + std::to_string(m.value), *m.from);
  return out.all();
}

violations no_resurrection(const view& x) {
  findings out;
  for (auto& m : x.answered())
    for (auto& s : x.all().segments) {
      if (!holds(s, m))
        continue;
      auto serving = x.serving(*m.from);
      if (std::ranges::none_of(serving, [&s](const boot* life) {
            return life->id == s.boot;
          }))
        out.add("from a segment of another boot", *m.from, s);
    }
  return out.all();
}

} // namespace intd::checker
