#include "tests/support/client_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

bool wait(int fd, short events, time_point deadline) {
  pollfd watched{fd, events, 0};
  for (;;) {
    auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    auto ready = ::poll(&watched, 1,
                        static_cast<int>(std::max<int64_t>(left.count(), 0)));
    if (ready >= 0 || errno != EINTR)
      return ready > 0;
  }
}

} // namespace

time_point in(milliseconds bound) {
  return steady_clock::now() + bound;
}

std::optional<client_socket>
client_socket::connect(uint16_t port, time_point deadline, int receive_buffer) {
  return connect("127.0.0.1", port, deadline, receive_buffer);
}

std::optional<client_socket> client_socket::connect(const std::string& address,
                                                    uint16_t port,
                                                    time_point deadline,
                                                    int receive_buffer) {
  client_socket out{
    ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (out.fd_ < 0)
    return std::nullopt;
  int on = 1;
  ::setsockopt(out.fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (receive_buffer != 0)
    ::setsockopt(out.fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                 sizeof receive_buffer);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1)
    return std::nullopt;
  auto* to = reinterpret_cast<sockaddr*>(&where);
  if (::connect(out.fd_, to, sizeof where) == 0)
    return out;
  if (errno != EINPROGRESS || !wait(out.fd_, POLLOUT, deadline))
    return std::nullopt;
  int failed = 0;
  socklen_t size = sizeof failed;
  if (::getsockopt(out.fd_, SOL_SOCKET, SO_ERROR, &failed, &size) != 0
      || failed != 0)
    return std::nullopt;
  return out;
}

client_socket::client_socket(client_socket&& other) noexcept
  : fd_(std::exchange(other.fd_, -1)) {
  // nop
}

client_socket& client_socket::operator=(client_socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

client_socket::~client_socket() {
  if (fd_ >= 0)
    ::close(fd_);
}

bool client_socket::send(std::string_view bytes, time_point deadline) {
  while (!bytes.empty()) {
    auto sent = send_some(bytes);
    if (!sent || (*sent == 0 && !wait(fd_, POLLOUT, deadline)))
      return false;
    bytes.remove_prefix(*sent);
  }
  return true;
}

std::optional<size_t> client_socket::send_some(std::string_view bytes) {
  auto sent
    = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0)
    return static_cast<size_t>(sent);
  if (errno == EAGAIN || errno == EINTR)
    return 0;
  return std::nullopt;
}

client_socket::event client_socket::receive(std::string& to,
                                            time_point deadline) {
  std::array<char, 16'384> block;
  for (;;) {
    auto size = ::recv(fd_, block.data(), block.size(), MSG_DONTWAIT);
    if (size > 0) {
      to.append(block.data(), static_cast<size_t>(size));
      return event::bytes;
    }
    if (size == 0)
      return event::end;
    if (errno != EAGAIN && errno != EINTR)
      return event::reset;
    if (!wait(fd_, POLLIN, deadline))
      return event::nothing;
  }
}

client_socket::event client_socket::receive_all(std::string& to,
                                                time_point deadline) {
  for (;;)
    if (auto what = receive(to, deadline); what != event::bytes)
      return what;
}

void client_socket::end_output() {
  ::shutdown(fd_, SHUT_WR);
}

} // namespace intd::test
