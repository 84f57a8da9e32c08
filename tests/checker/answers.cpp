// The invariants on answers alone: uniqueness, form, and whose they are.
#include "tests/checker/checker.hpp"

#include "tests/checker/findings.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace intd::checker {

namespace {

// All integers seen, by key and value; stable, so the first owner comes first.
std::vector<const minted*> by_value(std::vector<const minted*> xs) {
  std::ranges::stable_sort(xs, [](const minted* a, const minted* b) {
    return std::tie(a->from->key, a->value) < std::tie(b->from->key, b->value);
  });
  return xs;
}

void find_twins(const std::vector<const minted*>& sorted, findings& out) {
  for (size_t i = 1; i < sorted.size(); ++i) {
    auto& a = *sorted[i - 1];
    auto& b = *sorted[i];
    if (a.value == b.value && a.from->key == b.from->key)
      out.add("twice: " + std::to_string(b.value), *a.from, *b.from);
  }
}

std::vector<const minted*> pointers(const std::vector<minted>& xs) {
  std::vector<const minted*> out;
  out.reserve(xs.size());
  for (auto& x : xs)
    out.push_back(&x);
  return out;
}

bool plain_integer(std::string_view text) {
  return !text.empty() && text.front() != '0'
    && std::ranges::all_of(text, [](char c) {
         return c >= '0' && c <= '9';
       });
}

// The send logs: nothing twice, and nothing answered that is not in them.
void check_sends(const view& x, findings& out) {
  std::map<std::pair<std::string, int64_t>, const sent*> sends;
  std::map<std::string, bool> logs;
  for (auto& s : x.all().sends) {
    logs[s.node] = true;
    auto [first, added] = sends.emplace(std::pair{s.key, s.value}, &s);
    if (!added)
      out.add("sent twice: " + std::to_string(s.value), *first->second, s);
  }
  for (auto& m : x.answered()) {
    if (!logs.contains(m.from->node))
      continue;
    auto found = sends.find({m.from->key, m.value});
    if (found == sends.end() || found->second->node != m.from->node
        || found->second->at > m.from->end)
      out.add("answered, but its node did not log that it sent "
                + std::to_string(m.value),
              *m.from);
  }
}

} // namespace

violations unique(const view& x) {
  findings out;
  find_twins(by_value(pointers(x.answered())), out);
  return out.all();
}

violations unique_with_unknowns(const view& x) {
  findings out;
  auto seen = pointers(x.answered());
  for (auto& m : x.stray())
    seen.push_back(&m);
  find_twins(by_value(std::move(seen)), out);
  check_sends(x, out);
  return out.all();
}

violations range_and_type(const view& x) {
  findings out;
  for (auto& c : x.all().calls) {
    if (c.kind != call_kind::mint)
      continue;
    auto wanted = static_cast<size_t>(c.count);
    if (c.result == outcome::ok && c.values.size() != wanted)
      out.add("asked for " + std::to_string(c.count) + ", got "
                + std::to_string(c.values.size()),
              c);
    for (auto& text : c.values) {
      int64_t value = 0;
      if (!plain_integer(text) || !read_integer(text, value))
        out.add("not an integer in plain digits: " + text, c);
      else if (value < 1 || value > x.all().promised.max)
        out.add("out of range: " + text, c);
    }
  }
  return out.all();
}

violations definite_means_definite(const view& x) {
  findings out;
  std::unordered_map<std::string, const call*> seen;
  for (auto& c : x.all().calls) {
    if (c.result == outcome::failed && !c.values.empty())
      out.add("an integer came with an error: " + c.values.front(), c);
    auto [first, added]
      = seen.emplace(c.client + ' ' + std::to_string(c.number), &c);
    if (!added)
      out.add("one call, two ends", *first->second, c);
  }
  return out.all();
}

violations reply_matching(const view& x) {
  findings out;
  for (auto& c : x.all().calls)
    if (c.result == outcome::ok && c.tag != c.reply_tag)
      out.add("asked with mark '" + c.tag + "', answered with '" + c.reply_tag
                + "'",
              c);
  return out.all();
}

} // namespace intd::checker
