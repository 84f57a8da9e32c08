#include "actors/messages.hpp"

#include "tests/support/message_config.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

using namespace intd;

BOOST_AUTO_TEST_CASE(an_error_survives_the_way_between_actors) {
  for (int code = 1; code <= static_cast<int>(ec::draining); ++code) {
    error sent{static_cast<ec>(code), "what happened"};
    BOOST_TEST((from_caf(to_caf(sent)) == sent));
  }
  error bare{ec::exhausted, ""};
  BOOST_TEST((from_caf(to_caf(bare)) == bare));
}

BOOST_AUTO_TEST_CASE(errors_of_caf_become_errors_of_ours) {
  auto code_of = [](const caf::error& x) {
    return from_caf(x).code;
  };
  BOOST_TEST((code_of(caf::sec::request_timeout) == ec::timeout));
  BOOST_TEST((code_of(caf::sec::request_receiver_down) == ec::unavailable));
  BOOST_TEST((code_of(caf::exit_reason::kill) == ec::unavailable));
  // How an actor ends that was not in trouble: CAF keeps no code for it.
  BOOST_TEST((code_of(caf::error{}) == ec::unavailable));
}

BOOST_AUTO_TEST_CASE(our_errors_are_rendered_for_logs) {
  test::message_config cfg;
  caf::actor_system system{cfg};
  auto text = system.render(to_caf({ec::too_small, "5 is below 7"}));
  BOOST_TEST(text == "too_small: 5 is below 7");
}
