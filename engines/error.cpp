#include "engines/error.hpp"

#include <utility>

namespace intd {

std::string_view to_string(ec code) {
  switch (code) {
    case ec::none:
      return "none";
    case ec::invalid_key:
      return "invalid_key";
    case ec::invalid_stripe:
      return "invalid_stripe";
    case ec::invalid_count:
      return "invalid_count";
    case ec::invalid_dsn:
      return "invalid_dsn";
    case ec::unknown_engine:
      return "unknown_engine";
    case ec::exhausted:
      return "exhausted";
    case ec::too_small:
      return "too_small";
    case ec::unavailable:
      return "unavailable";
    case ec::timeout:
      return "timeout";
    case ec::in_use:
      return "in_use";
    case ec::corrupt:
      return "corrupt";
    case ec::wrong_owner:
      return "wrong_owner";
    case ec::overloaded:
      return "overloaded";
    case ec::draining:
      return "draining";
  }
  return "unknown";
}

std::string_view describe(ec code) {
  switch (code) {
    case ec::none:
      return "Nothing failed.";
    case ec::invalid_key:
      return "A key is a letter or underscore and up to 63 more letters, "
             "digits or underscores.";
    case ec::invalid_stripe:
      return "A stripe needs 1 <= offset <= increment.";
    case ec::invalid_count:
      return "A count must be 1 or more, and not above the limit.";
    case ec::invalid_dsn:
      return "The data source name cannot be read.";
    case ec::unknown_engine:
      return "There is no engine of this name.";
    case ec::exhausted:
      return "The sequence has no integer left below 2^63.";
    case ec::too_small:
      return "The last integer can only be raised.";
    case ec::unavailable:
      return "The store cannot be reached or cannot write at present.";
    case ec::timeout:
      return "The answer did not come before the deadline.";
    case ec::in_use:
      return "Another process holds the store or the state directory.";
    case ec::corrupt:
      return "Stored state is damaged; nothing is minted from it.";
    case ec::wrong_owner:
      return "The state belongs to another node, cluster or stripe.";
    case ec::overloaded:
      return "Too many requests are waiting.";
    case ec::draining:
      return "The node is shutting down.";
  }
  return "This code is not known to this release.";
}

bool is_fatal(ec code) {
  switch (code) {
    case ec::unavailable:
    case ec::timeout:
    case ec::in_use:
    case ec::corrupt:
    case ec::wrong_owner:
      return true;
    default:
      return false;
  }
}

std::string to_string(const error& x) {
  std::string text{to_string(x.code)};
  if (!x.context.empty())
    text.append(": ").append(x.context);
  return text;
}

tl::unexpected<error> fail(ec code, std::string context) {
  return tl::unexpected<error>{error{code, std::move(context)}};
}

} // namespace intd
