#include "tests/actors/cluster/scene.hpp"

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

BOOST_FIXTURE_TEST_SUITE(of_a_cluster, scene)

BOOST_AUTO_TEST_CASE(a_node_without_peers_mints_everything) {
  add("a", {});
  start_all();
  mint_everywhere();
  BOOST_TEST((held_by("a").stripe == stripe{1, 1}));
  BOOST_TEST(given().size() == 5U);
}

BOOST_AUTO_TEST_CASE(a_node_that_joins_gets_half_of_the_widest_stripe) {
  three_nodes();
  BOOST_TEST((held_by("a").stripe == stripe{1, 4}));
  BOOST_TEST((held_by("b").stripe == stripe{2, 2}));
  BOOST_TEST((held_by("c").stripe == stripe{3, 4}));
  mint_everywhere();
}

BOOST_AUTO_TEST_CASE(what_was_given_before_a_split_is_not_given_after) {
  add("a", {});
  start_and_wait("a");
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(mint("a") == 1U);
  BOOST_TEST(mint("a", 7, "orders") == 7U);
  add("b", {"a"});
  start_and_wait("b");
  mint_everywhere(20);
  BOOST_TEST(mint("b", 5, "orders") == 5U);
  // Floors of keys that b never minted go on with the next split.
  add("c", {"b"});
  start_and_wait("c");
  BOOST_TEST(mint("c", 5, "orders") == 5U);
  mint_everywhere(20);
}

BOOST_AUTO_TEST_CASE(a_dead_node_is_stood_in_for_by_its_peers) {
  three_nodes();
  mint_everywhere();
  kill(at("b").supervisor); // Its engine is gone, its front ends are not.
  for (int i = 0; i < 5; ++i)
    BOOST_TEST(mint("b") == 1U);
  crash("a");
  crash("c");
  BOOST_TEST(mint("b") == 0U);
}

