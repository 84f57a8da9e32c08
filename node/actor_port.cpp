#include "node/actor_port.hpp"

#include "actors/cluster/desk_keeper.hpp"

#include <caf/scoped_actor.hpp>

#include <random>
#include <utility>

namespace intd {

actor_port::actor_port(desk_keeper_actor keeper, node_address where)
  : keeper_(std::move(keeper)), where_(std::move(where)) {
  // nop
}

result<actor_port> actor_port::open(caf::actor_system& system,
                                    const node_config& config,
                                    router_actor router,
                                    cluster_actor cluster) {
  auto options = desk_keeper_options_of(config);
  if (!options)
    return tl::unexpected{options.error()};
  auto where = options->listen;
  options->seed = std::random_device{}();
  auto keeper = system.spawn(desk_keeper, std::move(*options),
                             std::move(router), std::move(cluster));
  caf::scoped_actor self{system};
  result<actor_port> opened = fail(ec::timeout, "the actor port does not open");
  self->request(keeper, config.timeouts.request, up_atom_v)
    .receive(
      [&opened, &keeper, &where](uint16_t port) {
        where.port = port;
        opened = actor_port{keeper, where};
      },
      [&opened](const caf::error& reason) {
        opened = tl::unexpected{from_caf(reason)};
      });
  return opened;
}

} // namespace intd
