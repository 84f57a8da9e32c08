// Errors as values: every function of engines/ that can fail answers a
// result<T>. Codes cross the wire between nodes, so the list is append only;
// the context says what went wrong here and what to do about it.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace intd {

/// Why a call failed. Each value is explained by `describe`.
enum class ec : uint8_t {
  none = 0,
  invalid_key,
  invalid_stripe,
  invalid_count,
  invalid_dsn,
  unknown_engine,
  exhausted,
  too_small,
  unavailable,
  timeout,
  in_use,
  corrupt,
  wrong_owner,
  overloaded,
  draining,
};

/// Names a code as it is written in logs and answers, e.g. "too_small".
[[nodiscard]] std::string_view to_string(ec code);

/// Explains a code in one sentence.
[[nodiscard]] std::string_view describe(ec code);

/// Tells whether the store behind an engine is in doubt after this error: the
/// engine must be closed and opened again before it mints on.
[[nodiscard]] bool is_fatal(ec code);

/// A code, and what happened, where, and what to do about it.
struct error {
  ec code = ec::none;
  std::string context;

  friend bool operator==(const error&, const error&) = default;
};

/// Renders "code: context", for logs and standard error.
[[nodiscard]] std::string to_string(const error& x);

template <class T>
using result = tl::expected<T, error>;

/// Makes the failed branch of a result.
[[nodiscard]] tl::unexpected<error> fail(ec code, std::string context);

} // namespace intd
