#include "actors/cluster/messages.hpp"

#include "tests/support/full_ledger.hpp"
#include "tests/support/message_config.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

#include <vector>

using namespace intd;

namespace {

// No member as it is in a new one.
node_report full_report() {
  held_stripe held;
  held.engine = "main";
  held.stripe = {1, 2};
  held.epoch = 4;
  held.shared = held.splits = held.healthy = true;
  held.marks = {{"k", 5, 6}};
  held.above = 7;
  node_report x;
  x.id = "n1";
  x.boot = "b";
  x.draining = x.testifies = true;
  x.peers = {"h:1"};
  x.marks_told = 2;
  x.marks_heard = 3;
  x.heard_boot = "c";
  x.stripes = {held};
  const auto kept = test::full_ledger();
  x.gifts = kept.gifts;
  x.spares = kept.spares;
  x.remembered = kept.testimonies;
  return x;
}

node_report sent_over(node_report x) {
  test::message_config cfg;
  caf::actor_system system{cfg};
  caf::binary_serializer::container_type bytes;
  caf::binary_serializer sink{system, bytes};
  BOOST_TEST(!sink(x));
  node_report come;
  caf::binary_deserializer source{system, bytes};
  BOOST_TEST(!source(come));
  return come;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_error_survives_the_way_between_actors) {
  for (int code = 1; code <= static_cast<int>(ec::draining); ++code) {
    error sent{static_cast<ec>(code), "what happened"};
    BOOST_TEST((from_caf(to_caf(sent)) == sent));
  }
  error bare{ec::exhausted, ""};
  BOOST_TEST((from_caf(to_caf(bare)) == bare));
}

BOOST_AUTO_TEST_CASE(errors_of_caf_become_errors_of_ours) {
  auto code_of = [](const caf::error& x) {
    return from_caf(x).code;
  };
  BOOST_TEST((code_of(caf::sec::request_timeout) == ec::timeout));
  BOOST_TEST((code_of(caf::sec::request_receiver_down) == ec::unavailable));
  BOOST_TEST((code_of(caf::exit_reason::kill) == ec::unavailable));
  // How an actor ends that was not in trouble: CAF keeps no code for it.
  BOOST_TEST((code_of(caf::error{}) == ec::unavailable));
}

// Member by member: an inspection that leaves one out leaves it out both ways.
BOOST_AUTO_TEST_CASE(a_report_survives_the_way_between_nodes) {
  const auto sent = full_report();
  const auto come = sent_over(sent);
  BOOST_TEST(come.id == "n1");
  BOOST_TEST(come.boot == "b");
  BOOST_TEST((come.draining && come.testifies));
  BOOST_TEST(come.peers == sent.peers);
  BOOST_TEST(come.marks_told == 2U);
  BOOST_TEST(come.marks_heard == 3U);
  BOOST_TEST(come.heard_boot == "c");
  BOOST_TEST((come.gifts == sent.gifts));
  BOOST_TEST((come.spares == sent.spares));
  BOOST_TEST((come.remembered == sent.remembered));
  BOOST_TEST_REQUIRE(come.stripes.size() == 1U);
  const auto& its = come.stripes.front();
  BOOST_TEST(its.engine == "main");
  BOOST_TEST((its.stripe == stripe{1, 2}));
  BOOST_TEST(its.epoch == 4U);
  BOOST_TEST((its.shared && its.splits && its.healthy));
  BOOST_TEST((its.marks == std::vector<key_mark>{{"k", 5, 6}}));
  BOOST_TEST(its.above == 7);
}

BOOST_AUTO_TEST_CASE(our_errors_are_rendered_for_logs) {
  test::message_config cfg;
  caf::actor_system system{cfg};
  auto text = system.render(to_caf({ec::too_small, "5 is below 7"}));
  BOOST_TEST(text == "too_small: 5 is below 7");
}
