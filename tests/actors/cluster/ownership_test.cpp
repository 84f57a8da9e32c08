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

node_report peer(const stripe& its, uint64_t epoch,
                 const std::string& id = "peer") {
  held_stripe held;
  held.engine = "main";
  held.stripe = its;
  held.epoch = epoch;
  held.claimed_s = 1;
  node_report report;
  report.id = id;
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

// What it gave since the peer heard of it lies below the bound it heard.
BOOST_AUTO_TEST_CASE(a_restored_node_goes_on_above_what_it_may_have_given) {
  for (const bool restored : {false, true}) {
    ownership_options options;
    options.node_id = "me";
    options.engines = {{"main", std::nullopt, false, true}};
    options.restored = restored;
    ledger recorded;
    holding mine;
    mine.engine = "main";
    mine.stripe = {1, 1};
    mine.epoch = 1;
    mine.claimed_s = 1;
    recorded.holdings = {mine};
    auto x = ownership::open(options, recorded);
    BOOST_TEST_REQUIRE(x.has_value());
    testimony told;
    told.node = "me";
    told.engine = "main";
    told.stripe = {1, 1};
    told.epoch = 1;
    told.marks = {{"integers", 10, 20}};
    BOOST_TEST((*x)->recall({told}).empty());
    BOOST_TEST_REQUIRE((*x)->clear("main").has_value());
    const auto floors = (*x)->floors("main");
    BOOST_TEST_REQUIRE(floors.size() == 1U);
    BOOST_TEST(floors.front().last == (restored ? 20 : 10));
  }
}

BOOST_AUTO_TEST_CASE(what_a_node_gives_itself_is_its_spare) {
  auto x = node({1, 2});
  const split_request to{spare_request(), "me", "", "main", true};
  const auto done = x->cede("main", to, true, {{"integers", 7, 9}});
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST((*done->kept == store_record{{1, 4}, 2, true}));
  BOOST_TEST(x->gifts().empty());
  BOOST_TEST_REQUIRE(x->spares().size() == 1U);
  BOOST_TEST((x->spares().front().stripe == stripe{3, 4}));
  BOOST_TEST(x->spares().front().floors.front().last == 7);
  // Nobody else may claim it, and it is given once.
  BOOST_TEST(!x->consent(peer({3, 4}, 0)).has_value());
  BOOST_TEST(x->give_spare({"r", "peer", "", "main", true})->has_value());
  BOOST_TEST(!x->give_spare({"s", "other", "", "main", true})->has_value());
}

// Nobody heard the last of the dead: who gets its stripe, or a part of that,
// mints above what an operator says.
BOOST_AUTO_TEST_CASE(an_adopted_stripe_is_minted_above_an_operators_word) {
  auto x = node({1, 2});
  BOOST_TEST(x->hear(peer({2, 2}, 1)).empty());
  const auto dead = x->to_adopt({"peer"});
  BOOST_TEST_REQUIRE(dead.has_value());
  BOOST_TEST(x->adopt(*dead, 777).has_value());
  const auto given = x->give_spare({"r", "heir", "", "main", true});
  BOOST_TEST_REQUIRE(given->has_value());
  BOOST_TEST((*given)->above == 777);
  ownership_options options;
  options.node_id = "heir";
  options.engines = {{"main", std::nullopt, false, true}};
  auto heir = *ownership::open(options, {});
  auto arrived = **given;
  arrived.request = heir->request_of("main");
  BOOST_TEST(heir->receive("main", arrived).has_value());
  BOOST_TEST(heir->above("main") == 777);
  BOOST_TEST(heir->held().front().above == 777);
  const auto half
    = heir->cede("main", {"s", "next", "", "main", true}, true, {});
  BOOST_TEST_REQUIRE(half.has_value());
  BOOST_TEST(half->given.above == 777);
}

// Whatever the dead node's own giver gave, nobody may remember any more.
BOOST_AUTO_TEST_CASE(a_stripe_that_is_adopted_twice_is_minted_above_both) {
  auto x = node({1, 2});
  auto heir = peer({2, 2}, 2);
  heir.stripes.front().above = 1'000;
  BOOST_TEST(x->hear(heir).empty());
  const auto dead = x->to_adopt({"peer"});
  BOOST_TEST_REQUIRE(dead.has_value());
  BOOST_TEST(x->adopt(*dead, 5).has_value());
  BOOST_TEST(x->spares().front().above == 1'000);
}

BOOST_AUTO_TEST_CASE(what_a_node_never_took_is_adopted_and_given_anew) {
  auto x = node({1, 1});
  const split_request asked{"r", "lost", "", "main", true};
  const auto first = x->cede("main", asked, true, {{"integers", 7, 9}});
  BOOST_TEST_REQUIRE(first.has_value());
  BOOST_TEST((x->receivers() == std::set<std::string>{"lost"}));
  const auto dead = x->to_adopt({"lost"});
  BOOST_TEST_REQUIRE(dead.has_value());
  BOOST_TEST(x->adopt(*dead, 0).has_value());
  BOOST_TEST_REQUIRE(x->spares().size() == 1U);
  BOOST_TEST((x->spares().front().stripe == stripe{2, 2}));
  BOOST_TEST(x->spares().front().floors.front().last == 7);
  BOOST_TEST(x->receivers().empty());
  BOOST_TEST(!x->given("r"));
  // Should it have got it all the same, it is told.
  ownership_options options;
  options.node_id = "lost";
  options.engines = {{"main", std::nullopt, false, true}};
  auto lost = *ownership::open(options, {});
  auto late = first->given;
  late.request = lost->request_of("main");
  BOOST_TEST(lost->receive("main", late).has_value());
  BOOST_TEST(lost->permit("main").has_value());
  BOOST_TEST(lost->recall(x->remembered("lost")).size() == 1U);
  BOOST_TEST(!lost->permit("main").has_value());
}

BOOST_AUTO_TEST_CASE(what_a_node_has_for_certain_is_no_lost_gift) {
  auto x = node({1, 1});
  const split_request asked{"r", "peer", "", "main", true};
  BOOST_TEST(x->cede("main", asked, true, {}).has_value());
  // It was split again before its owner was heard.
  BOOST_TEST(x->hear(peer({2, 4}, 3)).empty());
  BOOST_TEST(x->hear(peer({4, 4}, 3, "third")).empty());
  const auto dead = x->to_adopt({"peer"});
  BOOST_TEST_REQUIRE(dead.has_value());
  BOOST_TEST_REQUIRE(dead->size() == 1U);
  BOOST_TEST((dead->front().stripe == stripe{2, 4}));
}

// It was split for this node, and died before it could say so.
BOOST_AUTO_TEST_CASE(a_stripe_that_this_node_has_a_part_of_is_not_adopted) {
  ownership_options options;
  options.node_id = "me";
  options.engines = {{"main", std::nullopt, false, true}};
  auto x = *ownership::open(options, {});
  BOOST_TEST(x->hear(peer({1, 1}, 1)).empty());
  gift given;
  given.request = x->request_of("main");
  given.stripe = {2, 2};
  given.epoch = 2;
  BOOST_TEST(x->receive("main", given).has_value());
  const auto refused = x->to_adopt({"peer"});
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().context.find("2 mod 2, given of it, is of node me")
               != std::string::npos,
             refused.error().context);
}

// One of the dead was split for the other, and could not say so any more.
BOOST_AUTO_TEST_CASE(what_the_dead_gave_each_other_is_adopted_once) {
  auto x = node({1, 2});
  auto giver = peer({2, 2}, 1, "giver");
  giver.stripes.front().marks = {{"integers", 10, 20}};
  auto heir = peer({4, 4}, 2, "heir");
  heir.stripes.front().marks = {{"integers", 30, 40}};
  BOOST_TEST(x->hear(giver).empty());
  BOOST_TEST(x->hear(heir).empty());
  BOOST_TEST(!x->to_adopt({"giver"}).has_value());
  const auto dead = x->to_adopt({"giver", "heir"});
  BOOST_TEST_REQUIRE(dead.has_value());
  BOOST_TEST(x->adopt(*dead, 7).has_value());
  BOOST_TEST_REQUIRE(x->spares().size() == 1U);
  const auto spare = x->spares().front();
  BOOST_TEST((spare.stripe == stripe{2, 2}));
  BOOST_TEST(spare.above == 7);
  BOOST_TEST_REQUIRE(spare.floors.size() == 1U);
  BOOST_TEST(spare.floors.front().last == 40);
  for (const auto& t : *dead)
    BOOST_TEST(spare.epoch >= t.epoch);
  // Either finds its grave, should it come back.
  for (const auto* id : {"giver", "heir"})
    BOOST_TEST(x->remembered(id).front().epoch > 2U);
}

// The hand-over of one that comes back after it was taken for dead, or is told
// twice, would be of what another node mints on.
BOOST_AUTO_TEST_CASE(what_became_anothers_is_not_kept) {
  auto x = node({1, 2});
  gift late;
  late.request = leave_request("peer", "main");
  late.stripe = {2, 2};
  late.epoch = 3;
  BOOST_TEST(x->hear(peer({2, 2}, 2)).empty());
  const auto theirs = x->to_adopt({"peer"});
  BOOST_TEST_REQUIRE(theirs.has_value());
  BOOST_TEST(x->bury({"peer"}, *theirs).has_value());
  BOOST_TEST(!x->keep_spare(late).has_value());
  // Nor by one that had not heard of it before.
  auto stranger = node({1, 2});
  BOOST_TEST(stranger->bury({"peer"}, *theirs).has_value());
  BOOST_TEST(stranger->others().empty());
  BOOST_TEST(!stranger->keep_spare(late).has_value());
  auto other = node({1, 2});
  BOOST_TEST(other->hear(peer({2, 2}, 2)).empty());
  BOOST_TEST(other->hear(peer({4, 4}, 4, "heir")).empty());
  BOOST_TEST(!other->keep_spare(late).has_value());
  BOOST_TEST(other->spares().empty());
  // In time.
  auto third = node({1, 2});
  BOOST_TEST(third->hear(peer({2, 2}, 2)).empty());
  BOOST_TEST(third->keep_spare(late).has_value());
  BOOST_TEST(third->keep_spare(late).has_value());
  BOOST_TEST(third->spares().size() == 1U);
}

BOOST_AUTO_TEST_CASE(of_two_that_cross_none_is_adopted_with_the_other) {
  auto x = node({1, 6});
  BOOST_TEST(x->hear(peer({2, 2}, 1, "even")).empty());
  BOOST_TEST(x->hear(peer({2, 3}, 1, "third")).empty());
  const auto refused = x->to_adopt({"even", "third"});
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().context.find("2 mod 3 of node third shares")
               != std::string::npos,
             refused.error().context);
}

