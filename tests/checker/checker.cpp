#include "tests/checker/checker.hpp"

#include <algorithm>
#include <sstream>

namespace intd::checker {

namespace {

constexpr std::string_view vacuity = "not_vacuous";

// The longest stretch of the fault's time in which no answer ended.
int64_t gap_during(const fault& f, const std::vector<int64_t>& ends) {
  auto at = std::ranges::lower_bound(ends, f.begin);
  auto last = f.begin;
  int64_t longest = 0;
  for (; at != ends.end() && *at <= f.end; ++at) {
    longest = std::max(longest, *at - last);
    last = *at;
  }
  return std::max(longest, f.end - last);
}

std::map<std::string, int64_t> gaps(const history& x) {
  std::vector<int64_t> ends;
  for (auto& c : x.calls)
    if (c.result == outcome::ok)
      ends.push_back(c.end);
  std::ranges::sort(ends);
  std::map<std::string, int64_t> out;
  for (auto& f : x.faults) {
    auto& longest = out[f.kind];
    longest = std::max(longest, gap_during(f, ends));
  }
  return out;
}

std::string_view name_of(verdict x) {
  switch (x) {
    case verdict::valid:
      return "valid";
    case verdict::invalid:
      return "invalid";
    case verdict::unknown:
      break;
  }
  return "unknown";
}

} // namespace

const std::vector<invariant>& invariants() {
  static const std::vector<invariant> all{
    {"unique", unique},
    {"unique_with_unknowns", unique_with_unknowns},
    {"durable_before_visible", durable_before_visible},
    {"bound_never_falls", bound_never_falls},
    {"stripe_membership", stripe_membership},
    {"segments_disjoint", segments_disjoint},
    {"no_resurrection", no_resurrection},
    {"order", order},
    {"range_and_type", range_and_type},
    {"definite_means_definite", definite_means_definite},
    {"admin", admin},
    {"reply_matching", reply_matching},
    {"availability", availability},
    {"recovery", recovery},
    {"gap_accounting", gap_accounting},
    {vacuity, not_vacuous},
  };
  return all;
}

report check(const history& x) {
  view seen{x};
  report out;
  out.answered = seen.answered().size();
  out.longest_gap = gaps(x);
  out.verdict = verdict::valid;
  for (auto& [name, holds] : invariants()) {
    auto found = holds(seen);
    if (found.empty())
      continue;
    if (name != vacuity)
      out.verdict = verdict::invalid;
    else if (out.verdict == verdict::valid)
      out.verdict = verdict::unknown;
    out.found.emplace(name, std::move(found));
  }
  return out;
}

std::string to_string(const report& x) {
  std::ostringstream out;
  out << "history " << name_of(x.verdict) << ", " << x.answered
      << " integers answered\n";
  for (auto& [kind, ns] : x.longest_gap)
    out << "longest time without an answer during " << kind << ": "
        << ns / 1'000'000 << " ms\n";
  for (auto& [name, found] : x.found)
    for (auto& v : found) {
      out << name << ": " << v.what << '\n';
      for (auto& record : v.records)
        out << "  " << record << '\n';
    }
  return out.str();
}

} // namespace intd::checker
