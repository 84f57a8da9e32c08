#include "actors/cluster/messages.hpp"

#include <caf/actor_system_config.hpp>

namespace intd {

void add_cluster_messages(caf::actor_system_config& cfg) {
  add_messages(cfg);
  cfg.add_message_types<caf::id_block::intd_cluster>();
  cfg.add_message_types<caf::id_block::intd_cluster_actors>();
}

} // namespace intd
