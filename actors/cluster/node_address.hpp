// Where nodes reach each other, and CAF programs a node: "host:port" as the
// configuration and the command line spell it. The dialer connects to one, the
// actor port listens on one.
#pragma once

#include "engines/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace intd {

struct node_address {
  /// A name or an address, an IPv6 one without brackets.
  std::string host;
  uint16_t port = 0;

  friend bool operator==(const node_address&, const node_address&) = default;
};

/// Reads "host:port", "[::1]:port", ":port" or "port"; a host left out is
/// 127.0.0.1. Port 0 is fine only where it is listened on. Fails with
/// `invalid_dsn`, saying what was expected.
[[nodiscard]] result<node_address> parse_node_address(std::string_view text);

/// Renders an address such that it can be read again.
[[nodiscard]] std::string to_string(const node_address& x);

} // namespace intd
