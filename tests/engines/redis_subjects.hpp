// The subjects of the contract that keep their integers behind Redis's
// protocol: a real Redis, and SummitDB.
#pragma once

#include "tests/engines/subjects.hpp"

#include <vector>

namespace intd::test {

/// Adds "redis", "summitdb" where INTD_SUMMITDB_SERVER names its program, and
/// the engine summitdb before a Redis, which takes most of its commands.
void add_redis_subjects(std::vector<subject>& to);

} // namespace intd::test
