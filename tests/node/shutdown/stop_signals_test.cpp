#include "node/shutdown/stop_signals.hpp"

#include "tests/node/shutdown/child_process.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/eventfd.h>

#include <chrono>
#include <csignal>
#include <thread>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;
using woken = stop_signals::woken;

// In children: exits with the number of the check that failed.
void expect(bool holds, int number) {
  if (!holds)
    ::_exit(number);
}

} // namespace

BOOST_AUTO_TEST_CASE(both_signals_are_waited_for_and_named) {
  auto ended = run_in_child([] {
    stop_signals x;
    ::raise(SIGTERM);
    expect(x.wait() == woken::signal, 1);
    expect(x.take() == "SIGTERM", 2);
    ::raise(SIGINT);
    expect(x.wait() == woken::signal, 3);
    expect(x.take() == "SIGINT", 4);
    expect(x.take() == "no signal", 5);
  });
  BOOST_TEST(ended.status == 99);
}

BOOST_AUTO_TEST_CASE(a_signal_to_a_process_with_threads_is_not_lost) {
  auto ended = run_in_child([] {
    stop_signals x;
    int never = ::eventfd(0, 0);
    std::thread other{[never] {
      eventfd_t value = 0;
      ::eventfd_read(never, &value);
    }};
    ::kill(::getpid(), SIGTERM);
    expect(x.wait() == woken::signal, 1);
    ::eventfd_write(never, 1);
    other.join();
  });
  BOOST_TEST(ended.status == 99);
}

BOOST_AUTO_TEST_CASE(a_descriptor_and_a_deadline_wake_it_too) {
  auto ended = run_in_child([] {
    stop_signals x;
    int event = ::eventfd(0, 0);
    auto begin = clock::now();
    expect(x.wait(event, begin + 30ms) == woken::time, 1);
    expect(clock::now() - begin >= 30ms, 2);
    expect(x.wait(event, begin) == woken::time, 3);
    ::eventfd_write(event, 1);
    expect(x.wait(event) == woken::other, 4);
    ::raise(SIGINT);
    expect(x.wait(event) == woken::signal, 5);
  });
  BOOST_TEST(ended.status == 99);
}

BOOST_AUTO_TEST_CASE(the_second_signal_ends_the_process_at_once) {
  for (int second : {SIGINT, SIGTERM}) {
    auto ended = run_in_child([second] {
      stop_signals x;
      ::raise(SIGTERM);
      expect(x.wait() == woken::signal, 2);
      expect(x.take() == "SIGTERM", 3);
      x.next_ends_process();
      ::raise(second);
    });
    BOOST_TEST(ended.status == 1);
    BOOST_TEST(ended.standard_error == "stopped at once by a second signal\n");
  }
}

BOOST_AUTO_TEST_CASE(a_reader_that_goes_away_does_not_end_the_process) {
  auto ended = run_in_child([] {
    stop_signals x;
    int ends[2];
    expect(::pipe(ends) == 0, 1);
    ::close(ends[0]);
    expect(::write(ends[1], "x", 1) == -1, 2);
  });
  BOOST_TEST(ended.status == 99);
}
