// A part of a test in a process of its own, to be killed or to die: what dies
// with a process dies for certain, and nothing else.
#pragma once

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdint>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

namespace intd::test {

/// A forked process. It ends by `_exit` when its body returns, so destructors
/// of what the body leaves behind in the heap never run. The body must not use
/// the test framework.
class child {
public:
  explicit child(const std::function<void(int out)>& body) {
    int ends[2];
    BOOST_REQUIRE(pipe(ends) == 0);
    pid_ = fork();
    BOOST_REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      close(ends[0]);
      body(ends[1]);
      _exit(0);
    }
    close(ends[1]);
    in_ = ends[0];
  }

  child(const child&) = delete;
  child& operator=(const child&) = delete;

  ~child() {
    kill();
    wait();
    close(in_);
  }

  /// Reads the next integer it wrote; false at its end.
  bool read(int64_t& value) {
    return ::read(in_, &value, sizeof value) == sizeof value;
  }

  void kill() const {
    if (pid_ > 0)
      ::kill(pid_, SIGKILL);
  }

  /// Waits for its end and answers its wait status.
  int wait() {
    if (pid_ > 0)
      waitpid(pid_, &status_, 0);
    pid_ = -1;
    return status_;
  }

private:
  pid_t pid_ = -1;
  int in_ = -1;
  int status_ = 0;
};

/// Writes an integer to the parent.
inline void tell(int out, int64_t value) {
  if (::write(out, &value, sizeof value) != sizeof value)
    _exit(3);
}

} // namespace intd::test
