// The contract of engine.hpp, on every engine: the same calls, the same
// answers.
#include "tests/engines/subjects.hpp"

#include "tests/support/results.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace data = boost::unit_test::data;

namespace {

/// An open engine in a directory of its own, and what a caller sees of it.
class desk {
public:
  explicit desk(const subject& x) : subject_{x} {
    reopen();
  }

  /// Closes it, where it is open, and opens it again.
  void reopen() {
    close();
    store_ = must(subject_.open(dir_.path()));
  }

  void close() {
    if (store_)
      must(store_->close());
    store_.reset();
  }

  engine& operator*() {
    return *store_;
  }

  engine* operator->() {
    return store_.get();
  }

  /// Asks until all of `count` is given, since an engine may give less at a
  /// time, and checks what must hold for each run.
  std::vector<run> mint(const sequence& what, int64_t count) {
    std::vector<run> runs;
    while (count > 0) {
      const auto given = must(store_->reserve(what, count));
      BOOST_REQUIRE(given.count >= 1);
      BOOST_REQUIRE(given.count <= count);
      BOOST_REQUIRE(given.increment == what.stripe.increment);
      BOOST_REQUIRE(contains(what.stripe, given.first));
      BOOST_REQUIRE((runs.empty() || given.first > last_of(runs.back())));
      count -= given.count;
      runs.push_back(given);
    }
    return runs;
  }

  /// Mints one integer.
  int64_t next(const sequence& what) {
    return mint(what, 1).front().first;
  }

private:
  temp_dir dir_;
  const subject& subject_;
  engine_ptr store_;
};

const sequence all{"integers", {1, 1}};
const sequence odd{"integers", {1, 2}};
const sequence even{"integers", {2, 2}};
const sequence others{"others", {1, 1}};

const auto engines = data::make(subjects());

} // namespace

BOOST_DATA_TEST_CASE(a_new_sequence_begins_at_its_offset, engines, x) {
  desk at{x};
  BOOST_TEST(must(at->last(all)) == 0);
  BOOST_TEST(at.next(all) == 1);
  BOOST_TEST(at.next(all) == 2);
  BOOST_TEST(must(at->last(all)) == 2);
  BOOST_TEST(at.next({"a", {1, 7}}) == 1);
  BOOST_TEST(at.next({"b", {7, 7}}) == 7);
  BOOST_TEST(at.next({"c", {5, 100}}) == 5);
  BOOST_TEST(at.next({"c", {5, 100}}) == 105);
}

