#include "node/shutdown/stop_signals.hpp"

#include "node/flags.hpp"
#include "node/shutdown/watchdog.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <limits>
#include <string_view>

namespace intd {

namespace {

sigset_t both() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  ::sigaddset(&set, SIGINT);
  return set;
}

int milliseconds_until(
  std::optional<std::chrono::steady_clock::time_point> deadline) {
  using namespace std::chrono;
  if (!deadline)
    return -1;
  auto left = ceil<milliseconds>(*deadline - steady_clock::now()).count();
  constexpr int64_t most = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp<int64_t>(left, 0, most));
}

} // namespace

stop_signals::stop_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  auto set = both();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  fd_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

stop_signals::~stop_signals() {
  ::close(fd_);
}

stop_signals::woken stop_signals::wait(
  int other, std::optional<std::chrono::steady_clock::time_point> deadline) {
  for (;;) {
    std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {other, POLLIN, 0}}};
    auto ready = ::poll(fds.data(), fds.size(), milliseconds_until(deadline));
    if (ready > 0 && fds[0].revents != 0)
      return woken::signal;
    if (ready > 0)
      return woken::other;
    if (ready == 0)
      return woken::time;
  }
}

std::string stop_signals::take() const {
  signalfd_siginfo info{};
  if (::read(fd_, &info, sizeof(info)) != sizeof(info))
    return "no signal";
  return info.ssi_signo == SIGINT ? "SIGINT" : "SIGTERM";
}

void stop_signals::next_ends_process() {
  auto handler = [](int) {
    constexpr std::string_view text = "stopped at once by a second signal\n";
    write_last_words(text.data(), text.size());
    ::_exit(exit_failed);
  };
  std::signal(SIGTERM, handler);
  std::signal(SIGINT, handler);
  auto set = both();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace intd
