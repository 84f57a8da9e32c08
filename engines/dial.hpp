// TCP connections that cannot hang: names are looked up and addresses are tried
// until a deadline, whatever the network does. The engines that speak to their
// store over a socket of their own (redis, summitdb) begin here.
#pragma once

#include "engines/error.hpp"
#include "engines/file.hpp"
#include "engines/lookout.hpp"

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace intd {

/// When a call must have ended.
using deadline = std::chrono::steady_clock::time_point;

/// Where a socket can connect to.
struct address {
  sockaddr_storage at{};
  socklen_t size = 0;
};

/// Finds the addresses of a host (a name, or an address as text). Fails with
/// `timeout`, or `unavailable` where there is none.
[[nodiscard]] result<std::vector<address>>
resolve(const std::string& host, uint16_t port, deadline until);

/// Begins to connect without waiting for it: the socket becomes writable when
/// that is done, and `connect_failure` tells how it went.
[[nodiscard]] result<file_descriptor> begin_connect(const address& to);

/// Returns the errno of a socket whose connect ended, 0 where it is connected.
[[nodiscard]] int connect_failure(const file_descriptor& fd);

/// Connects to whichever address of a host answers first. The socket does not
/// block. Fails with `timeout` or `unavailable`.
[[nodiscard]] result<file_descriptor> dial(const std::string& host,
                                           uint16_t port, deadline until);

/// Waits until a socket can do `events` of poll(2), or has failed. Answers
/// false where the deadline came first.
[[nodiscard]] result<bool> wait_for(int fd, short events, deadline until);

/// The same, for an answer that may come soon: looks out for it before the
/// thread sleeps.
[[nodiscard]] result<bool> wait_for(int fd, short events, deadline until,
                                    lookout& out);

/// The time left, in whole milliseconds for poll(2), rounded up; 0 when over.
[[nodiscard]] int milliseconds_until(deadline until);

/// Renders host and port, e.g. "db:6379", "[::1]:6379".
[[nodiscard]] std::string host_and_port(const std::string& host, uint16_t port);

} // namespace intd