BOOST_AUTO_TEST_CASE(a_silent_peer_is_not_asked_and_comes_back) {
  three_nodes();
  const auto up = [this](const std::string& of) {
    auto status = ask<router_status>(at(of).router, status_atom_v);
    settle();
    size_t healthy = 0;
    for (const auto& x : status->value->stripes)
      healthy += x.healthy ? 1 : 0;
    return healthy;
  };
  BOOST_TEST_REQUIRE(pass_until([&] {
    return up("a") == 3;
  }));
  cut("a", "b");
  cut("b", "a");
  pass(milliseconds{3'000});
  BOOST_TEST(up("a") == 2U);
  mint_everywhere();
  cut("a", "b", false);
  cut("b", "a", false);
  BOOST_TEST(pass_until([&] {
    return up("a") == 3;
  }));
}

BOOST_AUTO_TEST_CASE(a_node_that_starts_again_has_its_stripe_and_goes_on) {
  three_nodes();
  mint_everywhere();
  for (const auto* name : {"a", "b", "c"}) {
    const auto before = held_by(name).stripe;
    crash(name);
    pass(milliseconds{200});
    BOOST_TEST(start(name).has_value());
    await(name);
    BOOST_TEST((held_by(name).stripe == before));
    mint_everywhere();
  }
}

// The first peer tells what it recorded, long before the last one does.
BOOST_AUTO_TEST_CASE(a_claim_that_half_of_the_peers_recorded_is_no_old_backup) {
  add("a", {"b", "c"}, stripe{1, 3});
  add("b", {"a"}, stripe{2, 3});
  add("c", {"a"}, stripe{3, 3});
  BOOST_TEST(start("a").has_value());
  BOOST_TEST(start("b").has_value());
  pass(milliseconds{3'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(start("c").has_value());
  for (const auto* name : {"a", "b", "c"})
    BOOST_TEST(pass_until([this, name] {
                 return mints_itself(name);
               }),
               name << ": " << held_by(name).reason);
}

BOOST_AUTO_TEST_CASE(peers_need_not_know_each_other_to_find_each_other) {
  add("a", {});
  add("b", {"a"});
  add("c", {"b"});
  start_all();
  BOOST_TEST(pass_until([this] {
    return status_of("a").nodes.size() == 3 && status_of("c").nodes.size() == 3;
  }));
}

// -- what must not be ---------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_overlapping_stripe_is_refused_and_both_are_named) {
  add("a", {"b"}, stripe{1, 2});
  add("b", {"a"}, stripe{1, 3});
  BOOST_TEST(start("a").has_value());
  BOOST_TEST(start("b").has_value());
  pass(milliseconds{5'000});
  BOOST_TEST((mints_itself("a") != mints_itself("b")));
  const auto* loser = mints_itself("a") ? "b" : "a";
  const auto reason = held_by(loser).reason;
  for (const auto* part : {"1 mod 2", "1 mod 3", "id-of-a"})
    BOOST_TEST(reason.find(part) != std::string::npos, reason);
  mint_everywhere();
}

BOOST_AUTO_TEST_CASE(a_fixed_stripe_waits_for_every_peer_once) {
  add("a", {"b"}, stripe{1, 2});
  add("b", {"a"}, stripe{2, 2});
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{3'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(held_by("a").reason.find("b:1") != std::string::npos,
             held_by("a").reason);
  BOOST_TEST(start("b").has_value());
  BOOST_TEST_REQUIRE(pass_until([this] {
    return mints_itself("a") && mints_itself("b");
  }));
  mint_everywhere();
  // From then on it needs nobody.
  crash("a");
  crash("b");
  start_and_wait("a");
  BOOST_TEST(mint("a") == 1U);
}

BOOST_AUTO_TEST_CASE(an_operator_does_without_a_peer) {
  add("a", {"b"}, stripe{1, 2});
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{1'000});
  BOOST_TEST(!mints_itself("a"));
  (void)ask<caf::ok_atom>(at("a").cluster, waive_atom_v, std::string{"b:1"});
  await("a");
}

BOOST_AUTO_TEST_CASE(a_restored_ledger_does_not_take_back_what_was_given) {
  add("a", {});
  start_all();
  const auto before = at("a").disk->written;
  add("b", {"a"});
  at("a").peers = {"b:1"};
  start_and_wait("b");
  mint_everywhere();
  crash("a");
  at("a").disk->written = before;
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{10'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(held_by("a").reason.find("new state directory")
               != std::string::npos,
             held_by("a").reason);
  mint_everywhere(); // Through b.
}

BOOST_AUTO_TEST_CASE(a_restored_store_is_raised_above_what_peers_saw) {
  three_nodes();
  mint_everywhere();
  const auto before = at("b").disk->store->marks;
  mint_everywhere(50);
  pass(milliseconds{600});
  crash("b");
  at("b").disk->store->marks = before;
  start_and_wait("b");
  mint_everywhere(50);
}

BOOST_AUTO_TEST_CASE(a_twin_is_refused_while_the_first_lives) {
  three_nodes();
  auto& twin = add("twin-of-b", {"a"});
  twin.disk->written = at("b").disk->written;
  twin.disk->store = std::make_shared<scripted_store>(*at("b").disk->store);
  twin.twin_of = "b";
  BOOST_TEST(start("twin-of-b").has_value());
  pass(milliseconds{10'000});
  BOOST_TEST(!mints_itself("twin-of-b"));
  BOOST_TEST(mints_itself("b"));
  BOOST_TEST(held_by("twin-of-b").reason.find("running already")
               != std::string::npos,
             held_by("twin-of-b").reason);
  for (const auto* name : {"a", "b", "c"})
    BOOST_TEST(mint(name) == 1U);
}

// A peer that lost sight of the other process does not speak for those that
// see it.
BOOST_AUTO_TEST_CASE(a_twin_is_refused_also_where_one_peer_welcomes_it) {
  three_nodes();
  part("b", "c");
  part("b", "twin-of-b");
  pass(milliseconds{1'000});
  auto& twin = add("twin-of-b", {"a", "c"});
  twin.disk->written = at("b").disk->written;
  twin.disk->store = std::make_shared<scripted_store>(*at("b").disk->store);
  twin.twin_of = "b";
  BOOST_TEST(start("twin-of-b").has_value());
  BOOST_TEST(pass_until([this] {
    return says("twin-of-b", "running already");
  }));
  BOOST_TEST(!pass_until(
    [this] {
      return mints_itself("twin-of-b");
    },
    milliseconds{10'000}));
  // Whoever was met first: the one that mints stays.
  part("b", "c", false);
  BOOST_TEST(!pass_until(
    [this] {
      return mints_itself("twin-of-b") || !mints_itself("b");
    },
    milliseconds{10'000}));
  // Nobody is left who could have seen both.
  crash("b");
  crash("a");
  await("twin-of-b");
}

// The port of a node that stops is closed before its last ping is sent.
BOOST_AUTO_TEST_CASE(a_node_that_stopped_and_starts_at_once_is_no_twin) {
  three_nodes();
  close_port("b");
  pass(milliseconds{300});
  crash("b");
  BOOST_TEST(start("b").has_value());
  BOOST_TEST(pass_until(
               [this] {
                 return mints_itself("b");
               },
               milliseconds{500}),
             held_by("b").reason);
  BOOST_TEST(!pass_until(
    [this] {
      return !mints_itself("b");
    },
    milliseconds{1'000}));
}

// -- leaving ------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_stripe_of_one_that_left_goes_to_the_next_that_joins) {
  three_nodes();
  mint_everywhere();
  BOOST_TEST_REQUIRE(pass_until([this] {
    return status_of("b").nodes.size() == 3;
  }));
  const auto handed = held_by("b").stripe;
  auto left
    = ask<caf::ok_atom>(at("b").cluster, leave_atom_v, std::string{"c"});
  BOOST_TEST(pass_until([&] {
    return left->value.has_value();
  }));
  BOOST_TEST(!mints_itself("b"));
  mint_everywhere();
  crash("b");
  add("d", {"c"});
  start_and_wait("d");
  BOOST_TEST((held_by("d").stripe == handed));
  mint_everywhere();
  // It is not a member any more, but for what others mint for it.
  BOOST_TEST(start("b").has_value());
  pass(milliseconds{10'000});
  BOOST_TEST(!mints_itself("b"));
  mint_everywhere();
}

BOOST_AUTO_TEST_CASE(a_dead_nodes_stripe_is_adopted_and_it_stays_dead) {
  three_nodes();
  mint_everywhere();
  pass(milliseconds{600});
  const auto adopted = held_by("b").stripe;
  // Nobody hears of these.
  for (int i = 0; i < 50; ++i)
    BOOST_TEST(mint("b") == 1U);
  BOOST_TEST(mint("b", 5, "orders") == 5U);
  crash("b");
  pass(milliseconds{3'000});
  int64_t above = 0;
  for (const auto& [key, integer] : given())
    above = std::max(above, integer);
  BOOST_TEST(adopts("c", {"b"}, above) == "");
  add("d", {"c"});
  start_and_wait("d");
  BOOST_TEST((held_by("d").stripe == adopted));
  mint_everywhere(60);
  BOOST_TEST(mint("d", 5, "orders") == 5U);
  at("b").peers = {"c:1"};
  BOOST_TEST(start("b").has_value());
  pass(milliseconds{10'000});
  BOOST_TEST(!mints_itself("b"));
  mint_everywhere();
}

BOOST_AUTO_TEST_CASE(a_live_nodes_stripe_is_not_adopted) {
  three_nodes();
  pass(milliseconds{600});
  BOOST_TEST(adopts("c", {"b"}, 1'000).find("is alive") != std::string::npos);
  for (const auto* self : {"c", "id-of-c"})
    BOOST_TEST(adopts("c", {self}).find("it can leave") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
