// What a server sent, made fit for a terminal: the tools' messages quote it.
#pragma once

#include <string>

namespace intd {

/// Blanks out whatever is not printable ASCII.
[[nodiscard]] std::string printable(std::string text);

} // namespace intd
