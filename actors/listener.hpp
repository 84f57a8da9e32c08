// Where clients come in: listens on one endpoint and hands each accepted socket
// to its front end.
#pragma once

#include "actors/connection.hpp"
#include "actors/event_loop.hpp"
#include "engines/error.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace intd {

/// A listening endpoint. A host with several addresses (localhost: 127.0.0.1
/// and ::1) is listened to on all of them. A copy is the same endpoint.
class listener {
public:
  using accept_handler = std::function<void(stream_socket)>;

  /// Listens on `host` (a name or an address) and `port` (0: a free one).
  /// Fails with `in_use` or `unavailable`, naming host and port.
  [[nodiscard]] static result<listener>
  listen(event_loop& loop, const std::string& host, uint16_t port);

  /// Makes one without an endpoint, which only `inject` feeds: for tests.
  explicit listener(boost::asio::io_context& io);

  /// The port that is listened on.
  [[nodiscard]] uint16_t port() const;

  /// Accepts until `stop`. Call on the loop's thread. Out of descriptors or
  /// memory, it waits a moment instead of trying without end.
  void start(accept_handler handler);

  /// Passes on what the kernel accepted already, then closes the endpoint.
  void stop();

  /// Hands over a socket as if it had been accepted.
  void inject(stream_socket socket);

private:
  class impl;

  std::shared_ptr<impl> impl_;
};

} // namespace intd
