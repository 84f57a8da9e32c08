#include "cli/integer_writer.hpp"

#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string>

using namespace intd;

namespace {

bool never() {
  return false;
}

struct file {
  ~file() {
    ::close(fd);
  }

  [[nodiscard]] std::string contents() const {
    std::string out;
    std::array<char, 4096> block{};
    for (ssize_t size = 0; (size = ::pread(fd, block.data(), block.size(),
                                           static_cast<off_t>(out.size())))
         > 0;)
      out.append(block.data(), static_cast<size_t>(size));
    return out;
  }

  int fd = ::memfd_create("out", 0);
};

} // namespace

BOOST_AUTO_TEST_CASE(integers_are_lines) {
  file to;
  integer_writer out{to.fd, never};
  BOOST_TEST(out.put(1));
  BOOST_TEST(out.put(max_integer));
  BOOST_TEST(out.put(run{10, 5, 3}));
  BOOST_TEST(to.contents() == "");
  BOOST_TEST(out.flush());
  BOOST_TEST(to.contents() == "1\n9223372036854775807\n10\n15\n20\n");
  BOOST_TEST(out.written() == 5);
}

BOOST_AUTO_TEST_CASE(the_greatest_run_does_not_overflow) {
  file to;
  integer_writer out{to.fd, never};
  BOOST_TEST(out.put(run{max_integer - 1, 1, 2}));
  BOOST_TEST(out.put(run{max_integer, max_integer, 1}));
  BOOST_TEST(out.flush());
  BOOST_TEST(to.contents()
             == "9223372036854775806\n9223372036854775807\n"
                "9223372036854775807\n");
}

BOOST_AUTO_TEST_CASE(a_full_buffer_is_written_in_order) {
  file to;
  integer_writer out{to.fd, never};
  BOOST_TEST(out.put(run{max_integer - 100'000, 1, 100'000}));
  BOOST_TEST(out.flush());
  std::string expected;
  for (int64_t i = 0; i < 100'000; ++i)
    expected += std::to_string(max_integer - 100'000 + i) + "\n";
  BOOST_TEST((to.contents() == expected));
  BOOST_TEST(out.written() == 100'000);
}

BOOST_AUTO_TEST_CASE(a_failure_is_kept_and_ends_it) {
  int full = ::open("/dev/full", O_WRONLY);
  integer_writer out{full, never};
  BOOST_TEST(out.put(1));
  BOOST_TEST(!out.flush());
  BOOST_TEST(out.failure() == ENOSPC);
  BOOST_TEST(out.written() == 0);
  BOOST_TEST(!out.put(2));
  BOOST_TEST(!out.flush());
  ::close(full);
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_gone_is_a_failure) {
  std::signal(SIGPIPE, SIG_IGN);
  std::array<int, 2> ends{};
  BOOST_TEST_REQUIRE(::pipe(ends.data()) == 0);
  ::close(ends[0]);
  integer_writer out{ends[1], never};
  BOOST_TEST(!out.put(run{1, 1, 100'000}));
  BOOST_TEST(out.failure() == EPIPE);
  ::close(ends[1]);
}

BOOST_AUTO_TEST_CASE(a_stop_in_a_partial_write_ends_with_a_whole_line) {
  // Non-blocking in one direction only: the pipe takes less than the buffer
  // holds, and what is left of the line must still go out.
  std::array<int, 2> ends{};
  BOOST_TEST_REQUIRE(::pipe(ends.data()) == 0);
  const int capacity = ::fcntl(ends[1], F_SETPIPE_SZ, 4096);
  BOOST_TEST_REQUIRE(capacity == 4096);
  std::string got;
  auto read_some = [&] {
    std::array<char, 4096> block{};
    auto size = ::read(ends[0], block.data(), block.size());
    got.append(block.data(), static_cast<size_t>(std::max<ssize_t>(size, 0)));
  };
  int asked = 0;
  // Asked after each write: makes room, and says stop from then on.
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  integer_writer out{ends[1], [&] {
                       ++asked;
                       read_some();
                       return true;
                     }};
  BOOST_TEST(!out.put(run{1'000'000, 1, 10'000}));
  ::close(ends[1]);
  read_some();
  BOOST_TEST(asked > 0);
  BOOST_TEST(out.failure() == 0);
  BOOST_TEST(got.size() % 8 == 0);
  BOOST_TEST(got.back() == '\n');
  BOOST_TEST(out.written() == static_cast<int64_t>(got.size() / 8));
  ::close(ends[0]);
}
