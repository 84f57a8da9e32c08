// A server that does as little as a test wants: it listens, and whoever comes
// is taken or left waiting. With a backlog of 0 that nobody is taken from, it
// is a place that packets vanish at, once the first client is in.
#pragma once

#include "engines/file.hpp"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>

namespace intd::test {

/// A socket of 127.0.0.1 that listens.
class listening_socket {
public:
  explicit listening_socket(int backlog)
    : fd_{socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    BOOST_REQUIRE(bind(fd_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0);
    BOOST_REQUIRE(listen(fd_.get(), backlog) == 0);
    getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
  }

  /// Waits for a client, at most a second.
  [[nodiscard]] file_descriptor next() const {
    const timeval second{1, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    return file_descriptor{accept(fd_.get(), nullptr, nullptr)};
  }

  uint16_t port = 0;

private:
  file_descriptor fd_;
};

} // namespace intd::test
