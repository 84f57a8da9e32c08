// The real `int`: what it mints.
#include "engines/ledger_file.hpp"
#include "engines/registry.hpp"
#include "tests/cli/programs.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;

BOOST_FIXTURE_TEST_SUITE(int_, programs)

BOOST_AUTO_TEST_CASE(mints_one_and_goes_on_in_the_next_run) {
  BOOST_TEST(mint() == "1\n");
  BOOST_TEST(mint() == "2\n");
  BOOST_TEST(mint({"-count", "3"}) == "3\n4\n5\n");
  BOOST_TEST(mint({"--count=1"}) == "6\n");
}

BOOST_AUTO_TEST_CASE(mints_from_memory_without_a_gap_or_a_repetition) {
  BOOST_TEST(mint({"-engine", "memory", "-count", "2"}) == "1\n2\n");
  BOOST_TEST(mint({"-engine", "memory"}) == "3\n");
}

BOOST_AUTO_TEST_CASE(keeps_sequences_apart) {
  BOOST_TEST(mint({"-key", "orders", "-count", "2"}) == "1\n2\n");
  BOOST_TEST(mint() == "1\n");
  BOOST_TEST(mint({"-key", "orders"}) == "3\n");
}

BOOST_AUTO_TEST_CASE(keeps_to_its_stripe) {
  std::vector<std::string> even{"-set-offset", "2",      "-set-increment",
                                "2",           "-count", "2"};
  BOOST_TEST(mint(even) == "2\n4\n");
  BOOST_TEST(mint(even) == "6\n8\n");
  BOOST_TEST(mint({"-set-offset", "1", "-set-increment", "2"}) == "9\n");
  BOOST_TEST(mint() == "10\n");
}

BOOST_AUTO_TEST_CASE(takes_a_database_anywhere) {
  auto dsn = "sqlite://" + (home.path() / "other" / "a.db").string();
  BOOST_TEST(mint({"-dsn", dsn}) == "1\n");
  BOOST_TEST(mint({"-engine", "sqlite", "-dsn", dsn}) == "2\n");
  // No state of a node comes into being beside it.
  BOOST_TEST(!std::filesystem::exists(state()));
}

BOOST_AUTO_TEST_CASE(guards_where_a_state_directory_is_given) {
  auto other = (home.path() / "mine").string();
  BOOST_TEST(mint({"-state-dir", other}) == "1\n");
  BOOST_TEST(std::filesystem::exists(other + "/main.ceilings"));
  BOOST_TEST(mint() == "1\n");
  BOOST_TEST(!std::filesystem::exists(state() / "main.ceilings"));
  BOOST_TEST(mint({"-state-dir", other}) == "2\n");
}

BOOST_AUTO_TEST_CASE(raises_the_last_integer_and_mints_above) {
  BOOST_TEST(mint({"-set-last-int", "100"}) == "101\n");
  BOOST_TEST(mint({"-set-last-int", "101"}) == "102\n");
  BOOST_TEST(mint({"-set-last-int", "0"}) == "103\n");
}

BOOST_AUTO_TEST_CASE(does_not_lower_the_last_integer) {
  BOOST_TEST(mint({"-set-last-int", "100"}) == "101\n");
  auto x = run("int", {"-set-last-int", "50"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  BOOST_TEST(has(x.err, "int: too_small: "), x.err);
  BOOST_TEST(mint() == "102\n");
}

BOOST_AUTO_TEST_CASE(ends_at_the_greatest_integer) {
  auto x = run("int", {"-set-last-int", "9223372036854775805", "-count", "3"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "9223372036854775806\n9223372036854775807\n");
  BOOST_TEST(has(x.err, "int: exhausted: "), x.err);
  x = run("int");
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
}

BOOST_AUTO_TEST_CASE(mints_a_million_in_order) {
  auto text = mint({"-count", "1000001"});
  std::istringstream lines{text};
  int64_t expected = 0;
  bool fine = true;
  for (int64_t value = 0; lines >> value;)
    fine = fine && value == ++expected;
  BOOST_TEST(fine);
  BOOST_TEST(expected == 1'000'001);
  BOOST_TEST(mint() == "1000002\n");
}

namespace {

// The state of a node that does not run.
struct state_of_a_node : programs {
  state_of_a_node() : mine{recorded.holdings.emplace_back()} {
    mine.engine = "main";
    mine.stripe = {2, 2};
    mine.epoch = 2;
    mine.claimed_s = 1;
  }

  void record() const {
    BOOST_TEST_REQUIRE(
      write_ledger(*must(state_directory::open(node, {})), recorded)
        .has_value());
  }

  [[nodiscard]] std::vector<std::string>
  with(std::vector<std::string> flags) const {
    flags.insert(flags.end(), {"-state-dir", node.string()});
    return flags;
  }

  std::filesystem::path node = home.path() / "node";
  ledger recorded;
  holding& mine;
};

} // namespace

// What is configured for a node is one thing, what it gave away another.
BOOST_FIXTURE_TEST_CASE(keeps_to_the_stripe_of_the_node_whose_state_it_uses,
                        state_of_a_node) {
  record();
  BOOST_TEST(mint(with({})) == "2\n");
  auto x = run("int", with({"-set-offset", "1", "-set-increment", "1"}));
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "which has 2 mod 2"), x.err);
  BOOST_TEST(mint(with({"-set-offset", "4", "-set-increment", "4"})) == "4\n");
  mine.left = true;
  record();
  x = run("int", with({}));
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "handed its stripe over"), x.err);
}

