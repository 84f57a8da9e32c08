// Asks a mint client for an integer at each line of its standard input, and
// writes it to standard output: 0 where that failed.
//
//   caf_ask HOST:PORT...
#include "actors/mint_client/mint_client.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdio>
#include <iostream>
#include <string>

namespace {

using namespace intd;

struct config : caf::actor_system_config {
  config() {
    load_mint_client(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

int64_t next(caf::scoped_actor& self, const mint_client_actor& mint) {
  int64_t answer = 0;
  self->request(mint, caf::infinite, next_atom_v, "integers")
    .receive(
      [&answer](int64_t integer) {
        answer = integer;
      },
      [](const caf::error& reason) {
        std::fprintf(stderr, "caf_ask: %s\n",
                     to_string(from_caf(reason)).c_str());
      });
  return answer;
}

} // namespace

int main(int argc, char** argv) {
  config cfg;
  caf::actor_system system{cfg};
  mint_client_options options;
  options.nodes.assign(argv + 1, argv + argc);
  auto mint = spawn_mint_client(system, options);
  if (!mint) {
    std::fprintf(stderr, "caf_ask: %s\n", to_string(mint.error()).c_str());
    return 1;
  }
  caf::scoped_actor self{system};
  for (std::string line; std::getline(std::cin, line);)
    std::cout << next(self, *mint) << '\n' << std::flush;
  caf::anon_send_exit(*mint, caf::exit_reason::user_shutdown);
}
