// The least that can be published as a node: it mints one integer for ever, or
// counts, in an actor system of its own. For tests of those who dial nodes.
#pragma once

#include "actors/cluster/network.hpp"
#include "tests/support/message_config.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>

namespace intd::test {

struct network_config : message_config {
  network_config() {
    load_network(*this);
  }
};

/// A node that answers reservations by calling `reserve(count)`.
template <class F>
node_actor::behavior_type node_that(F reserve) {
  return {
    [reserve](reserve_atom, const std::string&, int64_t count) {
      return reserve(count);
    },
    [](last_atom, const std::string&) {
      return int64_t{0};
    },
    [](ping_atom, const node_report& report) {
      return report;
    },
    [](claim_atom, const node_report&) {
      return caf::ok_atom_v;
    },
    [](split_atom, const split_request&) {
      return sent_gift{};
    },
    [](hand_atom, const sent_gift&) {
      return caf::ok_atom_v;
    },
    [](adopt_atom, const std::set<std::string>&,
       const std::vector<testimony>&) {
      return caf::ok_atom_v;
    },
  };
}

/// Answers every reservation with integers from `first` on, the same ones.
inline node_actor::behavior_type minting_node(node_actor::pointer,
                                              int64_t first) {
  return node_that([first](int64_t count) {
    return reserved{{{first, 1, count}}};
  });
}

class small_node {
public:
  explicit small_node(int64_t first) : node_(sys_.spawn(minting_node, first)) {
    auto port = sys_.middleman().publish(node_, 0, "127.0.0.1");
    BOOST_REQUIRE(port);
    port_ = *port;
  }

  small_node(const small_node&) = delete;
  small_node& operator=(const small_node&) = delete;

  ~small_node() {
    caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
  }

  [[nodiscard]] uint16_t port() const {
    return port_;
  }

private:
  network_config cfg_;
  caf::actor_system sys_{cfg_};
  node_actor node_;
  uint16_t port_ = 0;
};

} // namespace intd::test
