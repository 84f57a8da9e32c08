#include "actors/tcp/client.hpp"

#include "tests/support/fake_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>

using namespace intd;
using namespace std::chrono_literals;

namespace {

struct fixture : test::desk_fixture {
  fixture() : desk_fixture(tcp::clients()) {
    // nop
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_connection_is_one_integer_and_a_newline, fixture) {
  BOOST_REQUIRE(desk.mints.size() == 1u);
  desk.answer(42);
  BOOST_TEST(heard() == "42\n");
  BOOST_TEST(ends.first.ended());
  ends.first.hang_up();
  run();
  BOOST_TEST(desk.gone == 1);
}

BOOST_FIXTURE_TEST_CASE(a_half_closed_client_gets_its_integer, fixture) {
  ends.first.end_sending();
  run();
  desk.answer(43);
  BOOST_TEST(heard() == "43\n");
  BOOST_TEST(desk.gone == 1);
}

BOOST_FIXTURE_TEST_CASE(in_trouble_the_stream_ends_without_a_byte, fixture) {
  auto [from, request] = desk.mints.front();
  from->refused(request, {ec::unavailable, ""});
  from->settle();
  BOOST_TEST(heard().empty());
  BOOST_TEST(ends.first.ended());
}

BOOST_FIXTURE_TEST_CASE(what_a_client_says_mints_nothing_more, fixture) {
  say("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  BOOST_TEST(desk.mints.size() == 1u);
  desk.answer(44);
  BOOST_TEST(heard() == "44\n");
}

BOOST_FIXTURE_TEST_CASE(a_client_that_stays_after_its_integer_is_closed,
                        fixture) {
  desk.answer(45);
  who->sweep(std::chrono::steady_clock::time_point{1h});
  BOOST_TEST(desk.gone == 0);
  who->sweep(std::chrono::steady_clock::time_point{1h} + linger_max + 1ms);
  BOOST_TEST(desk.gone == 1);
}

BOOST_FIXTURE_TEST_CASE(a_waiting_client_has_no_timeout_of_its_own, fixture) {
  who->sweep(std::chrono::steady_clock::time_point{1h});
  who->sweep(std::chrono::steady_clock::time_point{2h});
  BOOST_TEST(desk.gone == 0);
  desk.answer(46);
  BOOST_TEST(heard() == "46\n");
}
