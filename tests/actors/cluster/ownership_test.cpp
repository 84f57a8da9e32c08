// Each rule by itself: in a whole cluster one stands in for the other.
#include "actors/cluster/ownership.hpp"

#include <boost/test/unit_test.hpp>

using namespace intd;

namespace {

std::shared_ptr<ownership> node(const stripe& fixed) {
  ownership_options options;
  options.node_id = "me";
  options.engines = {{"main", fixed, false, true}};
  options.now_s = 2;
  auto made = ownership::open(options, {});
  BOOST_TEST_REQUIRE(made.has_value());
  BOOST_TEST_REQUIRE((*made)->clear("main").has_value());
  return *made;
}

node_report peer(const stripe& its, uint64_t epoch) {
  held_stripe held;
  held.engine = "main";
  held.stripe = its;
  held.epoch = epoch;
  held.claimed_s = 1;
  node_report report;
  report.id = "peer";
  report.stripes = {held};
  return report;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_lower_epoch_gives_way) {
  auto x = node({1, 2});
  BOOST_TEST(x->hear(peer({2, 2}, 9)).empty());
  BOOST_TEST(x->permit("main").has_value());
  BOOST_TEST(x->hear(peer({1, 3}, 9)).size() == 1U);
  BOOST_TEST(!x->permit("main").has_value());
}

BOOST_AUTO_TEST_CASE(a_higher_epoch_that_a_peer_remembers_stops) {
  auto x = node({1, 2});
  testimony told;
  told.node = "me";
  told.engine = "main";
  told.stripe = {1, 2};
  told.epoch = 1;
  BOOST_TEST(x->recall({told}).empty());
  told.epoch = 2;
  BOOST_TEST(x->recall({told}).size() == 1U);
  BOOST_TEST(!x->permit("main").has_value());
}

BOOST_AUTO_TEST_CASE(nobody_consents_to_what_overlaps) {
  auto x = node({1, 2});
  BOOST_TEST(x->consent(peer({2, 2}, 0)).has_value());
  const auto refused = x->consent(peer({1, 3}, 0));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == ec::wrong_owner));
}
