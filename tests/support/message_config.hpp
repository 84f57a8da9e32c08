// The configuration of a real actor system that knows our messages.
#pragma once

#include "actors/cluster/messages.hpp"

#include <caf/actor_system_config.hpp>

namespace intd::test {

struct message_config : caf::actor_system_config {
  message_config() {
    add_cluster_messages(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

} // namespace intd::test
