// The real intd-server as CAF programs see it: on a port, through a crash of
// what is published there, frozen, and stopped.
#include "actors/cluster/dialer.hpp"
#include "actors/cluster/network.hpp"
#include "tests/support/client_socket.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/results.hpp"
#include "tests/support/server.hpp"
#include "tests/support/small_node.hpp"
#include "tests/support/temp_dir.hpp"

#include <caf/scoped_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <set>
#include <string>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

constexpr auto bound = 30s;

struct fixture {
  fixture() {
    server_options x;
    x.state = dir.path() / "state";
    x.protocols = {"http"};
    x.actors = true;
    x.config = "[limits]\ncount = 1000\n";
    served = std::make_unique<server>(x, book);
    served->start();
  }

  ~fixture() {
    caf::anon_send_exit(dialer_, caf::exit_reason::user_shutdown);
  }

  // Tries until the node is reached; null where it never is.
  node_actor reach() {
    node_actor found;
    auto where = "127.0.0.1:" + std::to_string(served->port("actor"));
    for (auto until = in(bound);
         !found && std::chrono::steady_clock::now() < until;)
      self->request(dialer_, bound, dial_atom_v, where)
        .receive(
          [this, &found](const node_actor& node) {
            // At first it may be one that was ended.
            if (reserve(node, "probe", 1))
              found = node;
          },
          [](const caf::error&) {});
    BOOST_REQUIRE(found);
    return found;
  }

  result<reserved> reserve(const node_actor& node, const std::string& key,
                           int64_t count) {
    result<reserved> answer;
    self->request(node, 1s, reserve_atom_v, key, count)
      .receive(
        [&answer](const reserved& given) {
          answer = given;
        },
        [&answer](const caf::error& reason) {
          answer = tl::unexpected{from_caf(reason)};
        });
    return answer;
  }

  void wait_for_end(const node_actor& node) {
    self->monitor(node);
    self->receive([](const caf::down_msg&) {},
                  caf::after(bound) >>
                    [] {
                      BOOST_FAIL("the node is not seen to go");
                    });
  }

  temp_dir dir;
  address_book book;
  std::unique_ptr<server> served;
  network_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  dialer_actor dialer_ = sys.spawn(dialer, dialer_options{});
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(an_actor_port, fixture)

BOOST_AUTO_TEST_CASE(mints_the_sequence_that_http_mints) {
  auto node = reach();
  auto given = must(reserve(node, "integers", 3));
  BOOST_TEST((given.runs == std::vector<intd::run>{{1, 1, 3}}));
  auto web = http_client::connect(served->port("http"), in(bound));
  BOOST_REQUIRE(web);
  BOOST_TEST(web->get("/", in(bound))->body == "4");
  auto more = must(reserve(node, "integers", 1));
  BOOST_TEST(more.runs.at(0).first == 5);
  BOOST_TEST(must(reserve(node, "orders", 1)).runs.at(0).first == 1);
}

BOOST_AUTO_TEST_CASE(keeps_the_limits_of_the_configuration) {
  auto node = reach();
  BOOST_TEST(code_of(reserve(node, "integers", 1'001)) == ec::invalid_count);
  BOOST_TEST(code_of(reserve(node, "no key", 1)) == ec::invalid_key);
  BOOST_TEST(must(reserve(node, "integers", 1'000)).runs.at(0).count == 1'000);
}

BOOST_AUTO_TEST_CASE(survives_a_peer_that_ends_what_is_published) {
  std::set<int64_t> minted;
  for (int i = 0; i < 5; ++i) {
    auto node = reach();
    auto given = must(reserve(node, "integers", 1));
    BOOST_TEST(minted.insert(given.runs.at(0).first).second);
    self->send_exit(node, caf::exit_reason::kill);
    wait_for_end(node);
  }
  BOOST_TEST(must(reserve(reach(), "integers", 1)).runs.at(0).first == 6);
  BOOST_TEST(served->log().find("published anew") != std::string::npos);
  BOOST_TEST((served->stop(bound) == ending{0, 0}));
}

BOOST_AUTO_TEST_CASE(is_seen_to_freeze_and_serves_again) {
  auto node = reach();
  BOOST_TEST(reserve(node, "integers", 1).has_value());
  auto begin = std::chrono::steady_clock::now();
  served->child().signal(SIGSTOP);
  wait_for_end(node);
  auto took = std::chrono::steady_clock::now() - begin;
  served->child().signal(SIGCONT);
  BOOST_TEST((took < connection_timeout + 10 * heartbeat_interval));
  BOOST_TEST(reserve(reach(), "integers", 1).has_value());
}

BOOST_AUTO_TEST_CASE(stays_connected_while_nothing_is_said) {
  auto node = reach();
  self->monitor(node);
  self->receive(
    [](const caf::down_msg&) {
      BOOST_FAIL("a healthy connection was cut");
    },
    caf::after(connection_timeout + 2 * heartbeat_interval) >> [] {});
  BOOST_TEST(reserve(node, "integers", 1).has_value());
}

BOOST_AUTO_TEST_CASE(goes_with_a_clean_stop) {
  auto node = reach();
  BOOST_TEST(reserve(node, "integers", 1).has_value());
  auto how = served->stop(bound);
  BOOST_TEST((how == ending{0, 0}), served->log());
  wait_for_end(node);
  served->start();
  BOOST_TEST(must(reserve(reach(), "integers", 1)).runs.at(0).first == 2);
}

BOOST_AUTO_TEST_SUITE_END()
