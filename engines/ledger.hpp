// What a node has to remember of stripes, whatever happens to it: which it
// owns, which it gave away and to whom, and what its peers said of theirs. The
// cluster's decisions (actors/cluster/ownership.hpp) change it; each change is
// durable before anybody hears of it (ledger_file.hpp).
#pragma once

#include "engines/mark.hpp"
#include "engines/sequence.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace intd {

/// The stripe of one engine of this node.
struct holding {
  std::string engine;
  /// Rises whenever the stripe is split or changes hands.
  uint64_t epoch = 0;
  intd::stripe stripe{0, 0};
  /// What it asks the cluster for a stripe with, until it has one.
  std::string request;
  /// It was handed over: this node never mints on it again.
  bool left = false;
  /// When it was claimed, in seconds since 1970: of two claims of one stripe
  /// the later gives way, nothing else hangs on it. 0: not yet.
  int64_t claimed_s = 0;
  /// Above these it mints: what its giver had given of it.
  std::vector<key_mark> floors;
  /// And of every key above this one: by the word of an operator who had it
  /// adopted of a dead node, of which nobody heard the last.
  int64_t above = 0;

  friend bool operator==(const holding&, const holding&) = default;
};

/// A stripe that was given away, or is kept for whoever asks next.
struct gift {
  /// Drawn by the receiver: the same request is answered with the same gift.
  std::string request;
  /// The receiver's node id; empty for a spare.
  std::string to;
  intd::stripe stripe;
  uint64_t epoch = 0;
  /// Above these the receiver mints.
  std::vector<key_mark> floors;
  /// The receiver has it for certain.
  bool taken = false;
  /// As in `holding`.
  int64_t above = 0;

  friend bool operator==(const gift&, const gift&) = default;
};

/// What another node said of one of its stripes.
struct testimony {
  std::string node;
  /// The node's name, for messages.
  std::string name;
  /// Where it was reached, "host:port".
  std::string address;
  std::string engine;
  intd::stripe stripe;
  uint64_t epoch = 0;
  /// The identity of its store, and whether other nodes mint from it too.
  std::string store;
  bool shared = false;
  int64_t claimed_s = 0;
  std::vector<key_mark> marks;
  /// As in `holding`.
  int64_t above = 0;

  friend bool operator==(const testimony&, const testimony&) = default;
};

struct ledger {
  std::vector<holding> holdings;
  std::vector<gift> gifts;
  std::vector<gift> spares;
  std::vector<testimony> testimonies;

  friend bool operator==(const ledger&, const ledger&) = default;
};

} // namespace intd
