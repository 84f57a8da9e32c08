#include "node/first_openings.hpp"

#include <boost/test/unit_test.hpp>

#include <poll.h>

using namespace intd;

namespace {

bool readable(int fd) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, 0) == 1;
}

} // namespace

BOOST_AUTO_TEST_CASE(it_is_readable_once_every_engine_has_reported) {
  first_openings x{2};
  BOOST_TEST(!readable(x.fd()));
  x.report(1, {});
  BOOST_TEST(!readable(x.fd()));
  BOOST_TEST(!x.of(0).has_value());
  x.report(0, {ec::corrupt, "broken"});
  BOOST_TEST(readable(x.fd()));
  BOOST_TEST((x.of(0) == error{ec::corrupt, "broken"}));
  BOOST_TEST((x.of(1) == error{}));
}

BOOST_AUTO_TEST_CASE(only_the_first_attempt_of_an_engine_counts) {
  first_openings x{2};
  x.report(0, {ec::unavailable, "down"});
  x.report(0, {});
  BOOST_TEST(!readable(x.fd()));
  BOOST_TEST((x.of(0) == error{ec::unavailable, "down"}));
}
