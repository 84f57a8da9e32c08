// A front end on the simulated scheduler, real sockets without ports, and a
// router whose answers the test gives. A base for fixtures.
#pragma once

#include "actors/front_end.hpp"
#include "actors/http/client.hpp"
#include "tests/support/simulated_system.hpp"
#include "tests/support/socket_pair.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/send.hpp>

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace intd::test {

// A router whose answers the test gives. They leave from within the actor, as
// promises must: `play` is what it does next.
struct script {
  struct question {
    std::string key;
    int64_t count = 0;
    caf::typed_response_promise<reserved> promise;
  };
  std::deque<question> asked;
  std::function<void(question&)> next;
  int64_t last = 0;
  // Every request to tell and to raise; the answers are always these.
  std::vector<std::string> told;
  std::vector<std::pair<std::string, int64_t>> raised;
  error raise_fails;

  // In two runs where that is possible: a front end must take either.
  void answer(question& x) {
    auto half = x.count / 2;
    reserved given;
    if (half > 0)
      given.runs.push_back({last + 1, 1, half});
    given.runs.push_back({last + half + 1, 1, x.count - half});
    last += x.count;
    x.promise.deliver(std::move(given));
  }
};

inline router_actor::behavior_type scripted_router(router_actor::pointer self,
                                                   script* play) {
  return {
    [self, play](reserve_atom, const std::string& key, int64_t count) {
      play->asked.push_back(
        {key, count, self->make_response_promise<reserved>()});
      return play->asked.back().promise;
    },
    [play](last_atom, const std::string& key) {
      play->told.push_back(key);
      return play->last;
    },
    [play](raise_atom, const std::string& key,
           int64_t value) -> caf::result<caf::ok_atom> {
      play->raised.emplace_back(key, value);
      if (play->raise_fails.code != ec::none)
        return to_caf(play->raise_fails);
      return caf::ok_atom_v;
    },
    [](up_atom, const std::string&, const stripe&, const engine_actor&) {},
    [](down_atom, const std::string&, const std::string&) {},
    [](status_atom) {
      return router_status{{{"main", {1, 1}, true, ""}}};
    },
    [play](sweep_atom) {
      auto x = play->asked.front();
      play->asked.pop_front();
      play->next(x);
    },
  };
}

struct front_end_fixture {
  front_end_fixture() : front_end_fixture(http::clients(), {}) {
    // nop
  }

  using spawn_cluster = std::function<cluster_actor(caf::actor_system&)>;

  // Without a cluster where `spawn` is empty.
  front_end_fixture(client_factory make, const front_end_options& options,
                    const spawn_cluster& spawn = {}) {
    router = world.sys.spawn(scripted_router, &play);
    front = world.sys.spawn(front_end, options, source, std::move(make), router,
                            spawn ? spawn(world.sys) : cluster_actor{});
    settle();
  }

  ~front_end_fixture() {
    play.asked.clear(); // Promises keep the router alive.
    world.kill(front);
    settle();
  }

  // Neither sockets nor actors have anything left to do.
  void settle() {
    for (int i = 0; i < 4; ++i) {
      io.restart();
      io.poll();
      world.settle();
    }
  }

  peer connect() {
    auto [client, socket] = peer::connect(io);
    source.inject(std::move(socket));
    settle();
    return std::move(client);
  }

  void answer() {
    play.next = [this](script::question& x) {
      play.answer(x);
    };
    caf::anon_send(router, sweep_atom_v);
    settle();
  }

  void refuse(const error& reason) {
    play.next = [reason](script::question& x) {
      x.promise.deliver(to_caf(reason));
    };
    caf::anon_send(router, sweep_atom_v);
    settle();
  }

  std::string hear(peer& client) {
    settle();
    return client.receive();
  }

  boost::asio::io_context io;
  listener source{io};
  script play;
  simulated_system world;
  router_actor router;
  front_end_actor front;
};

} // namespace intd::test
