// How a request is refused before anybody is asked: v1.hpp and admin.hpp end
// here with what a client got wrong.
#pragma once

#include "actors/http/codec.hpp"
#include "engines/error.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace intd::http {

inline constexpr status bad_request{400, "Bad Request"};
inline constexpr status not_found{404, "Not Found"};
inline constexpr status not_allowed{405, "Method Not Allowed"};

/// Quotes of what a client sent as much as a message needs.
[[nodiscard]] std::string shown(std::string_view text);

/// Makes the failed branch of what reads a request. `fields` are header lines
/// of a constant.
[[nodiscard]] tl::unexpected<problem> refuse(status what, std::string detail,
                                             std::string_view fields = {});

/// The same for a 400 with a code of ours; `max` is the limit, 0 for none.
[[nodiscard]] tl::unexpected<problem> refuse(ec code, const std::string& detail,
                                             int64_t max = 0);

} // namespace intd::http
