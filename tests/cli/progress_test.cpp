#include "cli/progress.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace std::chrono_literals;

namespace {

struct fixture {
  progress::sink sink() {
    return [this](std::string_view text) {
      drawn.emplace_back(text);
    };
  }

  std::vector<std::string> drawn;
  progress::clock::time_point now{1h};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_bar, fixture)

BOOST_AUTO_TEST_CASE(shows_how_far_it_is) {
  BOOST_TEST(draw_bar(0, 10)
             == "[                                        ]   0 %  0 of 10");
  BOOST_TEST(draw_bar(5, 10)
             == "[####################                    ]  50 %  5 of 10");
  BOOST_TEST(draw_bar(10, 10)
             == "[########################################] 100 %  10 of 10");
  BOOST_TEST(draw_bar(INT64_MAX, INT64_MAX).starts_with("[#####"));
}

BOOST_AUTO_TEST_CASE(is_drawn_ten_times_a_second_at_most) {
  progress bar{10'000, sink()};
  for (int i = 0; i < 1'000; ++i)
    bar.advance(1, now + i * 1ms);
  BOOST_TEST(drawn.size() == 10);
  BOOST_TEST(drawn[1] == "\r\x1b[K" + draw_bar(101, 10'000));
}

BOOST_AUTO_TEST_CASE(is_wiped_away_if_it_was_drawn) {
  progress bar{10, sink()};
  bar.clear();
  BOOST_TEST(drawn.empty());
  bar.advance(1, now);
  bar.clear();
  bar.clear();
  BOOST_TEST(drawn.size() == 2);
  BOOST_TEST(drawn[1] == "\r\x1b[K");
}

BOOST_AUTO_TEST_CASE(without_a_sink_is_silent) {
  progress bar{10, {}};
  bar.advance(1, now);
  bar.clear();
  BOOST_TEST(drawn.empty());
}

BOOST_AUTO_TEST_CASE(is_not_for_small_counts) {
  BOOST_TEST(!wants_progress(10));
}

BOOST_AUTO_TEST_SUITE_END()
