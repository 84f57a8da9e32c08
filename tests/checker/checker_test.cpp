#include "tests/checker/checker.hpp"

#include "tests/checker/good_history.hpp"
#include "tests/checker/mutations.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace intd::checker;

namespace {

constexpr uint64_t seeds = 10;

} // namespace

BOOST_AUTO_TEST_SUITE(checker_test)

BOOST_AUTO_TEST_CASE(a_good_history_is_valid) {
  for (uint64_t seed = 1; seed <= seeds; ++seed)
    BOOST_TEST_CONTEXT("seed " << seed) {
      auto found = check(good_history(seed));
      BOOST_TEST((found.verdict == verdict::valid), to_string(found));
      BOOST_TEST(found.answered > 1'000u);
      BOOST_TEST(found.longest_gap.contains("kill"));
    }
}

BOOST_AUTO_TEST_CASE(every_mutation_is_found_by_its_invariant) {
  for (auto& m : mutations())
    for (uint64_t seed = 1; seed <= seeds; ++seed)
      BOOST_TEST_CONTEXT(m.name << ", seed " << seed) {
        std::mt19937_64 random{seed};
        auto x = good_history(seed);
        m.apply(x, random);
        auto found = check(x);
        BOOST_TEST((found.verdict != verdict::valid));
        BOOST_TEST(found.found.contains(m.found_by), to_string(found));
      }
}

BOOST_AUTO_TEST_CASE(every_invariant_has_a_mutation_that_it_finds) {
  std::set<std::string> found;
  for (auto& m : mutations())
    found.insert(m.found_by);
  for (auto& i : invariants())
    BOOST_TEST(found.contains(std::string{i.name}), i.name);
}

BOOST_AUTO_TEST_CASE(zero_answers_are_unknown_and_not_valid) {
  BOOST_TEST((check(history{}).verdict == verdict::unknown));
  auto x = good_history(1);
  x.promised = {};
  for (auto& c : x.calls)
    c.result = outcome::failed, c.values.clear();
  BOOST_TEST((check(x).verdict == verdict::unknown));
}

BOOST_AUTO_TEST_CASE(too_few_answers_are_unknown_and_not_valid) {
  auto x = good_history(1);
  x.promised.minimum.push_back({"node", "n1", 1'000'000});
  BOOST_TEST((check(x).verdict == verdict::unknown));
}

BOOST_AUTO_TEST_CASE(a_violation_names_the_offending_records) {
  auto x = good_history(1);
  std::mt19937_64 random{1};
  mutations().front().apply(x, random);
  auto found = check(x);
  auto& twins = found.found.at("unique");
  BOOST_REQUIRE(!twins.empty());
  BOOST_TEST(twins.front().records.size() == 2u);
  auto text = to_string(found);
  BOOST_TEST(text.find("history invalid") == 0u);
  for (auto& record : twins.front().records)
    BOOST_TEST(text.find(record) != text.npos);
}

BOOST_AUTO_TEST_CASE(the_longest_gap_of_a_fault_is_reported) {
  history x;
  x.boots.push_back({"n1", "n1-0", "memory", {{1, 1, 0}}, 1, 0});
  for (int64_t at : {100, 250, 900}) {
    call c;
    c.client = "c";
    c.number = c.operation = at;
    c.key = "k";
    c.node = "n1";
    c.begin = at - 1;
    c.end = at;
    c.result = outcome::ok;
    c.values = {std::to_string(at)};
    x.calls.push_back(c);
  }
  x.faults.push_back({"freeze", "n1", 200, 800, true, "stopped"});
  BOOST_TEST(check(x).longest_gap.at("freeze") == 550);
}

BOOST_AUTO_TEST_CASE(a_fall_of_a_bound_is_fine_while_nothing_is_minted) {
  auto x = good_history(1);
  auto last = x.calls.back().end + 1'000'000'000;
  progression stripe{1, 2, 0};
  for (int64_t value : {1'000'000, 5})
    x.bounds.push_back(
      {"n1", "store", "integers", stripe, value, last + 1, false});
  BOOST_TEST(!check(x).found.contains("bound_never_falls"));
}

BOOST_AUTO_TEST_SUITE_END()
