#include "actors/survey.hpp"

#include <boost/test/unit_test.hpp>

using namespace intd;

namespace {

const error small{ec::too_small, "it is 9"};
const error dead{ec::unavailable, "gone"};

} // namespace

BOOST_AUTO_TEST_CASE(the_greatest_of_all_stripes_is_told) {
  survey x{3};
  BOOST_TEST(!x.answered(4));
  BOOST_TEST(!x.answered(9));
  BOOST_TEST(x.answered(2));
  BOOST_TEST(x.greatest().value() == 9);
}

BOOST_AUTO_TEST_CASE(stripes_that_do_not_tell_are_left_out) {
  survey x{2};
  BOOST_TEST(!x.failed(dead));
  BOOST_TEST(x.answered(4));
  BOOST_TEST(x.greatest().value() == 4);
}

BOOST_AUTO_TEST_CASE(where_nobody_tells_the_reason_is_told) {
  survey x{2};
  BOOST_TEST(!x.failed(dead));
  BOOST_TEST(x.failed(dead));
  BOOST_TEST((x.greatest().error() == dead));
}

BOOST_AUTO_TEST_CASE(a_raise_is_too_small_only_where_nothing_was_raised) {
  survey all{2};
  BOOST_TEST(!all.failed(small));
  BOOST_TEST(all.failed(small));
  BOOST_TEST((all.raised().error() == small));
  survey some{2};
  BOOST_TEST(!some.failed(small));
  BOOST_TEST(some.answered(0));
  BOOST_TEST(some.raised().has_value());
}

BOOST_AUTO_TEST_CASE(a_raise_fails_where_one_stripe_does) {
  survey x{3};
  BOOST_TEST(!x.answered(0));
  BOOST_TEST(!x.failed(dead));
  BOOST_TEST(x.failed(small));
  BOOST_TEST((x.raised().error() == dead));
}
