#include "actors/cluster/network.hpp"

#include <caf/io/middleman.hpp>
#include <caf/timespan.hpp>

namespace intd {

void load_network(caf::actor_system_config& cfg) {
  cfg.load<caf::io::middleman>();
  cfg.set("middleman.heartbeat-interval", caf::timespan{heartbeat_interval});
  cfg.set("middleman.connection-timeout", caf::timespan{connection_timeout});
}

} // namespace intd
