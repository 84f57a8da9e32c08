// A client's end of a socket pair, whose other end a connection owns: the
// kernel's sockets without ports, threads or waiting.
#pragma once

#include "actors/connection.hpp"

#include <boost/asio/io_context.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace intd::test {

class peer {
public:
  /// Makes a pair; `socket` becomes the server's end.
  static std::pair<peer, stream_socket> connect(boost::asio::io_context& io) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
      throw std::runtime_error("socketpair failed");
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    stream_socket socket{io};
    socket.assign(boost::asio::generic::stream_protocol(AF_UNIX, 0), ends[1]);
    return {peer{ends[0]}, std::move(socket)};
  }

  peer(peer&& x) noexcept : fd_(std::exchange(x.fd_, -1)) {
    // nop
  }

  peer& operator=(peer&&) = delete;

  ~peer() {
    hang_up();
  }

  /// Sends what the kernel takes and returns how much that was.
  size_t send(std::string_view bytes) const {
    auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    return n < 0 ? 0 : static_cast<size_t>(n);
  }

  /// Takes all that has arrived.
  std::string receive() {
    std::string all;
    char part[65536];
    ssize_t n = 0;
    while ((n = ::recv(fd_, part, sizeof part, 0)) > 0)
      all.append(part, static_cast<size_t>(n));
    ended_ = ended_ || n == 0 || (n < 0 && errno == ECONNRESET);
    return all;
  }

  /// Whether the other side ended the stream; looks when called.
  bool ended() {
    receive();
    return ended_;
  }

  void end_sending() const {
    shutdown(fd_, SHUT_WR);
  }

  void hang_up() {
    if (fd_ >= 0)
      ::close(std::exchange(fd_, -1));
  }

private:
  explicit peer(int fd) : fd_(fd) {
    // nop
  }

  int fd_;
  bool ended_ = false;
};

} // namespace intd::test
