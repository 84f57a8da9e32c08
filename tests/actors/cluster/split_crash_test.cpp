// A split, with either side dying at each of its writes, before the bytes are
// on the disk and after.
#include "tests/actors/cluster/simulated_cluster.hpp"

#include <spdlog/spdlog.h>

#include <boost/test/unit_test.hpp>

using namespace intd;
using namespace intd::test;
using std::chrono::milliseconds;

namespace {

// More than a split takes of either side.
constexpr size_t writes_max = 12;

struct death {
  std::string who;
  size_t at_write = 0;
  bool after_it = false;
};

class scene : public simulated_cluster {
public:
  scene() {
    spdlog::set_level(spdlog::level::off);
    add("a", {});
    add("b", {"a"});
    BOOST_TEST(start("a").has_value());
    await("a");
    mint_at("a", 20);
    BOOST_TEST(mint("a", 5, "orders") == 5U);
  }

  /// Returns whether it came to that.
  bool play(const death& x) {
    at(x.who).dies_at_write = x.at_write;
    at(x.who).dies_after_it = x.after_it;
    // Its first write comes while it starts.
    const bool died = !start("b")
      || pass_until(
        [this, &x] {
          return !at(x.who).runs();
        },
        milliseconds{3'000});
    at(x.who).dies_at_write.reset();
    at(x.who).dying = false;
    if (died) {
      const auto* other = x.who == "a" ? "b" : "a";
      if (mints_itself(other))
        mint_at(other, 5);
      BOOST_TEST(start(x.who).has_value());
    }
    await("a");
    await("b");
    return died;
  }

  void check() {
    mint_at("a", 20);
    mint_at("b", 20);
    BOOST_TEST(mint("b", 5, "orders") == 5U);
    BOOST_TEST(mint("a", 5, "orders") == 5U);
    // However often it was asked for: one half.
    BOOST_TEST((held_by("a").stripe == stripe{1, 2}));
    BOOST_TEST((held_by("b").stripe == stripe{2, 2}));
    BOOST_TEST(at("a").disk->written.gifts.size() == 1U);
  }

private:
  void await(const std::string& who) {
    BOOST_TEST_REQUIRE(pass_until([this, &who] {
      return mints_itself(who);
    }));
  }

  void mint_at(const std::string& who, int times) {
    for (int i = 0; i < times; ++i)
      BOOST_TEST(mint(who) == 1U);
  }
};

// Returns how many of the deaths came to pass.
size_t die_at_each_write(const std::string& who) {
  size_t deaths = 0;
  for (size_t write = 0; write < writes_max; ++write)
    for (const bool after : {false, true})
      BOOST_TEST_CONTEXT(who << " dies at write " << write
                             << (after ? ", after it" : ", before it")) {
        scene x;
        deaths += x.play({who, write, after}) ? 1U : 0U;
        x.check();
      }
  return deaths;
}

} // namespace

BOOST_AUTO_TEST_CASE(its_owner_may_die_at_any_step) {
  BOOST_TEST(die_at_each_write("a") >= 4U);
}

BOOST_AUTO_TEST_CASE(the_one_that_joins_may_die_at_any_step) {
  BOOST_TEST(die_at_each_write("b") >= 2U);
}
