// The real `int`: where its integers go, and when they cannot.
#include "tests/cli/programs.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <csignal>
#include <sstream>
#include <string>

using namespace intd::test;
using namespace std::chrono_literals;

namespace {

// The last line; the text must end with a whole one.
int64_t last_of(const std::string& text) {
  BOOST_TEST_REQUIRE(!text.empty());
  BOOST_TEST_REQUIRE(text.back() == '\n');
  auto begin = text.rfind('\n', text.size() - 2);
  return std::stoll(text.substr(begin == text.npos ? 0 : begin + 1));
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(int_output, programs)

BOOST_AUTO_TEST_CASE(ends_quietly_when_a_reader_of_endless_ones_is_done) {
  for (const auto* engine : {"sqlite", "memory"}) {
    auto x = shell("$int -continuous -key " + std::string{engine} + " -engine "
                   + engine + " | head -n 3; echo ${PIPESTATUS[0]}");
    BOOST_TEST(x.out == "1\n2\n3\n0\n");
    BOOST_TEST(x.err == "");
  }
}

BOOST_AUTO_TEST_CASE(tells_when_a_reader_of_a_count_is_gone) {
  auto x = shell("$int -count 1000000 | head -n 1; echo ${PIPESTATUS[0]}");
  BOOST_TEST(x.out == "1\n1\n");
  BOOST_TEST(has(x.err, "cannot write to standard output: Broken pipe; "),
             x.err);
  // What was reserved is skipped, and not given again.
  BOOST_TEST(std::stoll(mint()) > 1);
}

BOOST_AUTO_TEST_CASE(tells_when_the_disk_is_full) {
  auto x = shell("$int -count 5 > /dev/full");
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "No space left on device; 0 of 5 integers"), x.err);
  x = shell("$int -continuous > /dev/full");
  BOOST_TEST(x.status == 1);
}

BOOST_AUTO_TEST_CASE(tells_when_the_output_is_closed_and_harms_no_file) {
  for (const auto* engine : {"sqlite", "memory"}) {
    auto flags = std::string{" -engine "} + engine + " -key " + engine;
    for (int i = 0; i < 3; ++i) {
      BOOST_TEST(shell("$int" + flags + " >&-").status == 1);
      BOOST_TEST(shell("$int" + flags + " <&- >&- 2>&-").status == 1);
    }
    BOOST_TEST(shell("$int" + flags + " <&-").out == "7\n");
  }
}

BOOST_AUTO_TEST_CASE(is_seen_at_once_by_a_reader_of_endless_ones) {
  // The reader ends the pipe only when it has a line: a buffer would hang.
  auto x = shell("$int -continuous | { read -r line; echo got $line; }");
  BOOST_TEST(x.out == "got 1\n");
}

BOOST_AUTO_TEST_CASE(ends_with_a_whole_line_by_a_signal) {
  for (int signal : {SIGINT, SIGTERM}) {
    process child{make("int", {"-continuous"})};
    while (child.standard_output().size() < 100'000)
      BOOST_TEST_REQUIRE(!child.wait(1ms).has_value());
    child.signal(signal);
    auto x = finish(child);
    BOOST_TEST(x.status == 0);
    BOOST_TEST(x.err == "");
    BOOST_TEST(std::stoll(mint()) > last_of(x.out));
  }
}

BOOST_AUTO_TEST_CASE(tells_when_a_signal_ends_a_count) {
  process child{make("int", {"-count", "4000000000"})};
  while (child.standard_output().size() < 100'000)
    BOOST_TEST_REQUIRE(!child.wait(1ms).has_value());
  child.signal(SIGINT);
  auto x = finish(child);
  BOOST_TEST(x.status == 1);
  BOOST_TEST(has(x.err, "int: interrupted: "), x.err);
  BOOST_TEST(std::stoll(mint()) > last_of(x.out));
}

BOOST_AUTO_TEST_CASE(to_a_reader_that_sleeps_ends_by_a_signal) {
  // The pipe is full, the write blocks, the signal comes.
  auto x = shell("$int -continuous > >(read -r line; sleep 60) & writer=$!\n"
                 "until grep -q 'State:.S' /proc/$writer/status; do :; done\n"
                 "kill -INT $writer; kill -INT $writer\n"
                 "wait $writer; echo done");
  BOOST_TEST(x.out == "done\n");
}

BOOST_AUTO_TEST_CASE(shows_progress_only_on_a_terminal) {
  // script(1) runs a command on a terminal of its own, and shows it.
  auto on_terminal = [this](const std::string& line) {
    return shell("script -qec '" + line + "' /dev/null </dev/null").out;
  };
  auto text = on_terminal(program("int") + " -count 2000000 > /dev/null");
  BOOST_TEST(has(text, "of 2000000"), text);
  BOOST_TEST(text.ends_with("\r\x1b[K"), text);
  BOOST_TEST(on_terminal(program("int") + " -count 10 > /dev/null") == "");
  auto both = on_terminal(program("int") + " -count 100000 -key b");
  BOOST_TEST(!has(both, "of 100000"));
  BOOST_TEST(shell("$int -count 200000 > /dev/null").err == "");
}

BOOST_AUTO_TEST_SUITE_END()