BOOST_DATA_TEST_CASE(runs_of_any_length_follow_each_other, engines, x) {
  desk at{x};
  int64_t before = 0;
  for (const int64_t count :
       {1, 2, 10, 99, 100, 101, 1000, 65'535, 1'000'000}) {
    const auto runs = at.mint(odd, count);
    BOOST_TEST(runs.front().first > before);
    before = last_of(runs.back());
    BOOST_TEST(must(at->last(odd)) == before);
  }
  // Nobody else mints here, so nothing is left out.
  BOOST_TEST(before
             == 2 * (1 + 2 + 10 + 99 + 100 + 101 + 1000 + 65'535 + 1'000'000)
               - 1);
}

BOOST_DATA_TEST_CASE(stripes_of_a_key_never_share_an_integer, engines, x) {
  desk at{x};
  auto random = seeded();
  const std::vector<sequence> kinds{
    all, odd, even, {"integers", {3, 5}}, {"integers", {1, 60}}};
  std::set<int64_t> seen;
  std::map<int64_t, int64_t> before;
  for (int i = 0; i < 400; ++i) {
    const auto kind = random() % kinds.size();
    const auto count = static_cast<int64_t>(1 + random() % 30);
    for (auto given : at.mint(kinds[kind], count)) {
      auto& mine = before[static_cast<int64_t>(kind)];
      BOOST_REQUIRE(given.first > mine);
      mine = last_of(given);
      for (; given.count > 0; (void)cut_front(given, 1))
        BOOST_REQUIRE(seen.insert(given.first).second);
    }
  }
}

BOOST_DATA_TEST_CASE(keys_do_not_disturb_each_other, engines, x) {
  desk at{x};
  for (int64_t i = 1; i <= 20; ++i) {
    BOOST_TEST(at.next(all) == i);
    BOOST_TEST(at.next(others) == i);
  }
  must(at->set_last(all, 1000));
  BOOST_TEST(at.next(others) == 21);
  BOOST_TEST(at.next({"INTEGERS", {1, 1}}) == 1);
  BOOST_TEST(at.next({std::string(64, 'k'), {1, 1}}) == 1);
  BOOST_TEST(at.next(all) == 1001);
}

BOOST_DATA_TEST_CASE(asking_for_the_last_changes_nothing, engines, x) {
  desk at{x};
  BOOST_TEST(must(at->last(others)) == 0);
  BOOST_TEST(must(at->last(others)) == 0);
  BOOST_TEST(at.next(others) == 1);
  at.mint(all, 10);
  BOOST_TEST(must(at->last(all)) == 10);
  BOOST_TEST(must(at->last(odd)) == 9);
  BOOST_TEST(must(at->last({"integers", {7, 100}})) == 7);
  BOOST_TEST(must(at->last({"integers", {77, 100}})) == 0);
  BOOST_TEST(at.next(all) == 11);
}

BOOST_DATA_TEST_CASE(the_last_integer_is_raised_and_never_lowered, engines, x) {
  desk at{x};
  at.mint(all, 5);
  must(at->set_last(all, 5));
  BOOST_TEST(must(at->last(all)) == 5);
  must(at->set_last(all, 1000));
  BOOST_TEST(must(at->last(all)) == 1000);
  for (const int64_t lower :
       {int64_t{999}, int64_t{5}, int64_t{0}, int64_t{-1}}) {
    const auto refused = at->set_last(all, lower);
    BOOST_TEST(code_of(refused) == ec::too_small, lower);
    BOOST_TEST(says(refused, "1000"));
  }
  BOOST_TEST(must(at->last(all)) == 1000);
  BOOST_TEST(at.next(all) == 1001);
  must(at->set_last(others, 77));
  BOOST_TEST(at.next(others) == 78);
  must(at->set_last({"third", {1, 1}}, 0));
  BOOST_TEST(at.next({"third", {1, 1}}) == 1);
}

BOOST_DATA_TEST_CASE(a_last_integer_between_two_of_a_stripe_holds, engines, x) {
  desk at{x};
  must(at->set_last(odd, 100));
  BOOST_TEST(must(at->last(odd)) == 99);
  must(at->set_last(odd, 99));
  BOOST_TEST(code_of(at->set_last(odd, 98)) == ec::too_small);
  BOOST_TEST(at.next(odd) == 101);
  BOOST_TEST(at.next(even) == 102);
  // The last of the one stripe is below what the other gave.
  must(at->set_last(odd, 101));
  BOOST_TEST(at.next(even) == 104);
}

BOOST_DATA_TEST_CASE(what_is_left_near_the_end_is_given_and_no_more, engines,
                     x) {
  desk at{x};
  must(at->set_last(all, max_integer - 10));
  const auto runs = at.mint(all, 7);
  BOOST_TEST(last_of(runs.back()) == max_integer - 3);
  // Three are left: they come, in one run or several, and then nothing.
  int64_t left = 3;
  while (left > 0) {
    const auto given = must(at->reserve(all, 100));
    BOOST_REQUIRE(given.count <= left);
    BOOST_TEST(given.first == max_integer - left + 1);
    left -= given.count;
  }
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(code_of(at->reserve(all, 1 + i)) == ec::exhausted);
  BOOST_TEST(must(at->last(all)) == max_integer);
  must(at->set_last(all, max_integer));
  BOOST_TEST(at.next(others) == 1);
}

BOOST_DATA_TEST_CASE(an_exhausted_stripe_never_wraps, engines, x) {
  if (x.name.ends_with("http"))
    return; // No site mints as many as lie between two of such a stripe.
  desk at{x};
  constexpr stripe wide{int64_t{1} << 61, int64_t{1} << 62};
  const sequence rare{"rare", wide};
  BOOST_TEST(at.next(rare) == wide.offset);
  BOOST_TEST(at.next(rare) == wide.offset + wide.increment);
  BOOST_TEST(code_of(at->reserve(rare, 1)) == ec::exhausted);
  BOOST_TEST(code_of(at->reserve(rare, max_count)) == ec::exhausted);
  const sequence last{"once", {max_integer, max_integer}};
  BOOST_TEST(at.next(last) == max_integer);
  BOOST_TEST(code_of(at->reserve(last, 1)) == ec::exhausted);
}

BOOST_DATA_TEST_CASE(exhaustion_is_remembered, engines, x) {
  if (!x.remembers)
    return; // held by a_store_without_memory_begins_anew
  desk at{x};
  must(at->set_last(all, max_integer - 1));
  BOOST_TEST(at.next(all) == max_integer);
  at.reopen();
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::exhausted);
  BOOST_TEST(must(at->last(all)) == max_integer);
}

BOOST_DATA_TEST_CASE(invalid_requests_are_refused_and_change_nothing, engines,
                     x) {
  desk at{x};
  for (const auto* key : {"", "9a", "a b", "a'b", "a;b", "\xc3\xa4"}) {
    const sequence bad{key, {1, 1}};
    BOOST_TEST(code_of(at->reserve(bad, 1)) == ec::invalid_key, key);
    BOOST_TEST(code_of(at->last(bad)) == ec::invalid_key, key);
    BOOST_TEST(code_of(at->set_last(bad, 1)) == ec::invalid_key, key);
  }
  BOOST_TEST(code_of(at->reserve({std::string(65, 'k'), {1, 1}}, 1))
             == ec::invalid_key);
  for (const stripe y : {stripe{0, 1}, {2, 1}, {1, 0}, {-1, 2}, {1, -2}}) {
    const sequence bad{"integers", y};
    BOOST_TEST(code_of(at->reserve(bad, 1)) == ec::invalid_stripe, y);
    BOOST_TEST(code_of(at->last(bad)) == ec::invalid_stripe, y);
    BOOST_TEST(code_of(at->set_last(bad, 1)) == ec::invalid_stripe, y);
  }
  for (const int64_t count :
       {int64_t{0}, int64_t{-1}, max_count + 1, max_integer})
    BOOST_TEST(code_of(at->reserve(all, count)) == ec::invalid_count, count);
  BOOST_TEST(at.next(all) == 1);
}

BOOST_DATA_TEST_CASE(it_goes_on_where_it_was_closed, engines, x) {
  if (!x.remembers)
    return; // held by a_store_without_memory_begins_anew
  desk at{x};
  int64_t before = 0;
  for (int64_t round = 1; round <= 5; ++round) {
    BOOST_TEST(must(at->last(odd)) == before);
    for (const int64_t count : {int64_t{1}, 10 * round, int64_t{100}}) {
      const auto runs = at.mint(odd, count);
      BOOST_TEST(runs.front().first == (before == 0 ? 1 : before + 2));
      before = last_of(runs.back());
    }
    must(at->set_last(others, 1000 * round));
    at.reopen();
    BOOST_TEST(at.next(others) == 1000 * round + 1);
  }
}

BOOST_DATA_TEST_CASE(a_store_without_memory_begins_anew, engines, x) {
  desk at{x};
  at.mint(all, 5);
  at.reopen();
  BOOST_TEST(at.next(all) == (x.remembers ? 6 : 1));
}

BOOST_DATA_TEST_CASE(its_identity_is_its_own_and_kept, engines, x) {
  desk at{x}, other{x};
  const auto mine = must(at->identity());
  BOOST_TEST(mine.size() == 32u);
  BOOST_TEST(mine == must(at->identity()));
  BOOST_TEST(mine != must(other->identity()));
  at.mint(all, 5);
  BOOST_TEST(mine == must(at->identity()));
}

BOOST_DATA_TEST_CASE(a_durable_store_keeps_its_identity, engines, x) {
  // A guard remembers integers, not who the store is.
  if (x.name.ends_with("memory"))
    return;
  desk at{x};
  const auto mine = must(at->identity());
  at.reopen();
  BOOST_TEST(mine == must(at->identity()));
}

BOOST_DATA_TEST_CASE(a_durable_store_keeps_its_owners_stripe, engines, x) {
  // A site has its own owner, and what forgets is nobody's after its process.
  const bool keeps = !x.name.ends_with("memory") && !x.name.ends_with("http");
  desk at{x};
  BOOST_TEST(!must(at->held()).has_value());
  for (const auto& record :
       {store_record{{1, 2}, 1, true}, store_record{{3, 4}, 2, false}}) {
    must(at->hold(record));
    at.reopen();
    const auto held = must(at->held());
    BOOST_TEST(held.has_value() == keeps);
    BOOST_TEST((!held || *held == record));
  }
  BOOST_TEST(at.next(all) == 1);
}

BOOST_DATA_TEST_CASE(what_it_says_of_itself_is_true, engines, x) {
  desk at{x};
  BOOST_TEST(x.name.ends_with(at->name()));
  BOOST_TEST((at->durable() != durability::forgets) == x.remembers);
}

BOOST_DATA_TEST_CASE(after_closing_nothing_is_given, engines, x) {
  temp_dir dir;
  const auto at = must(x.open(dir.path()));
  must(at->reserve(all, 1));
  must(at->close());
  BOOST_TEST(code_of(at->reserve(all, 1)) == ec::unavailable);
  BOOST_TEST(code_of(at->set_last(all, 100)) == ec::unavailable);
  BOOST_TEST(code_of(at->last(all)) == ec::unavailable);
}
