#include "actors/batch.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace intd;

namespace {

constexpr size_t plenty = 1'000;

// Cuts all of `given` and returns who is complete.
std::map<size_t, std::vector<run>> cut_all(batch& x, run given) {
  std::map<size_t, std::vector<run>> result;
  while (auto served = x.cut(given))
    BOOST_TEST(result.emplace(served->ticket, served->runs).second);
  BOOST_TEST(given.count == 0);
  return result;
}

void add(batch& x, const std::string& key, int64_t count) {
  BOOST_REQUIRE(x.add(key, count));
}

using runs = std::vector<run>;

} // namespace

BOOST_AUTO_TEST_CASE(requests_of_one_key_are_one_demand_for_the_sum) {
  batch x{plenty};
  add(x, "a", 3);
  add(x, "a", 1);
  add(x, "a", 40);
  auto want = x.next();
  BOOST_REQUIRE(want);
  BOOST_TEST(want->key == "a");
  BOOST_TEST(want->count == 44);
}

BOOST_AUTO_TEST_CASE(integers_are_cut_in_the_order_of_arrival) {
  batch x{plenty};
  add(x, "a", 2);
  add(x, "a", 1);
  add(x, "a", 3);
  BOOST_REQUIRE(x.next());
  auto served = cut_all(x, {10, 5, 6});
  BOOST_TEST(served.size() == 3u);
  BOOST_TEST((served[0] == runs{{10, 5, 2}}));
  BOOST_TEST((served[1] == runs{{20, 5, 1}}));
  BOOST_TEST((served[2] == runs{{25, 5, 3}}));
  BOOST_TEST(!x.next());
  BOOST_TEST(x.empty());
}

BOOST_AUTO_TEST_CASE(each_key_is_demanded_apart) {
  batch x{plenty};
  add(x, "b", 1);
  add(x, "a", 2);
  add(x, "b", 4);
  std::map<std::string, int64_t> demands;
  while (auto want = x.next()) {
    demands[want->key] = want->count;
    auto served = cut_all(x, {1, 1, want->count});
    if (want->key == "a")
      BOOST_TEST((served == std::map<size_t, runs>{{1, {{1, 1, 2}}}}));
    else
      BOOST_TEST(
        (served == std::map<size_t, runs>{{0, {{1, 1, 1}}}, {2, {{2, 1, 4}}}}));
  }
  BOOST_TEST((demands == std::map<std::string, int64_t>{{"a", 2}, {"b", 5}}));
}

BOOST_AUTO_TEST_CASE(what_a_short_run_leaves_is_demanded_again) {
  batch x{plenty};
  add(x, "a", 2);
  add(x, "a", 5);
  BOOST_TEST(x.next()->count == 7);
  auto served = cut_all(x, {1, 1, 4});
  BOOST_TEST((served == std::map<size_t, runs>{{0, {{1, 1, 2}}}}));
  BOOST_TEST(x.next()->count == 3);
  served = cut_all(x, {101, 1, 3});
  BOOST_TEST((served == std::map<size_t, runs>{{1, {{3, 1, 2}, {101, 1, 3}}}}));
  BOOST_TEST(!x.next());
}

BOOST_AUTO_TEST_CASE(short_runs_that_follow_one_another_are_one_run) {
  batch x{plenty};
  add(x, "a", 4);
  BOOST_REQUIRE(x.next());
  BOOST_TEST(cut_all(x, {7, 10, 1}).empty());
  BOOST_TEST(cut_all(x, {17, 10, 2}).empty());
  BOOST_TEST(
    (cut_all(x, {37, 10, 1}) == std::map<size_t, runs>{{0, {{7, 10, 4}}}}));
}

BOOST_AUTO_TEST_CASE(a_refused_key_leaves_the_other_keys) {
  batch x{plenty};
  add(x, "b", 1);
  add(x, "a", 1);
  add(x, "a", 9);
  BOOST_TEST(x.next()->key == "a");
  BOOST_TEST(cut_all(x, {1, 1, 3}).size() == 1u);
  BOOST_TEST((x.refuse_key() == std::vector<size_t>{2}));
  auto want = x.next();
  BOOST_REQUIRE(want);
  BOOST_TEST(want->key == "b");
  BOOST_TEST(want->count == 1);
  BOOST_TEST((x.refuse_key() == std::vector<size_t>{0}));
  BOOST_TEST(!x.next());
}

BOOST_AUTO_TEST_CASE(all_that_wait_can_be_refused_at_once) {
  batch x{plenty};
  add(x, "b", 1);
  add(x, "a", 1);
  add(x, "c", 1);
  BOOST_REQUIRE(x.next());
  BOOST_TEST(cut_all(x, {1, 1, 1}).size() == 1u);
  auto tickets = x.refuse_all();
  std::sort(tickets.begin(), tickets.end());
  BOOST_TEST((tickets == std::vector<size_t>{0, 2}));
  BOOST_TEST(x.empty());
  BOOST_TEST(!x.next());
  BOOST_TEST(x.refuse_all().empty());
}

BOOST_AUTO_TEST_CASE(a_full_batch_takes_no_more_until_it_is_empty) {
  batch x{2};
  add(x, "a", 1);
  add(x, "b", 1);
  BOOST_TEST(!x.add("a", 1));
  while (x.next())
    static_cast<void>(x.refuse_key());
  add(x, "c", 5);
  auto want = x.next();
  BOOST_REQUIRE(want);
  BOOST_TEST(want->key == "c");
  BOOST_TEST(want->count == 5);
  BOOST_TEST(
    (cut_all(x, {1, 1, 5}) == std::map<size_t, runs>{{0, {{1, 1, 5}}}}));
}

BOOST_AUTO_TEST_CASE(an_empty_batch_demands_nothing) {
  batch x{plenty};
  BOOST_TEST(x.empty());
  BOOST_TEST(!x.next());
}

// Whatever is asked, and however short the runs are: every integer goes to
// exactly one request, and every request gets its count.
BOOST_AUTO_TEST_CASE(no_integer_is_cut_twice_from_any_seed) {
  for (uint32_t seed = 0; seed < 500; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      std::mt19937 random{seed};
      auto up_to = [&random](int64_t n) {
        return 1 + static_cast<int64_t>(random()) % n;
      };
      batch x{plenty};
      std::vector<std::pair<std::string, int64_t>> asked;
      for (auto n = up_to(40); n > 0; --n) {
        asked.emplace_back(std::string(1, "abc"[random() % 3]), up_to(20));
        add(x, asked.back().first, asked.back().second);
      }
      std::map<std::string, int64_t> marks;
      std::map<std::string, std::set<int64_t>> given;
      std::set<size_t> done;
      const stripe mine{3, 7};
      while (auto want = x.next()) {
        auto r = take(mine, marks[want->key], up_to(want->count));
        BOOST_REQUIRE(r);
        marks[want->key] = last_of(*r);
        for (auto& [ticket, parts] : cut_all(x, *r)) {
          BOOST_TEST(done.insert(ticket).second);
          BOOST_TEST(asked[ticket].first == want->key);
          int64_t count = 0;
          for (auto& part : parts)
            for (; part.count > 0; ++count) {
              auto one = cut_front(part, 1).first;
              BOOST_TEST(contains(mine, one));
              BOOST_TEST(given[want->key].insert(one).second);
            }
          BOOST_TEST(count == asked[ticket].second);
        }
      }
      BOOST_TEST(done.size() == asked.size());
    }
  }
}
