#include "actors/answer_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <vector>

using intd::answer_queue;

BOOST_AUTO_TEST_CASE(answers_in_any_order_leave_in_the_order_of_requests) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::minstd_rand random{static_cast<uint32_t>(seed + 1)};
    answer_queue queue;
    std::vector<uint64_t> open;
    std::string wanted;
    for (int i = 0; i < 20; ++i) {
      open.push_back(queue.open());
      wanted += std::to_string(open.back()) + ";";
    }
    std::shuffle(open.begin(), open.end(), random);
    std::string out;
    for (auto number : open) {
      queue.answer(number, out, [number](std::string& to) {
        to += std::to_string(number) + ";";
      });
      BOOST_TEST_REQUIRE(wanted.starts_with(out), "seed " << seed);
    }
    BOOST_TEST_REQUIRE(out == wanted, "seed " << seed);
    BOOST_TEST(queue.waiting() == 0u);
  }
}

BOOST_AUTO_TEST_CASE(what_is_early_still_waits) {
  answer_queue queue;
  std::string out;
  queue.open();
  auto second = queue.open();
  queue.answer(second, out, [](std::string& to) {
    to += "b";
  });
  BOOST_TEST(out.empty());
  BOOST_TEST(queue.waiting() == 2u);
  BOOST_TEST(queue.opened() == 2u);
}
