#include "node/shutdown/watchdog.hpp"

#include "tests/node/shutdown/child_process.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>

#include <chrono>
#include <optional>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

// Set by a destructor or an exit handler, had one run.
struct reports_its_end {
  ~reports_its_end() {
    write_last_words("destroyed\n", 10);
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(a_stop_that_takes_too_long_ends_with_1_and_a_line) {
  auto ended = run_in_child([] {
    reports_its_end never;
    watchdog dog{20ms, "too slow"};
    ::pause();
  });
  BOOST_TEST(ended.status == 1);
  BOOST_TEST(ended.standard_error == "too slow\n");
}

BOOST_AUTO_TEST_CASE(the_grace_time_is_granted) {
  auto begin = std::chrono::steady_clock::now();
  auto ended = run_in_child([] {
    watchdog dog{200ms, "too slow"};
    ::pause();
  });
  BOOST_TEST(ended.status == 1);
  BOOST_TEST((std::chrono::steady_clock::now() - begin >= 200ms));
}

BOOST_AUTO_TEST_CASE(a_stop_in_time_calls_it_off) {
  auto ended = run_in_child([] {
    { watchdog dog{1h, "too slow"}; }
    std::optional<watchdog> dog;
    dog.emplace(1h, "too slow");
    dog.reset();
  });
  BOOST_TEST(ended.status == 99);
  BOOST_TEST(ended.standard_error == "");
}

BOOST_AUTO_TEST_CASE(a_reader_of_the_log_that_sleeps_does_not_stop_it) {
  auto ended = run_in_child([] {
    // A pipe that is full: a plain write would block for ever.
    int ends[2];
    if (::pipe(ends) != 0)
      ::_exit(3);
    ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
    char block[4096]{};
    while (::write(ends[1], block, sizeof(block)) > 0) {
    }
    ::fcntl(ends[1], F_SETFL, 0);
    ::dup2(ends[1], STDERR_FILENO);
    watchdog dog{20ms, "too slow"};
    ::pause();
  });
  BOOST_TEST(ended.status == 1);
}
