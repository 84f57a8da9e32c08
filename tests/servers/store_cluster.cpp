#include "tests/servers/store_cluster.hpp"

#include <stdexcept>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds leader_bound{60'000};
constexpr milliseconds look_again{10};

} // namespace

std::string store_cluster::dsn() const {
  std::string out;
  for (const auto& node : nodes_)
    out += (out.empty() ? "" : ",") + node->dsn();
  return out;
}

void store_cluster::start() {
  if (!std::filesystem::exists(nodes_.front()->data())) {
    // The first founds the cluster; it leads before anyone can join.
    join(0, {});
    nodes_.front()->start();
  }
  for (size_t i = 0; i < size(); ++i) {
    if (i > 0)
      join(i, {0});
    if (!node(i).running())
      node(i).launch();
  }
  for (const auto& node : nodes_)
    node->wait_until_it_answers();
  // Should it ever lose its data, it comes back as the others do.
  join(0, {1, 2});
}

void store_cluster::stop() {
  for (const auto& node : nodes_)
    node->stop();
}

void store_cluster::kill() {
  for (const auto& node : nodes_)
    node->kill();
}

void store_cluster::empty() {
  for (const auto& node : nodes_)
    node->forget();
  start();
}

size_t store_cluster::leader() {
  return wait_for_leader([](size_t) {
    return true;
  });
}

size_t store_cluster::leader_other_than(size_t old) {
  return wait_for_leader([old](size_t i) {
    return i != old;
  });
}

size_t
store_cluster::wait_for_leader(const std::function<bool(size_t)>& counts) {
  auto deadline = steady_clock::now() + leader_bound;
  while (steady_clock::now() < deadline)
    for (size_t i = 0; i < size(); ++i) {
      // What is frozen or gone is not asked: that would only take long.
      bool ended = node(i).child().wait(look_again).has_value();
      if (!ended && node(i).child().state() != 'T' && counts(i) && leads(i))
        return i;
    }
  throw std::runtime_error("no node of " + dsn() + " leads");
}

} // namespace intd::test
