// Whose a store is, and what a guard does to one that several nodes share.
#include "engines/store_owner.hpp"

#include "tests/unit/guard_scene.hpp"

#include <boost/test/unit_test.hpp>

using namespace intd;
using namespace intd::test;

BOOST_FIXTURE_TEST_SUITE(store_owner, guard_scene)

BOOST_AUTO_TEST_CASE(the_first_node_owns_the_store) {
  const auto id = must(state_directory::open(path, {}))->node_id();
  (void)must(open());
  BOOST_TEST(store->owner == id);
  // And goes on owning it.
  BOOST_TEST(next(must(open()), all) == 1);
}

BOOST_AUTO_TEST_CASE(another_node_is_refused_and_told_how_to_go_on) {
  store->owner = "somebody";
  const auto refused = open();
  BOOST_TEST(code_of(refused) == ec::wrong_owner);
  for (const auto* word : {"somebody", "shared = true", "-take-over"})
    BOOST_TEST(says(refused, word), word);
  BOOST_TEST(store->reserves == 0);
  BOOST_TEST(store->owner == "somebody");
}

BOOST_AUTO_TEST_CASE(a_store_is_taken_over_where_the_operator_says_so) {
  store->owner = "somebody";
  claim = claim_mode::take_over;
  BOOST_TEST(next(must(open()), all) == 1);
  claim = claim_mode::if_free;
  BOOST_TEST(next(must(open()), all) == 2);
}

BOOST_AUTO_TEST_CASE(a_stripe_is_put_on_record_with_its_epoch) {
  // The tool that mints without a node knows of no epoch.
  (void)must(open());
  BOOST_TEST(!store->held);
  epoch = 3;
  (void)must(open());
  BOOST_TEST((*store->held == store_record{{1, 1}, 3, true}));
  epoch = 4;
  (void)must(open());
  BOOST_TEST(store->held->epoch == 4u);
}

BOOST_AUTO_TEST_CASE(a_state_from_before_a_split_is_refused_and_told_why) {
  store->held = store_record{{1, 2}, 3, true};
  epoch = 2;
  const auto refused = open();
  BOOST_TEST(code_of(refused) == ec::wrong_owner);
  for (const auto* word : {"1 mod 2 (epoch 3)", "1 mod 1 (epoch 2)",
                           "new state directory", "-take-over"})
    BOOST_TEST(says(refused, word), word);
  BOOST_TEST(store->reserves == 0);
  BOOST_TEST(store->held->epoch == 3u);
  claim = claim_mode::take_over;
  (void)must(open());
  BOOST_TEST((*store->held == store_record{{1, 1}, 2, true}));
}

BOOST_AUTO_TEST_CASE(a_record_reads_as_it_was_written) {
  for (const bool alone : {false, true})
    for (const auto& within :
         {stripe{1, 1}, stripe{max_integer, max_integer}}) {
      const store_record x{within, UINT64_MAX, alone};
      BOOST_TEST((must(parse_store_record(to_text(x), "")) == x), to_text(x));
    }
  BOOST_TEST(to_text({{1, 4}, 7, true}) == "1/4 epoch 7 alone");
  for (const auto* text :
       {"1/4", "1/4 epoch ", "0/4 epoch 7", "5/4 epoch 7", "1/4 epoch 7 ",
        "1/4 epoch 7 alone ", "1/4 epoch -7", "1/9223372036854775808 epoch 7"})
    BOOST_TEST(code_of(parse_store_record(text, "")) == ec::corrupt, text);
  BOOST_TEST(says(parse_store_record("1/4", "redis at a:1: "), "redis at a:1"));
  BOOST_TEST(!must(parse_store_record("", "")).has_value());
}

BOOST_AUTO_TEST_CASE(a_shared_store_is_shared_by_all_or_not_at_all) {
  shared = true;
  BOOST_TEST(next(must(open()), all) == 1);
  BOOST_TEST(store->owner == shared_by_nodes);
  shared = false;
  const auto refused = open();
  BOOST_TEST(code_of(refused) == ec::wrong_owner);
  BOOST_TEST(says(refused, "shared by several nodes"));
}

BOOST_AUTO_TEST_CASE(a_store_that_may_forget_cannot_be_shared) {
  shared = true;
  for (const auto kind : {durability::may_forget, durability::forgets}) {
    store->kind = kind;
    BOOST_TEST(code_of(open()) == ec::wrong_owner);
    BOOST_TEST(store->owner.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_shared_store_that_went_back_is_never_raised) {
  shared = true;
  {
    const auto x = must(open());
    for (int i = 0; i < 57; ++i)
      (void)next(x, all);
    // What another node was given.
    store->marks[all.key] = 100;
    BOOST_TEST(next(x, all) == 101);
    store->marks[all.key] = 60;
    BOOST_TEST(code_of(x->reserve(all, 1)) == ec::corrupt);
  }
  const auto x = must(open());
  store->marks[all.key] = 60;
  const auto refused = x->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::corrupt);
  BOOST_TEST(says(refused, "-set-last-int"));
  BOOST_TEST(store->marks[all.key] == 60);
  BOOST_TEST(counted->regressions == 2u);
  BOOST_TEST(counted->raises == 0u);
}

BOOST_AUTO_TEST_CASE(a_shared_store_mints_on_once_it_was_raised) {
  shared = true;
  for (int i = 0; i < 57; ++i)
    (void)next(must(open()), all);
  store->marks[all.key] = 10;
  BOOST_TEST(code_of(must(open())->reserve(all, 1)) == ec::corrupt);
  store->marks[all.key] = 1000; // as `int` does, past any guard
  BOOST_TEST(next(must(open()), all) == 1001);
}

BOOST_AUTO_TEST_CASE(a_shared_store_that_is_another_one_is_refused) {
  shared = true;
  BOOST_TEST(next(must(open()), all) == 1);
  store->identity = "second";
  const auto refused = open();
  BOOST_TEST(code_of(refused) == ec::wrong_owner);
  BOOST_TEST(says(refused, "second"));
  BOOST_TEST(code_of(open()) == ec::wrong_owner);
  claim = claim_mode::take_over;
  BOOST_TEST(next(must(open()), all) == 2);
  claim = claim_mode::if_free;
  BOOST_TEST(next(must(open()), all) == 3);
}

// Only its own ceiling is known then, which says nothing of the store.
BOOST_AUTO_TEST_CASE(after_a_crash_of_the_machine_a_shared_store_is_trusted) {
  shared = true;
  for (int i = 0; i < 57; ++i)
    (void)next(must(open()), all);
  lose_marks();
  BOOST_TEST(next(must(open()), all) > 57);
}

BOOST_AUTO_TEST_SUITE_END()
