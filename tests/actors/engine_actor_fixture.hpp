// An engine actor on a simulated system, with a scripted engine behind it, a
// supervisor that remembers, and a watcher of its end.
#pragma once

#include "actors/engine_actor.hpp"
#include "tests/actors/scripted_engine.hpp"
#include "tests/support/simulated_system.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/system_messages.hpp>

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace intd::test {

// What a supervisor would hear.
struct news {
  size_t opened = 0;
  size_t proven = 0;
};

inline supervisor_actor::behavior_type probe(supervisor_actor::pointer,
                                             news* heard) {
  return {
    [heard](opened_atom) {
      ++heard->opened;
    },
    [heard](proven_atom) {
      ++heard->proven;
    },
    [](restart_atom) {},
    [](drain_atom) {
      return caf::ok_atom_v;
    },
  };
}

// Remembers why an actor ended.
inline caf::behavior watcher(caf::event_based_actor* self, engine_actor whom,
                             std::vector<error>* ends) {
  self->monitor(whom);
  self->set_down_handler([ends](const caf::down_msg& msg) {
    ends->push_back(msg.reason ? from_caf(msg.reason) : error{});
  });
  return {[](caf::ok_atom) {}};
}

struct engine_actor_fixture : simulated_system {
  ~engine_actor_fixture() {
    for (const auto& x : spawned)
      kill(x);
  }

  engine_actor start(size_t waiting_max = 1'000, int64_t prefetch = 0) {
    return caf::actor_cast<engine_actor>(
      start({"mine", mine, opener(store), waiting_max, prefetch}));
  }

  // One whose ledger has this to say to any request.
  owner_actor start_ceding(const ceded& what) {
    engine_actor_options options{"mine", mine, opener(store)};
    options.cede = [what](const auto&...) {
      return what;
    };
    return start(std::move(options));
  }

  owner_actor start(engine_actor_options options) {
    auto supervisor = sys.spawn(probe, &heard);
    auto x = sys.spawn(own_engine, std::move(options), supervisor);
    auto w = sys.spawn(watcher, x, &ends);
    spawned = {caf::actor_cast<caf::actor>(supervisor),
               caf::actor_cast<caf::actor>(x), w};
    settle();
    return x;
  }

  reply_ptr<reserved> reserve(const engine_actor& x, int64_t count,
                              const std::string& key = "a") {
    return ask<reserved>(x, reserve_atom_v, key, count);
  }

  // Answered once, with `code`.
  template <class T>
  void check_refused(const reply_ptr<T>& x, ec code) {
    BOOST_TEST(x->answers == 1u);
    BOOST_TEST(!x->value);
    BOOST_TEST(to_string(x->failure.code) == to_string(code));
  }

  // Answered once, with these integers.
  void check_served(const reply_ptr<reserved>& x, std::vector<run> runs) {
    BOOST_TEST(x->answers == 1u);
    BOOST_REQUIRE(x->value);
    BOOST_TEST((x->value->runs == runs));
  }

  stripe mine{2, 3};
  scripted_store_ptr store = std::make_shared<scripted_store>();
  news heard;
  std::vector<error> ends;
  std::vector<caf::actor> spawned;
};

} // namespace intd::test
