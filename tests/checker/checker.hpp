// The judge: what must hold of every history of a cluster, each invariant a
// function that returns its violations with the records that prove them. Tests
// record a history (history.hpp), call `check`, and want `verdict::valid`.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/checker/view.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace intd::checker {

struct violation {
  std::string what;
  /// The offending records, as lines of a stored history.
  std::vector<std::string> records;
};

/// The first few violations of one invariant.
using violations = std::vector<violation>;

// -- safety -------------------------------------------------------------------

/// Each integer of a key is in at most one complete answer.
[[nodiscard]] violations unique(const view& x);

/// Each integer has one owner at most among all that were seen anywhere:
/// answers, late or cut-off answers, the nodes' own send logs.
[[nodiscard]] violations unique_with_unknowns(const view& x);

/// A bound at or above each integer was durable before it was answered.
[[nodiscard]] violations durable_before_visible(const view& x);

/// No durable bound of a stripe ever falls, unless nothing is minted from the
/// stripe until it is back.
[[nodiscard]] violations bound_never_falls(const view& x);

/// Each integer lies in a stripe of the node that answered, above its base.
[[nodiscard]] violations stripe_membership(const view& x);

/// Segments do not overlap, and each integer lies in one that its node held.
[[nodiscard]] violations segments_disjoint(const view& x);

/// No boot answers from a segment of an earlier one.
[[nodiscard]] violations no_resurrection(const view& x);

/// In one stripe, a call that began after another was answered gets greater
/// integers; so does a later request on the same connection.
[[nodiscard]] violations order(const view& x);

/// Each integer is 1 to the promised maximum, in plain digits; an answer has as
/// many as were asked for.
[[nodiscard]] violations range_and_type(const view& x);

/// No integer comes with an error, and no call is answered twice.
[[nodiscard]] violations definite_means_definite(const view& x);

/// After `set_last` all integers are greater; it never lowers; refused, it
/// changes nothing.
[[nodiscard]] violations admin(const view& x);

/// Each answer bears the mark of its request.
[[nodiscard]] violations reply_matching(const view& x);

// -- liveness and honesty -----------------------------------------------------

/// While any node can mint, every operation succeeds within the budget.
[[nodiscard]] violations availability(const view& x);

/// After the last fault every living node answers within the promised time.
[[nodiscard]] violations recovery(const view& x);

/// No more integers are missing than boots and unanswered calls explain.
[[nodiscard]] violations gap_accounting(const view& x);

/// Every node, front end and engine answered enough, and every promised kind of
/// fault fired during traffic.
[[nodiscard]] violations not_vacuous(const view& x);

// -- all of them --------------------------------------------------------------

struct invariant {
  std::string_view name;
  violations (*check)(const view&);
};

[[nodiscard]] const std::vector<invariant>& invariants();

enum class verdict {
  valid,
  invalid,
  /// Nothing is wrong, but too little happened to say so.
  unknown,
};

struct report {
  checker::verdict verdict = verdict::unknown;
  /// By the invariant's name; those that hold are absent.
  std::map<std::string, violations, std::less<>> found;
  /// Integers in complete answers.
  size_t answered = 0;
  /// For each kind of fault, the longest time without any answer while it
  /// lasted, in nanoseconds.
  std::map<std::string, int64_t> longest_gap;
};

[[nodiscard]] report check(const history& x);

/// Renders a report for a person: the verdict, each violation, its records.
[[nodiscard]] std::string to_string(const report& x);

} // namespace intd::checker
