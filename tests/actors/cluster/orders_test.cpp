// What operators order of a cluster, and set for a node.
#include "tests/actors/cluster/scene.hpp"

#include <algorithm>

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

BOOST_FIXTURE_TEST_SUITE(of_operators, scene)

BOOST_AUTO_TEST_CASE(half_of_a_stripe_is_kept_for_the_next_that_joins) {
  add("a", {});
  add("b", {"a"});
  start_all();
  mint_everywhere();
  BOOST_TEST(obeys("a", split_atom_v, std::string{}));
  BOOST_TEST((held_by("a").stripe == stripe{1, 4}));
  mint_everywhere();
  // It is there after a crash, and b, who is asked, knows of it.
  crash("a");
  start_and_wait("a");
  pass(milliseconds{600});
  add("c", {"b"});
  start_and_wait("c");
  BOOST_TEST((held_by("c").stripe == stripe{3, 4}));
  BOOST_TEST((held_by("a").stripe == stripe{1, 4}));
  BOOST_TEST((held_by("b").stripe == stripe{2, 2}));
  mint_everywhere(20);
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_not_there_is_not_split) {
  add("a", {});
  start_all();
  auto refused
    = ask<caf::ok_atom>(at("a").cluster, split_atom_v, std::string{"other"});
  settle();
  BOOST_TEST(!refused->value.has_value());
  BOOST_TEST(to_string(refused->failure).find("no engine other")
               != std::string::npos,
             to_string(refused->failure));
  BOOST_TEST(obeys("a", split_atom_v, std::string{"main"}));
  BOOST_TEST((held_by("a").stripe == stripe{1, 2}));
}

