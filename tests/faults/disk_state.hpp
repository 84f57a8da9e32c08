// What a dead node left on its disk, read without the code that wrote it: the
// guard's ceilings and marks, and the store's own last integer.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/support/server.hpp"

#include <string>
#include <vector>

namespace intd::test {

/// Returns the bounds of a key and the node's stripe, as of now. Sources:
/// "ceiling", "mark", and for sqlite "store"; one that is not there is absent.
[[nodiscard]] std::vector<checker::bound>
look_at_disk(const server_options& node, const std::string& key = "integers");

} // namespace intd::test
