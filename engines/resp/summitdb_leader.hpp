// Finds the leader of a SummitDB cluster: the one node that takes commands.
// Asked when the engine summitdb is opened. All nodes are asked at the same
// time, so that a dead or frozen one costs nothing while the leader answers.
#pragma once

#include "engines/dsn.hpp"
#include "engines/error.hpp"
#include "engines/store_options.hpp"

#include <vector>

namespace intd {

struct summitdb_leader {
  server at;
  /// False for a single server that has no Raft, as a Redis.
  bool raft = true;
};

/// Asks `nodes`, and then the peers that they know, within the connect timeout
/// each. Fails with `unavailable`, telling what each node said.
[[nodiscard]] result<summitdb_leader>
find_summitdb_leader(const std::vector<server>& nodes,
                     const store_options& options);

} // namespace intd
