// Clusters of 64 nodes in one process, under joins, deaths, restarts and cut
// links drawn from a seed. A seed that fails is printed.
#include "tests/actors/cluster/simulated_cluster.hpp"

#include <spdlog/spdlog.h>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

namespace {

#ifdef INTD_SANITIZED
constexpr uint32_t seeds = 1; // One thread in slow motion.
constexpr size_t nodes_max = 16;
#else
constexpr uint32_t seeds = 3;
constexpr size_t nodes_max = 64;
#endif
constexpr int steps = 300;

struct tally {
  size_t minted = 0;
  size_t refused = 0;
  size_t deaths = 0;
  size_t cuts = 0;
};

class world : public simulated_cluster {
public:
  explicit world(uint32_t seed, tally& totals)
    : random_(seed), totals_(totals) {
    add("n0", {});
    BOOST_TEST(start("n0").has_value());
  }

  void run() {
    for (int step = 0; step < steps; ++step)
      one_step();
    heal();
    for (size_t i = 0; i < names_.size(); ++i)
      BOOST_TEST_REQUIRE(pass_until([this, i] {
        return mints_itself(names_[i]);
      }));
    for (const auto& name : names_)
      BOOST_TEST(mint(name) == 1U, name);
  }

  // The messages that one mint takes, at rest.
  size_t messages_of_a_mint() {
    settle();
    auto answer = ask<reserved>(at(names_.back()).router, reserve_atom_v,
                                std::string{"integers"}, int64_t{1});
    size_t messages = 0;
    while (sched.try_run_once())
      ++messages;
    BOOST_TEST(answer->value.has_value());
    return messages;
  }

  void grow(size_t count) {
    while (names_.size() < count) {
      join();
      BOOST_TEST_REQUIRE(pass_until([this] {
        return mints_itself(names_.back());
      }));
    }
  }

private:
  size_t up_to(size_t n) {
    return std::uniform_int_distribution<size_t>{0, n - 1}(random_);
  }

  const std::string& any() {
    return names_[up_to(names_.size())];
  }

  void join() {
    const auto name = "n" + std::to_string(names_.size());
    add(name, {any()});
    names_.push_back(name);
    BOOST_TEST(start(name).has_value());
  }

  void one_step() {
    if (names_.size() < nodes_max && up_to(3) == 0)
      join();
    for (size_t i = 0; i < 10; ++i)
      if (const auto& name = any(); at(name).runs()) {
        const auto came = mint(name, 1 + static_cast<int64_t>(up_to(5)));
        ++(came > 0 ? totals_.minted : totals_.refused);
      }
    const auto& name = any();
    switch (up_to(8)) {
      case 0:
        totals_.deaths += at(name).runs() ? 1U : 0U;
        crash(name);
        break;
      case 1:
      case 2:
        if (!at(name).runs())
          BOOST_TEST(start(name).has_value());
        break;
      case 3:
        cut(name, any());
        ++totals_.cuts;
        break;
      case 4:
        mend();
        break;
      default:
        break;
    }
    pass(milliseconds{static_cast<int64_t>(1 + up_to(200))});
  }

  void mend() {
    for (const auto& from : names_)
      for (const auto& to : names_)
        cut(from, to, false);
  }

  void heal() {
    mend();
    for (const auto& name : names_)
      if (!at(name).runs())
        BOOST_TEST(start(name).has_value());
  }

  std::mt19937 random_;
  tally& totals_;
  std::vector<std::string> names_{"n0"};
};

struct quiet {
  quiet() {
    spdlog::set_level(spdlog::level::off);
  }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(quiet);

BOOST_AUTO_TEST_CASE(no_integer_is_given_twice) {
  tally totals;
  for (uint32_t seed = 1; seed <= seeds; ++seed)
    BOOST_TEST_CONTEXT("seed " << seed) {
      world{seed, totals}.run();
    }
  BOOST_TEST_MESSAGE(totals.minted << " minted, " << totals.refused
                                   << " refused, " << totals.deaths
                                   << " deaths, " << totals.cuts << " cuts");
  BOOST_TEST(totals.minted > 1'000U);
  BOOST_TEST(totals.deaths > 5U);
  BOOST_TEST(totals.cuts > 5U);
}

BOOST_AUTO_TEST_CASE(a_mint_takes_as_many_messages_in_a_large_cluster) {
  tally totals;
  world small{1, totals};
  small.grow(1);
  world large{1, totals};
  large.grow(16);
  BOOST_TEST(large.messages_of_a_mint() == small.messages_of_a_mint());
}
