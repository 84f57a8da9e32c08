// The client's side of the protocols, for `intd-client`: asks a server for one
// integer at a time, and believes only what can be one.
#pragma once

#include "engines/error.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace intd {

struct server_address {
  std::string host;
  uint16_t port = 0;
  /// Of the HTTP request.
  std::string path = "/";
  /// For each connection and each answer.
  std::chrono::milliseconds timeout{0};
};

class integer_client {
public:
  integer_client() = default;
  integer_client(const integer_client&) = delete;
  integer_client& operator=(const integer_client&) = delete;
  virtual ~integer_client() = default;

  /// Asks for the next integer. Fails with `unavailable` or `timeout`, saying
  /// what to do. A request that failed is not repeated, but for one on a
  /// connection that the server had closed while it was idle.
  [[nodiscard]] virtual result<int64_t> next() = 0;
};

/// Speaks HTTP/1.1 over one connection that is kept open.
[[nodiscard]] std::unique_ptr<integer_client>
make_http_client(server_address where);

/// Speaks the original's TCP protocol: a connection for each integer.
[[nodiscard]] std::unique_ptr<integer_client>
make_tcp_client(server_address where);

/// Reads an answer: 1 to 19 digits, no leading zero, at most 2^63-1, then at
/// most one end of line.
[[nodiscard]] std::optional<int64_t> parse_answer(std::string_view text);

} // namespace intd
