// What cluster.hpp does where two processes have one identity: a machine or a
// state directory was copied. One goes on, the other does not mint.
#include "actors/cluster/cluster.hpp"

#include <caf/actor_clock.hpp>

#include <spdlog/spdlog.h>

namespace intd {

// Who says that this node runs already is believed until the same one takes it
// back: another peer may just not have met the other process.
void cluster_state::accuse(const std::string& by, const std::string& reason) {
  accusations_[by] = self_->clock().now();
  ownership::reasons all;
  for (const auto& [engine, x] : engines_) {
    owned_->refuse(engine, "twin", reason);
    all.emplace(engine, reason);
  }
  stop(all);
}

void cluster_state::acquit(const std::string& by) {
  if (accusations_.erase(by) == 0 || !accusations_.empty())
    return;
  for (const auto& [engine, x] : engines_) {
    owned_->lift(engine, "twin");
    wake(engine);
  }
}

// Nor is it waited longer for one who fell silent than for a witness.
void cluster_state::forget_accusers() {
  if (options_.require_witness)
    return;
  const auto before = self_->clock().now() - options_.witness_timeout;
  std::vector<std::string> silent;
  for (const auto& [by, said] : accusations_)
    if (said < before)
      silent.push_back(by);
  for (const auto& by : silent) {
    spdlog::warn("cluster: {} said that node {} runs already, and says no more",
                 by, options_.id);
    acquit(by);
  }
}

} // namespace intd
