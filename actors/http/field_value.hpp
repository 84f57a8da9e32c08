// Values of header fields and small bodies, as HTTP compares them (RFC 9110,
// section 5.6). v1.hpp and admin_token.hpp read requests with them.
#pragma once

#include <string_view>

namespace intd::http {

/// Cuts blanks and line ends off both sides.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Compares two words of ASCII without regard to case.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

} // namespace intd::http
