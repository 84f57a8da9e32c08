// The contract's subjects that run on a real rqlite.
#pragma once

#include "tests/engines/subjects.hpp"

#include <vector>

namespace intd::test {

/// Adds rqlite, alone and guarded. It has no databases, so each directory gets
/// a server, which is emptied and another's once the directory is gone.
void add_rqlite_subjects(std::vector<subject>& to);

} // namespace intd::test