BOOST_FIXTURE_TEST_CASE(goes_on_above_what_others_gave_of_a_nodes_stripe,
                        state_of_a_node) {
  mine.floors = {{"orders", 100, 100}};
  mine.above = 1'000;
  record();
  BOOST_TEST(mint(with({"-key", "orders"})) == "1002\n");
  BOOST_TEST(mint(with({"-key", "users"})) == "1002\n");
  mine.above = 0;
  mine.floors.push_back({"shops", 200, 200});
  record();
  BOOST_TEST(mint(with({"-key", "shops"})) == "202\n");
}

BOOST_AUTO_TEST_CASE(keeps_to_the_stripe_on_a_stores_record) {
  const auto path = (home.path() / "a.db").string();
  const auto dsn = "sqlite://" + path;
  const auto hold = [&dsn](const store_record& x) {
    const auto store = must(make_engine("sqlite", dsn, {}));
    must(store->hold(x));
    must(store->close());
  };
  hold({{1, 2}, 1, false});
  BOOST_TEST(mint({"-dsn", dsn, "-count", "2"}) == "1\n3\n");
  auto x = run("int", {"-dsn", dsn, "-set-offset", "2", "-set-increment", "2"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  BOOST_TEST(has(x.err, "2 mod 2 is not within 1 mod 2"), x.err);
  // Half of it may go to another node while this is minted.
  hold({{1, 2}, 1, true});
  x = run("int", {"-dsn", dsn});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  BOOST_TEST(has(x.err, "intd-client"), x.err);
}

// A backup of the state, or none, beside a store that knows of a split.
BOOST_AUTO_TEST_CASE(believes_its_store_where_the_nodes_state_is_older) {
  const auto node = home.path() / "node";
  const auto hold = [&node](const store_record& x) {
    const auto at = "sqlite://" + (node / "integers.db").string();
    const auto store = must(make_engine("sqlite", at, {}));
    must(store->hold(x));
    must(store->close());
  };
  const std::vector<std::string> flags{"-state-dir", node.string()};
  hold({{1, 2}, 2, true});
  BOOST_TEST(mint(flags) == "1\n");
  auto wider = flags;
  wider.insert(wider.end(), {"-set-increment", "1"});
  auto x = run("int", wider);
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "1 mod 1 is not within 1 mod 2"), x.err);
  ledger recorded;
  auto& mine = recorded.holdings.emplace_back();
  mine.engine = "main";
  mine.stripe = {1, 2};
  mine.epoch = 2;
  mine.claimed_s = 1;
  must(write_ledger(*must(state_directory::open(node, {})), recorded));
  BOOST_TEST(mint(flags) == "3\n");
  hold({{1, 4}, 3, true});
  x = run("int", flags);
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  BOOST_TEST(has(x.err, "restored from a backup"), x.err);
}

BOOST_AUTO_TEST_CASE(may_run_many_times_at_once) {
  for (bool guarded : {false, true}) {
    std::vector<std::unique_ptr<process>> all;
    std::vector<std::string> flags{"-count", "10"};
    if (guarded)
      flags.insert(flags.end(), {"-engine", "memory"});
    for (int i = 0; i < 20; ++i)
      all.push_back(std::make_unique<process>(make("int", flags)));
    std::multiset<std::string> seen;
    for (auto& child : all) {
      auto x = finish(*child);
      BOOST_TEST(x.status == 0, x.err);
      std::istringstream lines{x.out};
      for (std::string line; std::getline(lines, line);)
        seen.insert(line);
    }
    BOOST_TEST(seen.size() == 200);
    BOOST_TEST((std::set<std::string>{seen.begin(), seen.end()}.size() == 200));
  }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_its_flags) {
  struct misuse {
    std::vector<std::string> flags;
    std::string expected;
  };
  for (const auto& x : std::vector<misuse>{
         {{"-cuont", "1"}, "there is no flag -cuont; did you mean -count?"},
         {{"-count", "0"}, "-count: '0' is not an integer from 1 to"},
         {{"-count", "99999999999999999999"}, "is not an integer from 1 to"},
         {{"-count"}, "-count needs a value"},
         {{"7"}, "not expected: 7"},
         {{"-key", "a b"}, "-key: found 'a b', expected a letter"},
         {{"-state-dir=~/x"}, "-state-dir: found '~/x', expected a path"},
         {{"-set-offset", "2"}, "-set-offset is 2, above -set-increment"},
         {{"-set-last-int", "-1"}, "-set-last-int: '-1' is not an integer"},
         {{"-count", "2", "-continuous"}, "exclude each other"}}) {
    auto ended = run("int", x.flags);
    BOOST_TEST(ended.status == 2);
    BOOST_TEST(ended.out == "");
    BOOST_TEST(has(ended.err, x.expected), ended.err);
    BOOST_TEST(has(ended.err, "Try 'int -help'."), ended.err);
  }
  BOOST_TEST(!std::filesystem::exists(state()));
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_its_store) {
  auto x = run("int", {"-engine", "abacus"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "int: unknown_engine: "), x.err);
  x = run("int", {"-dsn", "redis://localhost"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "int: invalid_dsn: "), x.err);
  x = run("int", {"-dsn", "/dev/null/x.db"});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "int: unavailable: "), x.err);
  BOOST_TEST(x.out == "");
}

BOOST_AUTO_TEST_CASE(helps) {
  for (const auto* flag : {"-h", "-help", "--help"}) {
    auto x = run("int", {flag});
    BOOST_TEST(x.status == 0);
    BOOST_TEST(x.err == "");
    for (const auto* part :
         {"-set-last-int N", "-continuous", "(default: sqlite)", "Examples:"})
      BOOST_TEST(has(x.out, part), x.out);
  }
  auto x = run("int", {"-version"});
  BOOST_TEST(x.status == 0);
  BOOST_TEST(x.out == "int " INTD_VERSION "\n");
}

BOOST_AUTO_TEST_SUITE_END()