// Both ask the other before either has it.
BOOST_AUTO_TEST_CASE(of_two_that_claim_at_once_one_gives_way) {
  const auto claimant = [](const std::string& id, const stripe& fixed) {
    ownership_options options;
    options.node_id = id;
    options.engines = {{"main", fixed, false, true}};
    options.now_s = 2;
    return *ownership::open(options, {});
  };
  const auto claim_of = [](const std::string& id, const ownership& x) {
    node_report report;
    report.id = id;
    report.stripes = x.held();
    return report;
  };
  auto a = claimant("a", {1, 2});
  auto b = claimant("b", {1, 3});
  const auto refused = a->consent(claim_of("b", *b));
  BOOST_TEST_REQUIRE(!refused.has_value());
  for (const auto* part : {"1 mod 2", "1 mod 3", "node a", "node b"})
    BOOST_TEST(refused.error().context.find(part) != std::string::npos,
               refused.error().context);
  BOOST_TEST(b->consent(claim_of("a", *a)).has_value());
  BOOST_TEST(a->clear("main").has_value());
  BOOST_TEST(!b->clear("main").has_value());
  // One that was refused itself does not stand in the way of others.
  auto c = claimant("c", {2, 6});
  c->refuse("main", "somebody", "no");
  BOOST_TEST(c->consent(claim_of("d", *claimant("d", {2, 4}))).has_value());
}

BOOST_AUTO_TEST_CASE(nobody_consents_to_what_overlaps) {
  auto x = node({1, 2});
  BOOST_TEST(x->consent(peer({2, 2}, 0)).has_value());
  const auto refused = x->consent(peer({1, 3}, 0));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == ec::wrong_owner));
}
