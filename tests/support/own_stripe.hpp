// What a node of a cluster mints from by itself, as its /readyz tells: for
// tests whose nodes are given their stripes by each other.
#pragma once

#include "tests/checker/history.hpp"

#include <optional>
#include <string>

namespace intd::test {

/// Reads the stripe of the engine "main" out of the body of /readyz; nothing
/// where it has none, or is not healthy.
[[nodiscard]] std::optional<checker::progression>
own_stripe(const std::string& readyz);

} // namespace intd::test
