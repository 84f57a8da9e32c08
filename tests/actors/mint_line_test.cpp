// Who waits while a reservation is under way: nobody is forgotten, answered
// twice, or given another's integers.
#include "actors/mint_line.hpp"

#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

using namespace std::chrono_literals;

struct outcome {
  size_t answers = 0;
  std::vector<run> runs;
  ec code = ec::none;
};

struct recorder {
  outcome* into;

  void deliver(const reserved& given) {
    ++into->answers;
    into->runs = given.runs;
  }

  void deliver(const caf::error& reason) {
    ++into->answers;
    into->code = from_caf(reason).code;
  }
};

struct fixture {
  using line = mint_line<recorder>;

  void add(int who, int64_t count, std::chrono::milliseconds until = 1h) {
    x.add(count, {&told[who]}, line::time_point{until});
  }

  void check_given(int who, const std::vector<run>& runs) {
    BOOST_TEST(told[who].answers == 1u);
    BOOST_TEST((told[who].runs == runs), who);
  }

  void check_refused(int who, ec code) {
    BOOST_TEST(told[who].answers == 1u);
    BOOST_TEST(told[who].code == code);
  }

  std::map<int, outcome> told;
  line x;
};

constexpr int64_t most = 1'000;
const error late{ec::timeout, "late"};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_line, fixture)

BOOST_AUTO_TEST_CASE(asks_for_nothing_where_nobody_waits) {
  BOOST_TEST(x.ask(most) == 0);
  BOOST_TEST(!x.under_way());
}

BOOST_AUTO_TEST_CASE(has_one_reservation_under_way) {
  add(1, 2);
  BOOST_TEST(x.ask(most) == 2);
  add(2, 3);
  add(3, 4);
  BOOST_TEST(x.ask(most) == 0);
  x.give({{10, 1, 2}});
  check_given(1, {{10, 1, 2}});
  BOOST_TEST(x.size() == 2u);
  BOOST_TEST(x.ask(most) == 7);
  x.give({{20, 1, 7}});
  check_given(2, {{20, 1, 3}});
  check_given(3, {{23, 1, 4}});
  BOOST_TEST(x.size() == 0u);
  BOOST_TEST(x.ask(most) == 0);
}

BOOST_AUTO_TEST_CASE(asks_again_for_what_a_short_answer_lacks) {
  add(1, 2);
  add(2, 2);
  BOOST_TEST(x.ask(3) == 3);
  x.give({{10, 5, 3}});
  check_given(1, {{10, 5, 2}});
  BOOST_TEST(told[2].answers == 0u);
  BOOST_TEST(x.ask(most) == 1);
  x.give({{40, 1, 1}});
  check_given(2, {{20, 5, 1}, {40, 1, 1}});
}

BOOST_AUTO_TEST_CASE(keeps_those_whose_reservation_is_made_elsewhere) {
  add(1, 2);
  BOOST_TEST(x.ask(most) == 2);
  add(2, 5);
  x.fail_over();
  BOOST_TEST(x.ask(most) == 2);
  x.give({{10, 1, 2}});
  check_given(1, {{10, 1, 2}});
  BOOST_TEST(told[2].answers == 0u);
}

BOOST_AUTO_TEST_CASE(refuses_only_those_a_reservation_was_for) {
  add(1, 1);
  BOOST_TEST(x.ask(most) == 1);
  add(2, 1);
  x.refuse({ec::overloaded, ""});
  check_refused(1, ec::overloaded);
  BOOST_TEST(told[2].answers == 0u);
  BOOST_TEST(x.ask(most) == 1);
  x.refuse_all({ec::draining, ""});
  check_refused(2, ec::draining);
  BOOST_TEST(x.size() == 0u);
}

BOOST_AUTO_TEST_CASE(gives_nobody_what_comes_too_late) {
  add(1, 1, 1ms);
  add(2, 1, 5ms);
  BOOST_TEST(x.ask(most) == 2);
  add(3, 1, 6ms);
  x.expire(line::time_point{4ms}, late);
  check_refused(1, ec::timeout);
  BOOST_TEST(told[2].answers == 0u);
  BOOST_TEST(x.size() == 2u);
  x.give({{10, 1, 2}});
  check_refused(1, ec::timeout);
  check_given(2, {{11, 1, 1}});
  x.expire(line::time_point{6ms}, late);
  check_refused(3, ec::timeout);
  BOOST_TEST(x.size() == 0u);
}

BOOST_AUTO_TEST_CASE(forgets_a_batch_that_nobody_waits_for) {
  add(1, 7, 1ms);
  BOOST_TEST(x.ask(most) == 7);
  x.expire(line::time_point{1ms}, late);
  add(2, 3);
  // Its reservation is still under way.
  BOOST_TEST(x.ask(most) == 0);
  x.fail_over();
  BOOST_TEST(x.ask(most) == 3);
  x.give({{10, 1, 3}});
  check_given(2, {{10, 1, 3}});
}

BOOST_AUTO_TEST_SUITE_END()
