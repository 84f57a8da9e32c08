#include "cli/interruption.hpp"

#include <csignal>

namespace intd {

namespace {

volatile std::sig_atomic_t signalled = 0;

} // namespace

void catch_interruption() {
  struct sigaction action {};
  action.sa_handler = [](int) {
    signalled = 1;
  };
  // No SA_RESTART: a write that blocks is to end.
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() {
  return signalled != 0;
}

} // namespace intd
