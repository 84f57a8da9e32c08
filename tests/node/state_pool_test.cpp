#include "node/state_pool.hpp"

#include "tests/support/bytes.hpp"
#include "tests/support/child.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

struct fixture {
  result<std::shared_ptr<state_directory>> open(size_t places = 100) {
    return open_free_state(dir.path(), {}, places);
  }

  temp_dir dir;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_state_pool, fixture)

BOOST_AUTO_TEST_CASE(gives_each_node_the_first_directory_that_is_free) {
  auto first = must(open());
  auto second = must(open());
  auto third = must(open());
  BOOST_TEST(first->path() == dir.path() / "1");
  BOOST_TEST(second->path() == dir.path() / "2");
  BOOST_TEST(third->path() == dir.path() / "3");
  const auto id = second->node_id();
  second.reset();
  second = must(open());
  BOOST_TEST(second->path() == dir.path() / "2");
  BOOST_TEST(second->node_id() == id);
}

BOOST_AUTO_TEST_CASE(never_gives_one_directory_to_two_processes) {
  constexpr int64_t nodes = 20;
  std::vector<std::unique_ptr<child>> children;
  for (int64_t i = 0; i < nodes; ++i)
    children.push_back(std::make_unique<child>([this](int out) {
      const auto state = open();
      tell(out, state ? std::stoll((*state)->path().filename().string()) : 0);
      pause();
    }));
  std::set<int64_t> taken;
  for (auto& x : children) {
    int64_t place = 0;
    BOOST_TEST_REQUIRE(x->read(place));
    BOOST_TEST(place >= 1);
    BOOST_TEST(place <= nodes);
    taken.insert(place);
  }
  BOOST_TEST(taken.size() == children.size());
}

BOOST_AUTO_TEST_CASE(that_is_full_refuses_and_says_so) {
  const auto first = must(open(2));
  const auto second = must(open(2));
  const auto third = open(2);
  BOOST_TEST(code_of(third) == ec::in_use);
  BOOST_TEST(says(third,
                  "all 2 state directories below " + dir.path().string()
                    + " are in use"));
}

BOOST_AUTO_TEST_CASE(does_not_pass_over_a_directory_that_is_damaged) {
  must(open()).reset();
  write_bytes(dir.path() / "1" / "node", "damaged");
  const auto opened = open();
  BOOST_TEST(code_of(opened) == ec::corrupt);
  BOOST_TEST(says(opened, (dir.path() / "1").string()));
}

BOOST_AUTO_TEST_SUITE_END()
