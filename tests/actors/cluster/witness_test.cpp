// Nodes that start with less than they knew: what their peers remember, and who
// is a witness.
#include "tests/actors/cluster/scene.hpp"

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

namespace {

// A copy of a disk, taken while its node lived.
struct backup {
  explicit backup(const simulated_disk& x)
    : written{x.written}, marks{x.store->marks} {
    // nop
  }

  void put_back(simulated_disk& into) const {
    into.written = written;
    into.store->marks = marks;
  }

  ledger written;
  std::map<std::string, int64_t> marks;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(of_witnesses, scene)

// b has not heard the last of a, c has.
BOOST_AUTO_TEST_CASE(a_restored_node_waits_for_all_others) {
  three_nodes();
  mint_everywhere();
  pass(milliseconds{600});
  const backup before{*at("a").disk};
  part("a", "b");
  for (int i = 0; i < 50; ++i)
    BOOST_TEST(mint("a") == 1U);
  pass(milliseconds{600});
  crash("a");
  before.put_back(*at("a").disk);
  part("a", "b", false);
  part("a", "c");
  at("a").peers = {"b:1"};
  at("a").settings.restored = true;
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{20'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(says("a", "c:1"), held_by("a").reason);
  BOOST_TEST(!says("a", "b:1"), held_by("a").reason);
  part("a", "c", false);
  await("a");
  mint_everywhere(60);
}

// It was given to somebody after the backup.
BOOST_AUTO_TEST_CASE(
  a_restored_node_gives_no_spare_before_it_heard_all_others) {
  add("a", {});
  start_all();
  BOOST_TEST(obeys("a", split_atom_v, std::string{}));
  pass(milliseconds{2'000});
  const backup before{*at("a").disk};
  add("b", {"a"});
  start_all();
  BOOST_TEST((held_by("b").stripe == stripe{2, 2}));
  mint_everywhere();
  crash("a");
  before.put_back(*at("a").disk);
  at("a").settings.restored = true;
  at("a").peers = {"b:1"};
  add("d", {"a"});
  for (const auto* name : {"a", "d"}) {
    part(name, "b");
    BOOST_TEST(start(name).has_value());
  }
  pass(milliseconds{20'000});
  BOOST_TEST(!mints_itself("d"));
  part("a", "b", false);
  part("d", "b", false);
  await("d");
  mint_everywhere(20);
}

BOOST_AUTO_TEST_CASE(a_restored_node_that_asked_for_a_stripe_asks_again) {
  add("a", {});
  add("b", {"a"}).settings.restored = true;
  start_all();
  mint_everywhere();
}

BOOST_AUTO_TEST_CASE(an_operator_does_without_a_witness_that_is_gone) {
  three_nodes();
  pass(milliseconds{600});
  crash("a");
  crash("c");
  at("a").settings.restored = true;
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{20'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(obeys("a", waive_atom_v, std::string{"c:1"}));
  await("a");
  mint_everywhere();
}

BOOST_AUTO_TEST_CASE(a_restored_node_that_knows_nobody_says_what_to_do) {
  add("a", {}).settings.restored = true;
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{20'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(says("a", "-set-last-int"), held_by("a").reason);
}

BOOST_AUTO_TEST_CASE(a_restored_node_is_no_witness_before_it_heard_all_others) {
  add("a", {});
  add("b", {"a"});
  start_all();
  pass(milliseconds{600});
  for (const auto* name : {"a", "b"}) {
    crash(name);
    at(name).settings.restored = true;
  }
  at("a").peers = {"b:1"};
  BOOST_TEST(start("a").has_value());
  BOOST_TEST(start("b").has_value());
  pass(milliseconds{20'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(!mints_itself("b"));
  BOOST_TEST(obeys("a", waive_atom_v, std::string{"b:1"}));
  BOOST_TEST(pass_until([this] {
    return mints_itself("a") && mints_itself("b");
  }));
}

// The first words of a peer that starts at the same time are no testimony: it
// does not know yet with whom it speaks.
BOOST_AUTO_TEST_CASE(a_peer_that_does_not_know_who_asks_is_no_witness) {
  add("a", {});
  add("b", {"a"});
  start_all();
  mint_everywhere();
  const backup before{*at("a").disk};
  for (int i = 0; i < 50; ++i)
    BOOST_TEST(mint("a") == 1U);
  pass(milliseconds{2'000});
  crash("a");
  crash("b");
  before.put_back(*at("a").disk);
  cut("a", "b");
  at("a").peers = {"b:1"};
  BOOST_TEST(start("a").has_value());
  // So that a thinks between the first words of b and the next.
  pass(milliseconds{100});
  BOOST_TEST(start("b").has_value());
  await("a");
  for (int i = 0; i < 50; ++i)
    BOOST_TEST(mint("a") == 1U);
}

// Where no peer can tell, the store can.
BOOST_AUTO_TEST_CASE(a_store_remembers_a_split_that_the_state_forgot) {
  add("a", {});
  start_all();
  mint_everywhere();
  const auto before = at("a").disk->written;
  add("b", {"a"});
  start_all();
  BOOST_TEST((*at("a").disk->store->held == store_record{{1, 2}, 2, true}));
  crash("a");
  crash("b");
  at("a").disk->written = before;
  BOOST_TEST(start("a").has_value());
  pass(milliseconds{20'000});
  BOOST_TEST(!mints_itself("a"));
  BOOST_TEST(says("a", "1 mod 2 (epoch 2)"), held_by("a").reason);
  BOOST_TEST(says("a", "1 mod 1 (epoch 1)"), held_by("a").reason);
}

BOOST_AUTO_TEST_CASE(without_a_witness_it_waits_as_long_as_it_is_told) {
  add("a", {});
  add("b", {"a"});
  start_all();
  for (const bool required : {false, true}) {
    crash("a");
    crash("b");
    at("b").settings.require_witness = required;
    BOOST_TEST(start("b").has_value());
    pass(milliseconds{4'000});
    BOOST_TEST(!mints_itself("b"));
    pass(milliseconds{26'000});
    BOOST_TEST(mints_itself("b") != required);
    start_and_wait("a");
    await("b");
  }
}

BOOST_AUTO_TEST_SUITE_END()
