// A CAF program whose actors take their identifiers from intd: three of them,
// two integers each.
//
//   caf_app HOST:PORT [HOST:PORT ...]     the [actor] listen addresses of nodes
#include "actors/mint_client/mint_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <iostream>
#include <sstream>
#include <vector>

namespace {

struct config : caf::actor_system_config {
  config() {
    intd::load_mint_client(*this);
  }
};

void order_taker(caf::event_based_actor* self, intd::mint_client_actor mint) {
  for (int i = 0; i < 2; ++i)
    self->request(mint, caf::infinite, intd::next_atom_v, "orders")
      .then(
        [](int64_t id) {
          std::ostringstream line; // Several actors write at once.
          line << "order " << id << '\n';
          std::cout << line.str() << std::flush;
        },
        [self](const caf::error& reason) {
          std::cerr << self->system().render(reason) << '\n';
        });
}

} // namespace

int main(int argc, char** argv) {
  config cfg;
  caf::actor_system system{cfg};
  intd::mint_client_options options;
  options.nodes.assign(argv + 1, argv + argc);
  auto mint = intd::spawn_mint_client(system, options);
  if (!mint) {
    std::cerr << "caf_app: " << to_string(mint.error()) << '\n';
    return EXIT_FAILURE;
  }
  std::vector<caf::actor> takers;
  for (int i = 0; i < 3; ++i)
    takers.push_back(system.spawn(order_taker, *mint));
  caf::scoped_actor self{system};
  for (const auto& taker : takers)
    self->wait_for(taker);
  caf::anon_send_exit(*mint, caf::exit_reason::user_shutdown);
}
