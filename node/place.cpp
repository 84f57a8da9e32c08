#include "node/place.hpp"

#include "actors/cluster/cluster.hpp"
#include "actors/cluster/dialer.hpp"
#include "engines/file.hpp"
#include "engines/ledger_file.hpp"

#include <boost/asio/ip/host_name.hpp>
#include <caf/spawn_options.hpp>

#include <chrono>
#include <random>
#include <utility>

namespace intd {

namespace {

constexpr size_t boot_bytes = 16;

int64_t seconds_since_1970() {
  return std::chrono::duration_cast<std::chrono::seconds>(
           std::chrono::system_clock::now().time_since_epoch())
    .count();
}

result<std::shared_ptr<ownership>>
open_ownership(const node_config& config,
               const std::shared_ptr<state_directory>& state, bool restored) {
  auto recorded = read_ledger(*state);
  if (!recorded)
    return tl::unexpected{recorded.error()};
  auto terms = ownership_options_of(config);
  terms.node_id = state->node_id();
  terms.name = state->label().node;
  terms.restored = restored;
  terms.now_s = seconds_since_1970();
  terms.write = [state](const ledger& next) {
    return write_ledger(*state, next);
  };
  return ownership::open(std::move(terms), std::move(*recorded));
}

} // namespace

result<place> take_place(caf::actor_system& system, const node_config& config,
                         const std::shared_ptr<state_directory>& state,
                         bool restored, router_actor router) {
  auto owned = open_ownership(config, state, restored);
  if (!owned)
    return tl::unexpected{owned.error()};
  auto options = cluster_options_of(config);
  options.id = state->node_id();
  options.name = state->label().node;
  options.cluster = state->label().cluster;
  options.restored = restored;
  options.boot = random_hex(boot_bytes);
  options.members.seed = std::random_device{}();
  place x;
  x.owned = *owned;
  x.dialer = system.spawn(dialer, dialer_options{});
  // It writes to the disk, so it has a thread of its own.
  x.cluster = system.spawn<caf::detached>(cluster, std::move(options), x.owned,
                                          std::move(router), x.dialer);
  return x;
}

result<engine_settings> settings_within(const ownership& owned,
                                        engine_settings x) {
  const auto within = owned.permit(x.name);
  if (!within)
    return tl::unexpected{within.error()};
  const auto recorded = owned.record(x.name);
  x.stripe = *within;
  x.epoch = recorded.epoch;
  x.alone = recorded.alone;
  x.above = owned.above(x.name);
  return x;
}

std::string reachable(const actor_section& x, node_address listen) {
  if (!x.address.empty())
    return x.address;
  if (listen.host == "0.0.0.0" || listen.host == "::")
    listen.host = boost::asio::ip::host_name();
  return to_string(listen);
}

} // namespace intd
