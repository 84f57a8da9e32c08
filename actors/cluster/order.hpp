// What an operator asks of a node's place in the cluster: http/admin.hpp reads
// it off a request, the front end passes it to the cluster actor
// (cluster/messages.hpp).
#pragma once

#include <cstdint>
#include <set>
#include <string>

namespace intd {

struct cluster_order {
  enum class action : uint8_t {
    join,  ///< meet the node at the address `whom`, and those it knows
    leave, ///< hand the stripes to the node `whom`, or to any where empty
    split, ///< keep half of the stripe of the engine `whom`, or of the widest
    adopt, ///< keep the stripes of the dead `nodes`, minted `above`
    waive, ///< do without the consent of the peer at the address `whom`
    drain, ///< send clients to other nodes, or take them again: `on`
  };

  action what = action::join;
  std::string whom;
  std::set<std::string> nodes;
  bool on = false;
  int64_t above = 0;

  friend bool operator==(const cluster_order&, const cluster_order&) = default;
};

} // namespace intd
