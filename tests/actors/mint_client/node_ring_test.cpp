#include "actors/mint_client/node_ring.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace intd;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(a_node_that_is_down_is_not_picked) {
  node_ring x{3, 1ms, 8ms, 0};
  BOOST_TEST(!x.any_up());
  BOOST_TEST(!x.pick({}).has_value());
  x.up(1);
  x.up(2);
  BOOST_TEST(*x.pick({}) == 1u);
  x.down(1);
  BOOST_TEST(*x.pick({}) == 2u);
  x.down(2);
  BOOST_TEST(!x.any_up());
}

BOOST_AUTO_TEST_CASE(a_node_that_was_tried_is_not_picked_again) {
  node_ring x{3, 1ms, 8ms, 1};
  for (size_t i = 0; i < 3; ++i)
    x.up(i);
  BOOST_TEST(*x.pick({}) == 1u);
  BOOST_TEST(*x.pick({1}) == 2u);
  BOOST_TEST(*x.pick({1, 2}) == 0u);
  BOOST_TEST(!x.pick({2, 0, 1}).has_value());
}

BOOST_AUTO_TEST_CASE(a_node_that_serves_is_kept) {
  node_ring x{2, 1ms, 8ms, 0};
  x.up(0);
  x.up(1);
  x.leave(1);
  BOOST_TEST(*x.pick({}) == 0u);
  x.leave(0);
  BOOST_TEST(*x.pick({}) == 1u);
  x.down(0);
  x.up(0);
  BOOST_TEST(*x.pick({}) == 1u);
}

BOOST_AUTO_TEST_CASE(clients_spread_over_the_nodes) {
  std::set<size_t> first;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    node_ring x{3, 1ms, 8ms, seed};
    for (size_t i = 0; i < 3; ++i)
      x.up(i);
    first.insert(*x.pick({}));
  }
  BOOST_TEST(first.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_node_that_minted_is_dialed_soon_again) {
  node_ring x{2, 4ms, 64ms, 0};
  auto longest = 0ms;
  for (int i = 0; i < 10; ++i)
    longest = std::max(longest, x.delay(0));
  BOOST_TEST((longest >= 32ms && longest <= 64ms));
  BOOST_TEST((x.delay(1) <= 4ms));
  x.proven(0);
  BOOST_TEST((x.delay(0) <= 4ms));
}
