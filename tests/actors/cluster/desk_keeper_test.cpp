// A desk on a real port of loopback, and a peer that ends it.
#include "actors/cluster/desk_keeper.hpp"

#include "actors/cluster/dialer.hpp"
#include "actors/router.hpp"
#include "tests/support/listening_socket.hpp"
#include "tests/support/results.hpp"
#include "tests/support/small_node.hpp"

#include <caf/scoped_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

constexpr auto bound = 30s;

engine_actor::behavior_type counting_engine(engine_actor::pointer self) {
  return {
    [next = int64_t{1}](reserve_atom, const std::string&,
                        int64_t count) mutable {
      reserved given{{{next, 1, count}}};
      next += count;
      return given;
    },
    [](last_atom, const std::string&) {
      return int64_t{0};
    },
    [](raise_atom, const std::string&, int64_t) {
      return caf::ok_atom_v;
    },
    [](flush_atom) {},
    [self](drain_atom) {
      self->quit();
      return caf::ok_atom_v;
    },
  };
}

// One node's system, and a peer's.
struct fixture {
  fixture() {
    options.listen = {"127.0.0.1", 0};
    caf::anon_send(router_, up_atom_v, "main", stripe{}, engine_);
  }

  ~fixture() {
    caf::anon_send_exit(keeper, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(router_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(engine_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(dialer_, caf::exit_reason::user_shutdown);
  }

  result<uint16_t> start() {
    keeper = sys.spawn(desk_keeper, options, router_, cluster_actor{});
    return ask();
  }

  // The port.
  result<uint16_t> ask() {
    result<uint16_t> port = fail(ec::none, "");
    caf::scoped_actor self{sys};
    self->request(keeper, bound, up_atom_v)
      .receive(
        [&port](uint16_t x) {
          port = x;
        },
        [&port](const caf::error& reason) {
          port = tl::unexpected{from_caf(reason)};
        });
    return port;
  }

  // As a peer, until it is reached; null where it never is.
  node_actor reach(uint16_t port) {
    auto until = std::chrono::steady_clock::now() + bound;
    node_actor found;
    while (!found && std::chrono::steady_clock::now() < until)
      peer
        ->request(dialer_, bound, dial_atom_v,
                  "127.0.0.1:" + std::to_string(port))
        .receive(
          [&found](const node_actor& node) {
            found = node;
          },
          [](const caf::error&) {});
    return found;
  }

  // One that mints: at first it may be the old one that is still published.
  node_actor serving(uint16_t port) {
    auto until = std::chrono::steady_clock::now() + bound;
    while (std::chrono::steady_clock::now() < until)
      if (auto node = reach(port); node && mint(node) == ec::none)
        return node;
    return {};
  }

  ec mint(const node_actor& node) {
    auto code = ec::none;
    peer->request(node, 1s, reserve_atom_v, "k", int64_t{1})
      .receive([](const reserved&) {},
               [&code](const caf::error& reason) {
                 code = from_caf(reason).code;
               });
    return code;
  }

  void wait_for_end(const node_actor& node) {
    peer->monitor(node);
    peer->receive([](const caf::down_msg&) {},
                  caf::after(bound) >>
                    [] {
                      BOOST_FAIL("the desk does not end");
                    });
  }

  network_config cfg;
  caf::actor_system sys{cfg};
  network_config peer_cfg;
  caf::actor_system peer_sys{peer_cfg};
  caf::scoped_actor peer{peer_sys};
  dialer_actor dialer_ = peer_sys.spawn(dialer, dialer_options{});
  router_actor router_ = sys.spawn(router, router_options{});
  engine_actor engine_ = sys.spawn(counting_engine);
  desk_keeper_options options;
  desk_keeper_actor keeper;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_keeper, fixture)

BOOST_AUTO_TEST_CASE(publishes_a_desk) {
  auto node = reach(must(start()));
  BOOST_REQUIRE(node);
  BOOST_TEST(mint(node) == ec::none);
}

BOOST_AUTO_TEST_CASE(publishes_another_one_where_a_peer_ends_it) {
  auto port = must(start());
  for (int i = 0; i < 3; ++i) {
    auto node = serving(port);
    BOOST_REQUIRE(node);
    peer->send_exit(node, caf::exit_reason::kill);
    wait_for_end(node);
  }
  BOOST_TEST((serving(port) != nullptr));
}

BOOST_AUTO_TEST_CASE(says_that_the_port_is_taken) {
  listening_socket taken{1};
  options.listen.port = taken.port;
  const auto where = "127.0.0.1:" + std::to_string(taken.port);
  BOOST_TEST(says(start(), where));
  // Whoever asks once it is known is told so, too.
  auto again = ask();
  BOOST_TEST(code_of(again) == ec::unavailable);
  BOOST_TEST(says(again, where));
}

BOOST_AUTO_TEST_CASE(closes_the_port_when_it_is_drained) {
  auto port = must(start());
  auto node = reach(port);
  BOOST_REQUIRE(node);
  caf::scoped_actor self{sys};
  self->request(keeper, bound, drain_atom_v)
    .receive([](caf::ok_atom) {},
             [](const caf::error& reason) {
               BOOST_FAIL(to_string(from_caf(reason)));
             });
  BOOST_TEST(mint(node) != ec::none);
  bool open = true;
  peer
    ->request(dialer_, bound, dial_atom_v, "127.0.0.1:" + std::to_string(port))
    .receive([](const node_actor&) {},
             [&open](const caf::error&) {
               open = false;
             });
  BOOST_TEST(!open);
}

BOOST_AUTO_TEST_SUITE_END()
