// What a store means by an error of Redis's protocol, and what to do about it:
// the engines that speak it make their errors here.
#pragma once

#include "engines/error.hpp"

#include <string>
#include <string_view>

namespace intd {

/// Makes the error of a failed command, with a remedy: `corrupt` where a key
/// holds something that is no counter, else `unavailable`. `where` names the
/// store, `text` is its own, e.g. "OOM command not allowed ...".
[[nodiscard]] tl::unexpected<error> resp_error(const std::string& where,
                                               std::string_view text);

/// Makes the error of a failed login. Its text is shown only where it is known
/// to hold no password: some stores repeat a command that they do not know.
[[nodiscard]] tl::unexpected<error> resp_login_error(const std::string& where,
                                                     std::string_view text);

} // namespace intd
