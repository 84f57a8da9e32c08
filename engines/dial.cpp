#include "engines/dial.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <system_error>
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

/// A lookup that runs on a thread of the C library. What it writes to lives as
/// long as it does.
struct lookup {
  std::string host;
  std::string port;
  addrinfo hints{};
  gaicb request{};
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

std::unique_ptr<lookup> make_lookup(const std::string& host, uint16_t port) {
  auto made = std::make_unique<lookup>();
  made->host = host;
  made->port = std::to_string(port);
  made->hints.ai_socktype = SOCK_STREAM;
  made->hints.ai_flags = AI_NUMERICSERV | AI_ADDRCONFIG;
  made->request.ar_name = made->host.c_str();
  made->request.ar_service = made->port.c_str();
  made->request.ar_request = &made->hints;
  return made;
}

// Answers the code of getaddrinfo, or EAI_INPROGRESS at the deadline.
int wait_for_lookup(lookup& x, deadline until) {
  gaicb* requests[] = {&x.request};
  if (const int code = getaddrinfo_a(GAI_NOWAIT, requests, 1, nullptr);
      code != 0)
    return code;
  while (gai_error(&x.request) == EAI_INPROGRESS) {
    const auto left = milliseconds_until(until);
    if (left == 0)
      return EAI_INPROGRESS;
    const timespec time{left / 1000, long{left % 1000} * 1'000'000};
    gai_suspend(requests, 1, &time);
  }
  return gai_error(&x.request);
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
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found)
      == 0)
    return addresses_of(address_list{found}.get());
  auto asked = make_lookup(host, port);
  const int code = wait_for_lookup(*asked, until);
  if (code == EAI_INPROGRESS) {
    // Its thread may still write to it, so then it is left behind.
    if (gai_cancel(&asked->request) != EAI_CANCELED)
      (void)asked.release();
    return fail(ec::timeout, "its name is not resolved in time");
  }
  if (code != 0)
    return fail(ec::unavailable,
                std::string{"its name cannot be resolved: "}
                  + gai_strerror(code));
  return addresses_of(address_list{asked->request.ar_result}.get());
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

result<bool> wait_for(const file_descriptor& fd, short events, deadline until) {
  while (true) {
    pollfd polled{fd.get(), events, 0};
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

} // namespace intd
