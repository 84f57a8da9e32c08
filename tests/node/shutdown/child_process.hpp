// A part of a test that ends its process: run in a fork, with what it writes to
// standard error.
#pragma once

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>

namespace intd::test {

struct ended_child {
  /// The exit status, or -1 where a signal ended it.
  int status = -1;
  std::string standard_error;
};

/// Runs `body` in a child, which exits with 99 if `body` returns. The body may
/// not use the test framework.
inline ended_child run_in_child(const std::function<void()>& body) {
  int ends[2];
  BOOST_TEST_REQUIRE(::pipe(ends) == 0);
  auto pid = ::fork();
  BOOST_TEST_REQUIRE(pid >= 0);
  if (pid == 0) {
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    ::alarm(60); // A child that hangs is a failure, not a leftover.
    body();
    ::_exit(99);
  }
  ::close(ends[1]);
  ended_child ended;
  char block[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], block, sizeof(block))) > 0;)
    ended.standard_error.append(block, static_cast<size_t>(size));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return ended;
}

} // namespace intd::test
