// Dialing real addresses of this machine: every dial ends in time, and says
// what is wrong.
#include "actors/cluster/dialer.hpp"

#include "actors/cluster/network.hpp"
#include "engines/dial.hpp"
#include "tests/support/listening_socket.hpp"
#include "tests/support/results.hpp"
#include "tests/support/small_node.hpp"

#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto bound = 30s;

std::string at(uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

// A place where packets vanish: its queue is full, so the kernel drops further
// connects.
class black_hole {
public:
  black_hole() {
    for (int i = 0; i < 4; ++i) {
      auto begun
        = dial("127.0.0.1", at_.port, steady_clock::now() + milliseconds{50});
      if (begun)
        filling_.push_back(std::move(*begun));
    }
  }

  [[nodiscard]] uint16_t port() const {
    return at_.port;
  }

private:
  listening_socket at_{0};
  std::vector<file_descriptor> filling_;
};

struct fixture {
  fixture() {
    options.timeout = 500ms;
    start();
  }

  ~fixture() {
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }

  void start() {
    x = sys.spawn(dialer, options);
  }

  result<node_actor> dial(const std::string& where) {
    result<node_actor> found = fail(ec::none, "");
    self->request(x, bound, dial_atom_v, where)
      .receive(
        [&found](const node_actor& node) {
          found = node;
        },
        [&found](const caf::error& reason) {
          found = tl::unexpected{from_caf(reason)};
        });
    return found;
  }

  void refused(const std::string& where, ec code, std::string_view text) {
    auto begin = steady_clock::now();
    auto found = dial(where);
    BOOST_TEST(code_of(found) == code);
    BOOST_TEST(says(found, text), text_of(found));
    BOOST_TEST(says(found, where), text_of(found));
    BOOST_TEST((steady_clock::now() - begin < 5s));
  }

  int64_t mint(const node_actor& node) {
    int64_t value = 0;
    self->request(node, bound, reserve_atom_v, "k", int64_t{1})
      .receive(
        [&value](const reserved& given) {
          value = given.runs.at(0).first;
        },
        [](const caf::error& reason) {
          BOOST_FAIL(to_string(from_caf(reason)));
        });
    return value;
  }

  network_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  dialer_options options;
  dialer_actor x;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_dialer, fixture)

BOOST_AUTO_TEST_CASE(reaches_a_node) {
  small_node node{7};
  auto found = must(dial(at(node.port())));
  BOOST_TEST(mint(found) == 7);
  BOOST_TEST(mint(must(dial("localhost:" + std::to_string(node.port())))) == 7);
}

BOOST_AUTO_TEST_CASE(says_what_is_no_address) {
  refused("nowhere", ec::invalid_dsn, "expected host:port");
  refused("127.0.0.1:0", ec::invalid_dsn, "port 0");
}

BOOST_AUTO_TEST_CASE(says_that_nobody_listens) {
  uint16_t port = 0;
  {
    listening_socket gone{1};
    port = gone.port;
  }
  refused(at(port), ec::unavailable, "refused");
}

BOOST_AUTO_TEST_CASE(says_that_a_name_is_unknown) {
  refused("nobody.invalid:8082", ec::unavailable, "cannot be resolved");
}

BOOST_AUTO_TEST_CASE(waits_only_so_long_where_packets_vanish) {
  black_hole full;
  refused(at(full.port()), ec::timeout, "no answer to a connect");
}

BOOST_AUTO_TEST_CASE(waits_only_so_long_for_a_server_that_says_nothing) {
  listening_socket silent{8};
  refused(at(silent.port), ec::timeout, "does not answer as a node");
}

BOOST_AUTO_TEST_CASE(holds_up_no_dial_for_another) {
  black_hole full;
  small_node node{7};
  caf::scoped_actor others{sys};
  for (int i = 0; i < 8; ++i)
    others->send(x, dial_atom_v, at(full.port()));
  auto begin = steady_clock::now();
  BOOST_TEST(mint(must(dial(at(node.port())))) == 7);
  BOOST_TEST((steady_clock::now() - begin < options.timeout));
}

BOOST_AUTO_TEST_CASE(dials_only_so_many_at_once) {
  options.dials_max = 1;
  options.waiting_max = 1;
  options.timeout = 100ms;
  caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  start();
  listening_socket silent{8};
  self->send(x, dial_atom_v, at(silent.port));
  self->send(x, dial_atom_v, at(silent.port));
  auto third = dial(at(silent.port));
  BOOST_TEST(code_of(third) == ec::overloaded);
  // Those two end, and the next is welcome.
  size_t ended = 0;
  self->receive_for(ended, size_t{2})(
    [](const caf::error& reason) {
      BOOST_TEST(from_caf(reason).code == ec::timeout);
    },
    caf::after(bound) >>
      [] {
        BOOST_FAIL("a dial does not end");
      });
  small_node node{7};
  BOOST_TEST(mint(must(dial(at(node.port())))) == 7);
}

BOOST_AUTO_TEST_CASE(knows_a_twin) {
  auto own = sys.spawn(minting_node, int64_t{1});
  auto port = *sys.middleman().publish(own, 0, "127.0.0.1");
  refused(at(port), ec::wrong_owner, "this process itself, or a twin");
  caf::anon_send_exit(own, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(knows_what_is_no_node) {
  network_config other_cfg;
  caf::actor_system other{other_cfg};
  auto stranger = other.spawn([](dialer_actor::pointer) {
    return dialer_actor::behavior_type{
      [](dial_atom, const std::string&) -> caf::result<node_actor> {
        return caf::sec::none;
      },
    };
  });
  auto port = *other.middleman().publish(stranger, 0, "127.0.0.1");
  refused(at(port), ec::wrong_owner, "another program's actor");
  caf::anon_send_exit(stranger, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(a_dialer_without_a_network_says_so) {
  message_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  auto x = sys.spawn(dialer, dialer_options{});
  self->request(x, bound, dial_atom_v, "127.0.0.1:8082")
    .receive(
      [](const node_actor&) {
        BOOST_FAIL("dialed without a network");
      },
      [](const caf::error& reason) {
        BOOST_TEST(from_caf(reason).code == ec::unavailable);
        BOOST_TEST(from_caf(reason).context.find("load_network")
                   != std::string::npos);
      });
  caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
}