// a may hold a part of what b had.
BOOST_AUTO_TEST_CASE(nothing_is_adopted_while_one_that_was_known_is_not_there) {
  three_nodes();
  pass(milliseconds{2'000});
  crash("a");
  crash("b");
  crash("c");
  at("c").settings.witness_timeout = milliseconds{100};
  start_and_wait("c");
  BOOST_TEST(adopts("c", {"b"}) != "");
  start_and_wait("a");
  pass(milliseconds{3'000});
  BOOST_TEST(adopts("c", {"b"}) == "");
}

// It may have been given a stripe in the dead node's last moment.
BOOST_AUTO_TEST_CASE(nothing_is_adopted_while_one_without_a_stripe_is_gone) {
  three_nodes();
  add("d", {"c"}, stripe{1, 3}); // Refused: it overlaps the others'.
  BOOST_TEST(start("d").has_value());
  pass(milliseconds{2'000});
  BOOST_TEST(!mints_itself("d"));
  crash("b");
  crash("d");
  pass(milliseconds{3'000});
  BOOST_TEST(adopts("c", {"b"}) != "");
  BOOST_TEST(start("d").has_value());
  pass(milliseconds{3'000});
  BOOST_TEST(adopts("c", {"b"}) == "");
}

// Each may have got a part of what the other had.
BOOST_AUTO_TEST_CASE(two_dead_nodes_are_adopted_at_once) {
  three_nodes();
  mint_everywhere();
  pass(milliseconds{600});
  const auto stripes_of = [this](const char* one, const char* other) {
    return std::set{to_string(held_by(one).stripe),
                    to_string(held_by(other).stripe)};
  };
  const auto theirs = stripes_of("a", "b");
  crash("a");
  crash("b");
  pass(milliseconds{3'000});
  BOOST_TEST(adopts("c", {"a"}).find("Then name it") != std::string::npos);
  BOOST_TEST(adopts("c", {"a", "x"}).find("no node \"x\"")
             != std::string::npos);
  BOOST_TEST(adopts("c", {"a", "id-of-b"}, 1'000) == "");
  add("d", {"c"});
  add("e", {"c"});
  start_and_wait("d");
  start_and_wait("e");
  BOOST_TEST((stripes_of("d", "e") == theirs));
  mint_everywhere(20);
  for (const auto* name : {"a", "b"}) {
    at(name).peers = {"c:1"};
    BOOST_TEST(start(name).has_value());
  }
  pass(milliseconds{10'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(!mints_itself("b"));
  mint_everywhere(20);
}

// It died before it could write down what it was given.
BOOST_AUTO_TEST_CASE(what_a_node_never_took_is_taken_back) {
  add("a", {});
  add("b", {"a"});
  start_and_wait("a");
  mint_everywhere();
  at("b").dies_at_write = 1;
  BOOST_TEST(start("b").has_value());
  BOOST_TEST_REQUIRE(pass_until([this] {
    return !at("b").runs();
  }));
  const auto lost = at("a").disk->written.gifts;
  BOOST_TEST_REQUIRE(lost.size() == 1U);
  crash("a"); // Nor does it remember who asked, but for what it gave.
  start_and_wait("a");
  BOOST_TEST(adopts("a", {"id-of-b"}, 100) == "");
  crash("a"); // An adoption is on the disk before it is answered.
  start_and_wait("a");
  add("c", {"a"});
  start_and_wait("c");
  BOOST_TEST((held_by("c").stripe == lost.front().stripe));
  mint_everywhere(20);
  at("b").dies_at_write.reset();
  at("b").dying = false;
  BOOST_TEST(start("b").has_value());
  pass(milliseconds{10'000});
  mint_everywhere(20);
  BOOST_TEST((held_by("c").stripe == lost.front().stripe));
}

// What a giver gave of a key that the dead node never minted counts, too.
BOOST_AUTO_TEST_CASE(an_adopted_stripe_goes_on_above_its_first_giver) {
  add("a", {});
  start_and_wait("a");
  BOOST_TEST(mint("a", 20, "orders") == 20U);
  add("b", {"a"});
  start_and_wait("b");
  pass(milliseconds{2'000});
  crash("b");
  pass(milliseconds{3'000});
  BOOST_TEST(adopts("a", {"b"}) == "");
  add("c", {"a"});
  start_and_wait("c");
  BOOST_TEST((held_by("c").stripe == stripe{2, 2}));
  BOOST_TEST(mint("c", 20, "orders") == 20U);
}

BOOST_AUTO_TEST_CASE(nothing_is_adopted_that_a_peer_hears_of) {
  three_nodes();
  part("b", "c");
  pass(milliseconds{3'000});
  const auto why = adopts("c", {"b"});
  BOOST_TEST(why.find("node a (id-of-a) objects: node b (id-of-b) is alive")
               != std::string::npos,
             why);
  BOOST_TEST(status_of("c").nodes.front().report.spares.empty());
  mint_everywhere(20);
}

// b handed its stripe over, and died before c could hear of it.
BOOST_AUTO_TEST_CASE(nothing_is_adopted_that_a_peer_keeps) {
  three_nodes();
  mint_everywhere();
  pass(milliseconds{600});
  part("b", "c");
  BOOST_TEST(obeys("b", leave_atom_v, std::string{"a"}));
  crash("b");
  pass(milliseconds{3'000});
  BOOST_TEST(status_of("a").nodes.front().report.spares.size() == 1U);
  const auto why = adopts("c", {"b"}, 1'000);
  BOOST_TEST(why.find("keeps it as a spare") != std::string::npos, why);
  BOOST_TEST(status_of("c").nodes.front().report.spares.empty());
}

// Its sender was heard again since, as another process.
BOOST_AUTO_TEST_CASE(a_gift_that_an_earlier_process_sent_is_void) {
  add("a", {});
  start_all();
  node_report peer;
  peer.id = "peer";
  peer.boot = "second";
  auto pinged = ask<node_report>(at("a").cluster, ping_atom_v, peer);
  settle();
  BOOST_TEST(pinged->value.has_value());
  gift given;
  given.request = "r";
  given.stripe = {2, 2};
  given.epoch = 2;
  BOOST_TEST(!obeys("a", hand_atom_v, sent_gift{given, "peer", "first"}));
  BOOST_TEST(status_of("a").nodes.front().report.spares.empty());
  BOOST_TEST(obeys("a", hand_atom_v, sent_gift{given, "peer", "second"}));
  BOOST_TEST(status_of("a").nodes.front().report.spares.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_stripe_that_lags_is_raised_as_far_as_it_is_told) {
  add("a", {});
  add("b", {"a"});
  start_all();
  const auto last_of = [this](const std::string& name) {
    return at(name).disk->store->marks["integers"];
  };
  for (int i = 0; i < 500; ++i)
    BOOST_TEST(mint("a") == 1U);
  pass(milliseconds{3'000});
  BOOST_TEST(last_of("a") >= 999);
  BOOST_TEST(last_of("b") == 0);
  crash("b");
  at("b").settings.max_drift = 100;
  start_and_wait("b");
  pass(milliseconds{3'000});
  BOOST_TEST(last_of("b") >= last_of("a") - 100);
  BOOST_TEST(last_of("b") < last_of("a"));
  mint_everywhere(20);
}

BOOST_AUTO_TEST_SUITE_END()
