// The contract's subjects whose store is another site: a real intd-server.
#pragma once

#include "tests/engines/subjects.hpp"

#include <vector>

namespace intd::test {

/// Adds a site, alone and guarded. Each directory has a site of its own, which
/// is stopped once the directory is gone.
void add_http_subjects(std::vector<subject>& to);

} // namespace intd::test
