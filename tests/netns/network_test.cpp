// That the network of the tests is one, and breaks where it is told to: with
// real nodes on it, and clients that know them.
#include "tests/netns/network.hpp"

#include "tests/faults/cluster.hpp"
#include "tests/support/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace intd;
using namespace intd::test;

namespace {

constexpr size_t count = 3;

// Each node has its stripe, its namespace and its address.
struct fixture {
  fixture() {
    for (size_t i = 0; i < count; ++i) {
      server_options x;
      x.name = "n" + std::to_string(i);
      x.stripe = {static_cast<int64_t>(i) + 1, count};
      x.protocols = {"http"};
      x.host = network::address(i);
      x.wrapper = net.wrapper(i);
      nodes.add(x).start();
    }
  }

  bool connects(size_t from, size_t to) {
    return net.connects(from, to, nodes.node(to).port("http"));
  }

  // Whether the test, as a client, gets an integer.
  bool mints(size_t node) {
    auto client = http_client::connect(network::address(node),
                                       nodes.node(node).port("http"), in(1s));
    auto answer = client ? client->get("/", in(1s)) : std::nullopt;
    return answer && answer->status == 200;
  }

  // A link that just came up may lose what is sent first.
  bool mints_soon(size_t node) {
    return nodes.book().becomes_true(
      [this, node] {
        return mints(node);
      },
      in(soon));
  }

  network net{count};
  cluster nodes;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_network, fixture)

BOOST_AUTO_TEST_CASE(connects_every_node_with_every_other) {
  for (size_t i = 0; i < count; ++i) {
    BOOST_TEST(mints(i));
    for (size_t j = 0; j < count; ++j)
      BOOST_TEST(connects(i, j));
  }
}

BOOST_AUTO_TEST_CASE(that_is_cut_connects_all_but_these_two) {
  net.cut(0, 1);
  BOOST_TEST(!connects(0, 1));
  BOOST_TEST(!connects(1, 0));
  BOOST_TEST(connects(0, 2));
  BOOST_TEST(connects(2, 1));
  BOOST_TEST(mints(0));
  net.heal();
  BOOST_TEST(connects(0, 1));
  BOOST_TEST(connects(1, 0));
}

// A connection needs both ways; a datagram shows one.
BOOST_AUTO_TEST_CASE(that_is_cut_one_way_loses_the_other_way_nothing) {
  net.cut_one_way(0, 1);
  BOOST_TEST(!net.delivers(0, 1));
  BOOST_TEST(net.delivers(1, 0));
  BOOST_TEST(!connects(0, 1));
  net.heal();
  BOOST_TEST(net.delivers(0, 1));
}

BOOST_AUTO_TEST_CASE(cuts_a_node_off_from_the_others_alone) {
  net.cut_off(2);
  BOOST_TEST(!connects(2, 0));
  BOOST_TEST(!connects(1, 2));
  BOOST_TEST(connects(0, 1));
  BOOST_TEST(mints(2));
}

BOOST_AUTO_TEST_CASE(without_its_plug_a_node_is_out_of_reach) {
  net.unplug(1);
  BOOST_TEST(!mints(1));
  BOOST_TEST(!connects(0, 1));
  BOOST_TEST(mints(0));
  net.plug(1);
  BOOST_TEST(mints_soon(1));
}

BOOST_AUTO_TEST_CASE(is_crossed_by_clients_that_never_fail) {
  load_options options;
  options.front_ends = {"http"};
  options.attempt_bound = 1s;
  auto load = nodes.clients(options);
  BOOST_TEST_REQUIRE(load->wait_for(100, soon));
  for (size_t i = 0; i < count; ++i) {
    checker::fault pulled{
      "unplugged", "n" + std::to_string(i), now_ns(), 0, true, ""};
    net.unplug(i);
    pulled.evidence = mints(i) ? "" : "out of reach";
    BOOST_TEST_REQUIRE(load->wait_for(10, soon));
    net.plug(i);
    pulled.end = now_ns();
    nodes.node(i).record(pulled);
    BOOST_TEST_REQUIRE(load->wait_for(100, soon));
  }
  auto promised = promise_of({"n0", "n1", "n2"}, {"http"}, {"unplugged"});
  promised.budget = std::chrono::nanoseconds{10s}.count();
  nodes.judge(load->stop(), promised);
}

BOOST_AUTO_TEST_SUITE_END()
