// What happened in a run of one cluster, as the tests saw it: every call of
// every client, what the nodes said of themselves, and every fault. Load and
// fault tests write it, checker.hpp judges it. Plain data, no CAF, and none of
// the arithmetic it is to judge.
//
// All times are nanoseconds of the machine's monotonic clock (steady_clock),
// so that one history spans processes and their restarts.
#pragma once

#include <cstdint>
#include <istream>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace intd::checker {

enum class call_kind { mint, set_last };

/// How a call ended, as its client may conclude.
enum class outcome {
  /// Answered, completely.
  ok,
  /// Certainly without an integer: refused, or answered with an error.
  failed,
  /// Cut off after it was sent: an integer may have been minted for it.
  unknown,
};

/// One attempt of one client at one node.
struct call {
  std::string client;
  /// Unique and rising within its client.
  int64_t number = 0;
  /// Attempts of a client at the same thing share it: a client that knows
  /// several nodes tries the next one after a failure.
  int64_t operation = 0;
  /// The connection it was sent on, unique in the history.
  std::string connection;
  call_kind kind = call_kind::mint;
  std::string key;
  std::string front_end;
  std::string node;
  /// How many integers were asked for.
  int64_t count = 1;
  /// What `set_last` was asked to set.
  int64_t argument = 0;
  int64_t begin = 0;
  int64_t end = 0;
  outcome result = outcome::unknown;
  /// The bytes of every integer received, also late or with an error.
  std::vector<std::string> values;
  /// What the request was marked with, and what its answer bore; empty where
  /// the protocol has no place for a mark.
  std::string tag;
  std::string reply_tag;
};

/// A stripe that a node was configured to mint from, above `base`.
struct progression {
  int64_t offset = 1;
  int64_t increment = 1;
  int64_t base = 0;
};

/// One life of one node: from its readiness to its death.
struct boot {
  std::string node;
  std::string id;
  std::string engine;
  std::vector<progression> stripes;
  int64_t begin = 0;
  /// 0 while it lives at the end of the history.
  int64_t end = 0;
};

/// A durable bound of a stripe: nothing at or below it is ever minted again.
struct bound {
  std::string node;
  /// Where it is kept, e.g. "guard" or "store".
  std::string source;
  std::string key;
  progression stripe;
  int64_t value = 0;
  int64_t at = 0;
  /// Whether it comes from a complete log of what was persisted, rather than
  /// from a look at the disk.
  bool logged = false;
};

/// Integers that a boot was allowed to answer, from `first` to `last`.
struct segment {
  std::string node;
  std::string boot;
  std::string key;
  progression stripe;
  int64_t first = 0;
  int64_t last = 0;
  int64_t at = 0;
};

/// An integer that a node wrote to a client, from a complete log of its own.
struct sent {
  std::string node;
  std::string key;
  int64_t value = 0;
  int64_t at = 0;
};

/// Something that was done to a node.
struct fault {
  std::string kind;
  std::string node;
  int64_t begin = 0;
  int64_t end = 0;
  /// Whether the node cannot be expected to answer meanwhile.
  bool blocks = true;
  /// What proves that it happened, e.g. the exit status; empty: nothing does.
  std::string evidence;
};

/// The least number of answered calls for the history to say anything.
struct least {
  /// "node", "front_end" or "engine".
  std::string dimension;
  std::string name;
  int64_t calls = 1;
};

/// What the history is measured against. 0 or less: not promised.
struct promise {
  int64_t max = std::numeric_limits<int64_t>::max();
  /// Within it an operation succeeds while any node can mint.
  int64_t budget = 0;
  /// After the last fault every living node answers within it.
  int64_t recovery = 0;
  /// Integers of a stripe that one boot may burn.
  int64_t block = 0;
  std::vector<least> minimum;
  /// Kinds of faults that must have fired during traffic.
  std::vector<std::string> faults;
};

struct history {
  checker::promise promised;
  std::vector<call> calls;
  std::vector<boot> boots;
  std::vector<bound> bounds;
  std::vector<segment> segments;
  std::vector<sent> sends;
  std::vector<fault> faults;
};

/// Appends everything of `more` but its promise.
void append(history& to, history more);

/// Renders a record as one line: a word and its `name=value` fields.
[[nodiscard]] std::string to_line(const call& x);
[[nodiscard]] std::string to_line(const boot& x);
[[nodiscard]] std::string to_line(const bound& x);
[[nodiscard]] std::string to_line(const segment& x);
[[nodiscard]] std::string to_line(const sent& x);
[[nodiscard]] std::string to_line(const fault& x);

/// Writes a record a line.
void write(std::ostream& out, const history& x);

/// Reads what `write` wrote; empty lines and lines that begin with # are
/// skipped, and a line that begins with a space goes on with the one before.
/// Returns nothing and explains it in `problem`, with the line's
/// number, where a line is not a record.
[[nodiscard]] std::optional<history> read(std::istream& in,
                                          std::string& problem);

} // namespace intd::checker
