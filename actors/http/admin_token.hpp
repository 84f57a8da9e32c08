// Who may change what lasts: the node's admin token as a bearer token (RFC
// 6750, section 2.1). v1.hpp asks it for raising, admin.hpp for the cluster.
#pragma once

#include "actors/http/codec.hpp"

#include <tl/expected.hpp>

#include <string>
#include <string_view>

namespace intd::http {

/// Checks the Authorization field against the node's token. Refuses with 403
/// where the token is empty, for nobody may then, and with 401 where the field
/// does not carry it; `doing` is what needs it, e.g. "raising".
[[nodiscard]] tl::expected<void, problem>
authorize(std::string_view authorization, std::string_view token,
          const std::string& doing);

/// Compares what a client sent with a secret (not empty). The time it takes
/// tells nothing of where they differ.
[[nodiscard]] bool is_secret(std::string_view given, std::string_view secret);

} // namespace intd::http
