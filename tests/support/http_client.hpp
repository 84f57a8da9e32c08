// An HTTP/1.1 client for tests, on one kept connection. It is strict where a
// forgiving one would hide a fault: an answer is a complete one, with a length,
// or none.
#pragma once

#include "tests/support/client_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace intd::test {

struct http_answer {
  int status = 0;
  /// By name in lower case.
  std::map<std::string, std::string> fields;
  std::string body;

  /// Returns a field's value, empty where it is absent.
  [[nodiscard]] std::string field(const std::string& name) const;
};

/// Takes one whole answer off the front of `bytes`; nothing where it is not
/// complete. Throws `std::runtime_error` at what is no answer. `head`: the
/// answer to a HEAD request, which has no body.
[[nodiscard]] std::optional<http_answer> take_answer(std::string& bytes,
                                                     bool head = false);

/// Renders a request as `GET /ping` or `HEAD /` for 127.0.0.1.
[[nodiscard]] std::string http_request(std::string_view line);

class http_client {
public:
  explicit http_client(client_socket socket) : socket_(std::move(socket)) {
    // nop
  }

  /// Connects; nothing where that fails.
  [[nodiscard]] static std::optional<http_client> connect(uint16_t port,
                                                          time_point deadline);

  /// The same, to an IPv4 address.
  [[nodiscard]] static std::optional<http_client>
  connect(const std::string& address, uint16_t port, time_point deadline);

  /// Sends `GET path` and returns the answer; nothing where none came.
  [[nodiscard]] std::optional<http_answer> get(std::string_view path,
                                               time_point deadline);

  /// Returns the next answer; nothing where it does not come, is broken, or
  /// is cut off.
  [[nodiscard]] std::optional<http_answer> answer(time_point deadline,
                                                  bool head = false);

  /// Whether bytes came that were no whole answer.
  [[nodiscard]] const std::string& rest() const {
    return received_;
  }

  [[nodiscard]] client_socket& socket() {
    return socket_;
  }

private:
  client_socket socket_;
  std::string received_;
};

} // namespace intd::test
