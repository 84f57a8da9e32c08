// The invariants on availability and on the honesty of the test itself.
#include "tests/checker/checker.hpp"

#include "tests/checker/findings.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

namespace intd::checker {

namespace {

constexpr auto forever = std::numeric_limits<int64_t>::max();

struct interval {
  int64_t begin = 0;
  int64_t end = 0;
};

// Takes `hole` out of every interval.
std::vector<interval> without(const std::vector<interval>& xs, interval hole) {
  std::vector<interval> out;
  for (auto& x : xs) {
    if (hole.end <= x.begin || hole.begin >= x.end) {
      out.push_back(x);
      continue;
    }
    if (x.begin < hole.begin)
      out.push_back({x.begin, hole.begin});
    if (hole.end < x.end)
      out.push_back({hole.end, x.end});
  }
  return out;
}

std::vector<interval> merged(std::vector<interval> xs) {
  std::ranges::sort(xs, {}, &interval::begin);
  std::vector<interval> out;
  for (auto& x : xs)
    if (!out.empty() && x.begin <= out.back().end)
      out.back().end = std::max(out.back().end, x.end);
    else
      out.push_back(x);
  return out;
}

// When at least one node is up, and no fault keeps it from answering.
std::vector<interval> usable(const view& x) {
  std::set<std::string> nodes;
  for (auto& life : x.all().boots)
    nodes.insert(life.node);
  std::vector<interval> all;
  for (auto& node : nodes) {
    std::vector<interval> up;
    for (auto* life : x.boots_of(node))
      up.push_back({life->begin, life->end == 0 ? forever : life->end});
    for (auto& f : x.all().faults)
      if (f.blocks && (f.node == node || f.node.empty()))
        up = without(up, {f.begin, f.end});
    all.insert(all.end(), up.begin(), up.end());
  }
  return merged(std::move(all));
}

// A client's attempts at one thing.
struct operation {
  const call* first = nullptr;
  int64_t begin = forever;
  int64_t answered = forever;
};

std::vector<operation> operations(const view& x) {
  std::map<std::pair<std::string, int64_t>, operation> all;
  for (auto& c : x.all().calls) {
    if (c.kind != call_kind::mint)
      continue;
    auto& out = all[{c.client, c.operation}];
    if (c.begin < out.begin)
      out.begin = c.begin, out.first = &c;
    if (c.result == outcome::ok)
      out.answered = std::min(out.answered, c.end);
  }
  std::vector<operation> out;
  for (auto& [id, x1] : all)
    out.push_back(x1);
  return out;
}

struct tally {
  int64_t acked = 0;
  int64_t unknown = 0;
  int64_t greatest = 0;
  int64_t boots = 0;
};

// What is known of one stripe of one node. Only nodes with one stripe have
// their unanswered calls counted exactly; with more, each may have served them.
tally tally_of(const view& x, const std::string& node, const stripe_id& id) {
  tally out;
  std::set<int64_t> values;
  for (auto& m : x.answered())
    if (m.from->node == node && m.id() == id)
      values.insert(m.value);
  out.acked = static_cast<int64_t>(values.size());
  if (!values.empty())
    out.greatest = *values.rbegin();
  for (auto& c : x.all().calls)
    if (c.kind == call_kind::mint && c.node == node && c.key == id.key
        && c.result == outcome::unknown)
      out.unknown += c.count;
  for (auto& b : x.all().bounds)
    if (b.node == node && b.key == id.key && b.stripe.offset == id.offset
        && b.stripe.increment == id.increment)
      out.greatest = std::max(out.greatest, b.value);
  out.boots = static_cast<int64_t>(x.boots_of(node).size());
  return out;
}

// The integers that `set_last` skipped on purpose.
int64_t skipped(const view& x, const std::string& node,
                const progression& stripe, const std::string& key) {
  int64_t out = 0;
  for (auto& c : x.all().calls) {
    if (c.kind != call_kind::set_last || c.node != node || c.key != key
        || c.result == outcome::failed)
      continue;
    auto below = stripe.base;
    for (auto& m : x.answered())
      if (m.from->key == key && m.value <= c.argument
          && contains(stripe, m.value))
        below = std::max(below, m.value);
    out += std::max<int64_t>(
      members_to(stripe, c.argument) - members_to(stripe, below), 0);
  }
  return out;
}

void check_gap(const view& x, const std::string& node,
               const progression& stripe, const std::string& key,
               findings& out) {
  auto seen = tally_of(x, node, {key, stripe.offset, stripe.increment});
  auto gap = members_to(stripe, seen.greatest) - members_to(stripe, stripe.base)
    - seen.acked - seen.unknown - skipped(x, node, stripe, key);
  auto most = seen.boots * x.all().promised.block;
  if (gap > most)
    out.add(node + ": " + std::to_string(gap) + " integers of "
              + std::to_string(stripe.offset) + " mod "
              + std::to_string(stripe.increment) + " are missing, "
              + std::to_string(most) + " may be",
            *x.boots_of(node).front());
}

const std::string& field(const call& c, const std::string& dimension,
                         const view& x) {
  static const std::string none;
  if (dimension == "node")
    return c.node;
  if (dimension == "front_end")
    return c.front_end;
  auto lives = x.serving(c);
  return dimension == "engine" && !lives.empty() ? lives.front()->engine : none;
}

bool during_traffic(const view& x, const fault& f) {
  return std::ranges::any_of(x.all().calls, [&f](const call& c) {
    return c.begin <= f.end && c.end >= f.begin;
  });
}

} // namespace

violations availability(const view& x) {
  findings out;
  auto budget = x.all().promised.budget;
  if (budget <= 0)
    return {};
  auto up = usable(x);
  for (auto& op : operations(x)) {
    auto deadline = op.begin + budget;
    if (op.answered <= deadline)
      continue;
    for (auto& i : up)
      if (i.begin <= op.begin && i.end >= deadline)
        out.add("no answer within the budget though a node was up", *op.first);
  }
  return out.all();
}

violations recovery(const view& x) {
  findings out;
  auto within = x.all().promised.recovery;
  if (within <= 0 || x.all().faults.empty())
    return {};
  auto& last = *std::ranges::max_element(x.all().faults, {}, &fault::end);
  for (auto& life : x.all().boots) {
    if (life.end != 0)
      continue;
    auto answers = [&](const call& c) {
      return c.node == life.node && c.result == outcome::ok && c.end >= last.end
        && c.end <= last.end + within;
    };
    if (std::ranges::none_of(x.all().calls, answers))
      out.add("no answer of " + life.node + " after the last fault", last,
              life);
  }
  return out.all();
}

violations gap_accounting(const view& x) {
  findings out;
  if (x.all().promised.block <= 0)
    return {};
  std::set<std::string> keys, nodes;
  for (auto& c : x.all().calls)
    keys.insert(c.key);
  for (auto& life : x.all().boots)
    nodes.insert(life.node);
  for (auto& node : nodes)
    for (auto& stripe : x.stripes_of(node))
      for (auto& key : keys)
        check_gap(x, node, stripe, key, out);
  return out.all();
}

violations not_vacuous(const view& x) {
  findings out;
  if (x.answered().empty())
    out.add("nothing was answered");
  for (auto& wanted : x.all().promised.minimum) {
    auto got = std::ranges::count_if(x.all().calls, [&](const call& c) {
      return c.kind == call_kind::mint && c.result == outcome::ok
        && field(c, wanted.dimension, x) == wanted.name;
    });
    if (got < wanted.calls)
      out.add(wanted.dimension + " " + wanted.name + " answered "
              + std::to_string(got) + ", at least "
              + std::to_string(wanted.calls) + " are needed");
  }
  for (auto& kind : x.all().promised.faults)
    if (std::ranges::none_of(x.all().faults, [&](const fault& f) {
          return f.kind == kind && !f.evidence.empty() && during_traffic(x, f);
        }))
      out.add("no fault fired during traffic: " + kind);
  return out.all();
}

} // namespace intd::checker
