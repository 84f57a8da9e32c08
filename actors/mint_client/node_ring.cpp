#include "actors/mint_client/node_ring.hpp"

#include <algorithm>

namespace intd {

node_ring::node_ring(size_t nodes, milliseconds backoff_min,
                     milliseconds backoff_max, uint64_t seed)
  : present_(nodes == 0 ? 0 : seed % nodes) {
  for (size_t i = 0; i < nodes; ++i)
    nodes_.emplace_back(backoff{backoff_min, backoff_max, seed + i});
}

void node_ring::up(size_t node) {
  nodes_.at(node).up = true;
}

void node_ring::down(size_t node) {
  nodes_.at(node).up = false;
  leave(node);
}

void node_ring::proven(size_t node) {
  nodes_.at(node).delays.reset();
}

void node_ring::leave(size_t node) {
  if (node == present_)
    present_ = (present_ + 1) % nodes_.size();
}

node_ring::milliseconds node_ring::delay(size_t node) {
  return nodes_.at(node).delays.next();
}

bool node_ring::any_up() const {
  return std::any_of(nodes_.begin(), nodes_.end(), [](const health& x) {
    return x.up;
  });
}

std::optional<size_t> node_ring::pick(const std::vector<size_t>& tried) const {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    auto candidate = (present_ + i) % nodes_.size();
    if (nodes_[candidate].up
        && std::find(tried.begin(), tried.end(), candidate) == tried.end())
      return candidate;
  }
  return std::nullopt;
}

} // namespace intd
