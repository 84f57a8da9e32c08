#include "engines/guard/guard.hpp"

#include "engines/guard/ceiling_file.hpp"
#include "tests/unit/guard_scene.hpp"

#include <boost/test/unit_test.hpp>

#include <cstring>

using namespace intd;
using namespace intd::test;

BOOST_FIXTURE_TEST_SUITE(guards, guard_scene)

BOOST_AUTO_TEST_CASE(a_store_that_keeps_its_word_is_left_alone) {
  {
    const auto x = must(open());
    for (int64_t i = 1; i <= 1000; ++i)
      BOOST_REQUIRE(next(x, all) == i);
    must(x->close());
    BOOST_TEST(store->closes == 1);
  }
  const auto x = must(open());
  BOOST_TEST(next(x, all) == 1001);
  BOOST_TEST(warnings.empty());
  BOOST_TEST(counted->raises == 0u);
  BOOST_TEST(counted->regressions == 0u);
}

BOOST_AUTO_TEST_CASE(a_ceiling_is_written_once_a_block) {
  const auto x = must(open());
  disk::reset();
  for (int i = 0; i < 1000; ++i)
    (void)next(x, all);
  // At 1, then each time the ceiling before is passed, 100 further.
  BOOST_TEST(counted->ceilings == 10u);
  BOOST_TEST(disk::syncs() == 10);
}

BOOST_AUTO_TEST_CASE(nothing_is_answered_above_what_is_on_the_disk) {
  disk::remember();
  const auto x = must(open());
  for (int i = 0; i < 300; ++i) {
    const auto given = must(x->reserve(all, 1 + i % 70));
    const auto on_disk = disk::synced(path / "main.ceilings");
    int64_t ceiling = 0;
    std::memcpy(&ceiling, on_disk.data() + 512 + 104, sizeof ceiling);
    BOOST_REQUIRE(ceiling >= last_of(given));
    BOOST_REQUIRE(ceiling <= last_of(given) + block);
  }
}

BOOST_AUTO_TEST_CASE(what_was_not_synced_is_not_needed) {
  disk::remember();
  for (int64_t before = 0, round = 0; round < 20; ++round) {
    {
      const auto x = must(open());
      for (int i = 0; i < 30; ++i) {
        const auto given = must(x->reserve(all, 1 + (round + i) % 20));
        BOOST_REQUIRE(given.first > before);
        before = last_of(given);
      }
      if (round % 3 == 0)
        must(x->set_last(all, before += 50));
    }
    lose_all();
    disk::lose_unsynced(path);
  }
}

