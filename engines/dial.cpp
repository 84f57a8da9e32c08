#include "engines/dial.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace intd {

namespace {

using std::chrono::steady_clock;

struct list_closer {
  void operator()(addrinfo* list) const {
    freeaddrinfo(list);
  }
};

using address_list = std::unique_ptr<addrinfo, list_closer>;

/// What a lookup found: 0 and addresses, or the code of getaddrinfo.
struct looked_up {
  int code = 0;
  std::vector<address> found;
};

std::string message_of(int error_number) {
  return std::generic_category().message(error_number);
}

std::vector<address> addresses_of(const addrinfo* list) {
  std::vector<address> all;
  for (const auto* x = list; x != nullptr; x = x->ai_next) {
    address found;
    std::memcpy(&found.at, x->ai_addr, x->ai_addrlen);
    found.size = x->ai_addrlen;
    all.push_back(found);
  }
  return all;
}

looked_up look_up(const std::string& host, uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV | flags;
  addrinfo* list = nullptr;
  const int code
    = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (code != 0)
    return {code, {}};
  return {0, addresses_of(address_list{list}.get())};
}

// getaddrinfo has no deadline. So it has a thread of its own, which is left
// behind where a name server does not answer, and owns all that it touches.
// (The C library's getaddrinfo_a does so too, but on a thread that the thread
// sanitizer never hears of, and crashes on.)
result<std::future<looked_up>> begin_look_up(std::string host, uint16_t port) {
  std::packaged_task<looked_up()> task{[host = std::move(host), port] {
    return look_up(host, port, AI_ADDRCONFIG);
  }};
  auto answer = task.get_future();
  try {
    std::thread{std::move(task)}.detach();
  } catch (const std::system_error& x) {
    return fail(ec::unavailable,
                std::string{"no thread to look its name up: "} + x.what());
  }
  return answer;
}

result<file_descriptor> first_connected(std::vector<file_descriptor> trying,
                                        deadline until, std::string why) {
  while (!trying.empty()) {
    std::vector<pollfd> polled;
    polled.reserve(trying.size());
    for (const auto& fd : trying)
      polled.push_back({fd.get(), POLLOUT, 0});
    const auto left = milliseconds_until(until);
    if (poll(polled.data(), polled.size(), left) < 0 && errno != EINTR)
      return fail(ec::unavailable, message_of(errno));
    for (size_t i = polled.size(); i-- > 0;) {
      if (polled[i].revents == 0)
        continue;
      const int failure = connect_failure(trying[i]);
      if (failure == 0)
        return std::move(trying[i]);
      why = message_of(failure);
      trying.erase(trying.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (left == 0 && !trying.empty())
      return fail(ec::timeout, "no answer to a connect");
  }
  return fail(ec::unavailable, std::move(why));
}

} // namespace

int milliseconds_until(deadline until) {
  const auto left
    = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, 3'600'000));
}

std::string host_and_port(const std::string& host, uint16_t port) {
  const auto number = ":" + std::to_string(port);
  if (host.find(':') != std::string::npos)
    return "[" + host + "]" + number;
  return host + number;
}

result<std::vector<address>> resolve(const std::string& host, uint16_t port,
                                     deadline until) {
  if (auto at_once = look_up(host, port, AI_NUMERICHOST); at_once.code == 0)
    return std::move(at_once.found);
  auto asked = begin_look_up(host, port);
  if (!asked)
    return tl::unexpected{asked.error()};
  if (asked->wait_until(until) != std::future_status::ready)
    return fail(ec::timeout, "its name is not resolved in time");
  auto answer = asked->get();
  if (answer.code != 0)
    return fail(ec::unavailable,
                std::string{"its name cannot be resolved: "}
                  + gai_strerror(answer.code));
  return std::move(answer.found);
}

result<file_descriptor> begin_connect(const address& to) {
  file_descriptor fd{
    socket(to.at.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0)
    return fail(ec::unavailable, message_of(errno));
  // Commands are one small write each, and wait for the answer.
  const int on = 1;
  setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&to.at), to.size) != 0
      && errno != EINPROGRESS)
    return fail(ec::unavailable, message_of(errno));
  return fd;
}

int connect_failure(const file_descriptor& fd) {
  int failure = 0;
  socklen_t size = sizeof failure;
  if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0)
    return errno;
  return failure;
}

result<file_descriptor> dial(const std::string& host, uint16_t port,
                             deadline until) {
  const auto found = resolve(host, port, until);
  if (!found)
    return tl::unexpected{found.error()};
  std::vector<file_descriptor> trying;
  std::string why = "it has no address";
  for (const auto& to : *found) {
    auto begun = begin_connect(to);
    if (begun)
      trying.push_back(std::move(*begun));
    else
      why = begun.error().context;
  }
  return first_connected(std::move(trying), until, std::move(why));
}

result<bool> wait_for(int fd, short events, deadline until) {
  while (true) {
    pollfd polled{fd, events, 0};
    const auto left = milliseconds_until(until);
    const int ready = poll(&polled, 1, left);
    if (ready > 0)
      return true;
    if (ready < 0 && errno != EINTR)
      return fail(ec::unavailable, message_of(errno));
    if (left == 0)
      return false;
  }
}

result<bool> wait_for(int fd, short events, deadline until, lookout& out) {
  const auto is_ready = [fd, events] {
    pollfd polled{fd, events, 0};
    return poll(&polled, 1, 0) > 0;
  };
  if (out.sees(is_ready))
    return true;
  auto ready = wait_for(fd, events, until);
  out.came();
  return ready;
}

} // namespace intd
