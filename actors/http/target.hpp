// The parts of a request target (RFC 3986): escapes undone, a query cut into
// its parameters. v1.hpp reads requests with them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intd::http {

/// Replaces each %XX by its byte (section 2.1). Nothing where a % is not
/// followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> unescape(std::string_view text);

struct parameter {
  std::string name;
  std::string value;

  friend bool operator==(const parameter&, const parameter&) = default;
};

/// Cuts a query, without its question mark, at each & and at the first = of
/// what is in between, then undoes escapes. Without a = the value is empty;
/// nothing between two & is passed over. Nothing where an escape is broken.
[[nodiscard]] std::optional<std::vector<parameter>>
split_query(std::string_view query);

} // namespace intd::http