BOOST_AUTO_TEST_CASE(a_store_that_lost_everything_is_raised) {
  {
    const auto x = must(open());
    for (int i = 0; i < 57; ++i)
      (void)next(x, all);
  }
  lose_all();
  const auto x = must(open());
  BOOST_TEST(must(x->last(all)) == 57);
  BOOST_TEST(next(x, all) == 58);
  BOOST_TEST(counted->regressions == 1u);
  BOOST_TEST(counted->raises == 1u);
  BOOST_REQUIRE(warnings.size() == 1u);
  BOOST_TEST(warnings[0].find("went back") != std::string::npos);
  BOOST_TEST(warnings[0].find("main: ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_store_that_forgets_is_raised_without_a_word) {
  store->kind = durability::forgets;
  {
    const auto x = must(open());
    (void)next(x, all);
    BOOST_TEST((x->durable() == durability::durable));
  }
  lose_all();
  store->identity = "second";
  const auto x = must(open());
  BOOST_TEST(next(x, all) == 2);
  BOOST_TEST(warnings.empty());
  BOOST_TEST(counted->regressions == 0u);
  BOOST_TEST(counted->raises == 1u);
}

BOOST_AUTO_TEST_CASE(
  after_a_crash_of_the_machine_it_goes_on_above_the_ceiling) {
  {
    const auto x = must(open());
    for (int i = 0; i < 57; ++i)
      (void)next(x, odd);
  }
  lose_all();
  lose_marks();
  const auto x = must(open());
  // The first, 1, and a block of odd integers.
  BOOST_TEST(must(x->last(odd)) == 201);
  BOOST_TEST(code_of(x->set_last(odd, 200)) == ec::too_small);
  BOOST_TEST(next(x, odd) == 203);
  BOOST_REQUIRE(warnings.size() == 1u);
  BOOST_TEST(warnings[0].find("ceiling") != std::string::npos);
  BOOST_TEST(counted->regressions == 0u);
}

BOOST_AUTO_TEST_CASE(after_a_clean_stop_there_is_no_gap_and_no_warning) {
  {
    const auto x = must(open());
    for (int i = 0; i < 57; ++i)
      (void)next(x, all);
    must(x->close());
  }
  lose_marks();
  const auto x = must(open());
  BOOST_TEST(next(x, all) == 58);
  BOOST_TEST(warnings.empty());
}

BOOST_AUTO_TEST_CASE(a_store_that_goes_back_in_use_is_raised_at_once) {
  const auto x = must(open());
  for (int i = 0; i < 57; ++i)
    (void)next(x, all);
  lose_all();
  BOOST_TEST(next(x, all) == 58);
  store->marks["integers"] = 30;
  // 31 to 80 were taken from the store meanwhile, and are not given.
  BOOST_TEST((must(x->reserve(all, 50)) == run{81, 1, 50}));
  BOOST_TEST(counted->regressions == 2u);
  BOOST_TEST(warnings.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_one_stripe_gave_is_a_floor_for_those_it_overlaps) {
  const auto x = must(open());
  for (int i = 0; i < 10; ++i)
    (void)next(x, odd);
  BOOST_TEST(next(x, all) == 20);
  lose_all();
  BOOST_TEST(next(x, odd) == 21);
  lose_all();
  BOOST_TEST(next(x, all) == 22);
  lose_all();
  BOOST_TEST(next(x, {"integers", {1, 3}}) == 25);
  lose_all();
  BOOST_TEST(must(x->last(odd)) == 25);
  BOOST_TEST(must(x->last(all)) == 25);
}

BOOST_AUTO_TEST_CASE(floors_of_overlapping_stripes_hold_after_a_restart) {
  {
    const auto x = must(open());
    for (int i = 0; i < 10; ++i)
      (void)next(x, odd);
  }
  lose_all();
  opened_for = {1, 4};
  const auto x = must(open());
  BOOST_TEST(next(x, {"integers", {1, 4}}) == 21);
}

BOOST_AUTO_TEST_CASE(a_disjoint_stripe_has_a_floor_of_its_own) {
  const auto x = must(open());
  for (int i = 0; i < 10; ++i)
    (void)next(x, odd);
  lose_all();
  BOOST_TEST(next(x, even) == 2);
  BOOST_TEST(next(x, odd) == 21);
}

// An adopted stripe: nobody knows which keys its dead owner gave.
BOOST_AUTO_TEST_CASE(every_key_is_minted_above_what_it_is_told) {
  above = 1'000;
  {
    const auto x = must(open());
    BOOST_TEST(next(x, odd) == 1'001);
    BOOST_TEST(next(x, {"orders", {2, 2}}) == 1'002);
    BOOST_TEST(next(x, odd) == 1'003);
    BOOST_TEST(code_of(x->set_last({"shops", {1, 1}}, 5)) == ec::none);
    BOOST_TEST(next(x, {"shops", {1, 1}}) == 1'001);
  }
  lose_all();
  const auto x = must(open());
  BOOST_TEST(next(x, odd) > 1'003);
  BOOST_TEST(next(x, {"users", {1, 1}}) == 1'001);
}

BOOST_AUTO_TEST_CASE(keys_have_floors_of_their_own) {
  const auto x = must(open());
  BOOST_TEST(next(x, {"a", {1, 1}}) == 1);
  must(x->set_last({"b", {1, 1}}, 500));
  lose_all();
  BOOST_TEST(next(x, {"a", {1, 1}}) == 2);
  BOOST_TEST(next(x, {"b", {1, 1}}) == 501);
}

BOOST_AUTO_TEST_CASE(it_mints_in_its_own_stripe_alone) {
  opened_for = {1, 2};
  const auto x = must(open());
  BOOST_TEST(next(x, odd) == 1);
  BOOST_TEST(next(x, {"integers", {3, 4}}) == 3);
  for (const stripe other : {stripe{1, 1}, {2, 2}, {1, 3}, {2, 4}}) {
    const auto refused = x->reserve({"integers", other}, 1);
    BOOST_TEST(code_of(refused) == ec::invalid_stripe, other);
    BOOST_TEST(says(refused, "1 mod 2"));
    BOOST_TEST(code_of(x->set_last({"integers", other}, 9))
               == ec::invalid_stripe);
  }
  BOOST_TEST(next(x, odd) == 5);
}

BOOST_AUTO_TEST_CASE(the_stripe_of_another_node_is_refused) {
  opened_for = {1, 2};
  must(open());
  opened_for = {2, 2};
  BOOST_TEST(code_of(open()) == ec::wrong_owner);
  opened_for = {3, 2};
  BOOST_TEST(code_of(open()) == ec::invalid_stripe);
}

BOOST_AUTO_TEST_CASE(set_last_holds_when_the_store_forgets_it) {
  {
    const auto x = must(open());
    must(x->set_last(all, 5000));
    must(x->set_last(all, 5000));
    BOOST_TEST(code_of(x->set_last(all, 4999)) == ec::too_small);
    BOOST_TEST(code_of(x->set_last(all, -1)) == ec::too_small);
    lose_all();
    BOOST_TEST(code_of(x->set_last(all, 4999)) == ec::too_small);
  }
  lose_marks();
  const auto x = must(open());
  BOOST_TEST(must(x->last(all)) == 5000);
  BOOST_TEST(next(x, all) == 5001);
}

BOOST_AUTO_TEST_CASE(asking_for_the_last_keeps_nothing) {
  const auto x = must(open());
  disk::reset();
  store->marks["seen"] = 7;
  BOOST_TEST(must(x->last({"seen", {1, 1}})) == 7);
  BOOST_TEST(must(x->last({"never", {1, 1}})) == 0);
  BOOST_TEST(disk::syncs() == 0);
}

BOOST_AUTO_TEST_CASE(a_store_that_is_another_one_is_told_of_and_raised) {
  {
    const auto x = must(open());
    for (int i = 0; i < 5; ++i)
      (void)next(x, all);
  }
  store->identity = "second";
  store->marks["integers"] = 3;
  {
    const auto x = must(open());
    BOOST_TEST(counted->identity_changes == 1u);
    BOOST_REQUIRE(warnings.size() == 1u);
    BOOST_TEST(warnings[0].find("second") != std::string::npos);
    BOOST_TEST(next(x, all) == 6);
  }
  must(open());
  BOOST_TEST(counted->identity_changes == 1u);
}

BOOST_AUTO_TEST_CASE(near_the_end_no_crash_exhausts_a_sequence_early) {
  const int64_t left = 40;
  {
    const auto x = must(open());
    must(x->set_last(all, max_integer - left));
    (void)next(x, all);
  }
  // Machine after machine crashes, and each leaves half of what was left.
  int64_t before = max_integer - left + 1;
  int crashes = 0;
  while (before < max_integer) {
    lose_all();
    lose_marks();
    const auto x = must(open());
    const auto given = next(x, all);
    BOOST_REQUIRE(given > before);
    BOOST_REQUIRE(given - before <= (max_integer - before + 1) / 2 + 1);
    before = given;
    ++crashes;
  }
  BOOST_TEST(crashes >= 5);
  lose_all();
  BOOST_TEST(code_of(must(open())->reserve(all, 1)) == ec::exhausted);
}

BOOST_AUTO_TEST_CASE(a_ceiling_that_cannot_be_written_stops_it) {
  {
    const auto x = must(open());
    for (int i = 0; i < 101; ++i)
      (void)next(x, all);
    disk::fail_after(0);
    const auto failed = x->reserve(all, 1);
    BOOST_TEST(code_of(failed) == ec::unavailable);
    BOOST_TEST(says(failed, "sync"));
    disk::reset();
    BOOST_TEST(code_of(x->reserve(all, 1)) == ec::unavailable);
    BOOST_TEST(code_of(x->set_last(all, 9999)) == ec::unavailable);
    BOOST_TEST(code_of(x->close()) == ec::unavailable);
  }
  // The integer that was not answered is a gap.
  BOOST_TEST(next(must(open()), all) == 103);
}

BOOST_AUTO_TEST_CASE(a_run_that_breaks_the_contract_stops_it) {
  const std::vector<run> wrong{{2, 2, 1},          {1, 1, 1},  {1, 2, 0},
                               {1, 2, -1},         {1, 2, 11}, {-1, 2, 1},
                               {max_integer, 2, 2}};
  for (const auto& given : wrong) {
    temp_dir other;
    path = other.path() / "state";
    store = std::make_shared<script>();
    const auto x = must(open());
    store->wrong_run = given;
    BOOST_TEST(code_of(x->reserve(odd, 10)) == ec::corrupt, given);
    store->wrong_run.reset();
    BOOST_TEST(code_of(x->reserve(odd, 10)) == ec::corrupt, given);
  }
}

BOOST_AUTO_TEST_CASE(a_store_that_will_not_be_raised_stops_it) {
  const auto x = must(open());
  for (int i = 0; i < 10; ++i)
    (void)next(x, all);
  lose_all();
  store->ignores_set_last = true;
  const auto refused = x->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::corrupt);
  store->ignores_set_last = false;
  store->marks["integers"] = 1000;
  BOOST_TEST(code_of(x->reserve(all, 1)) == ec::corrupt);
}

BOOST_AUTO_TEST_CASE(a_store_in_doubt_is_not_asked_again) {
  const auto x = must(open());
  (void)next(x, all);
  store->failure = error{ec::timeout, "no answer"};
  BOOST_TEST(code_of(x->reserve(all, 1)) == ec::timeout);
  store->failure.reset();
  store->reserves = 0;
  BOOST_TEST(code_of(x->reserve(all, 1)) == ec::timeout);
  BOOST_TEST(code_of(x->set_last(all, 100)) == ec::timeout);
  BOOST_TEST(code_of(x->last(all)) == ec::timeout);
  BOOST_TEST(store->reserves == 0);
}

BOOST_AUTO_TEST_CASE(a_refused_request_does_not_stop_it) {
  const auto x = must(open());
  BOOST_TEST(code_of(x->reserve({"no key", {1, 1}}, 1)) == ec::invalid_key);
  BOOST_TEST(code_of(x->reserve(all, 0)) == ec::invalid_count);
  BOOST_TEST(code_of(x->reserve({"integers", {2, 1}}, 1))
             == ec::invalid_stripe);
  must(x->set_last(all, max_integer));
  BOOST_TEST(code_of(x->reserve(all, 1)) == ec::exhausted);
  BOOST_TEST(next(x, {"others", {1, 1}}) == 1);
}

BOOST_AUTO_TEST_CASE(no_more_keys_are_kept_than_the_file_has_room_for) {
  const auto x = must(open());
  disk::pretend();
  for (size_t i = 0; i < ceiling_file::max_slots; ++i)
    (void)next(x, {"k" + std::to_string(i), {1, 1}});
  const auto refused = x->reserve({"one_more", {1, 1}}, 1);
  BOOST_TEST(code_of(refused) == ec::invalid_key);
  BOOST_TEST(says(refused, "65536"));
  BOOST_TEST(store->marks["one_more"] == 0);
  BOOST_TEST(next(x, {"k7", {1, 1}}) == 2);
}

BOOST_AUTO_TEST_SUITE_END()
