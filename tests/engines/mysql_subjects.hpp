// The mysql engine on tables of each storage engine, all on one real server
// that the first of them starts.
#pragma once

#include "tests/engines/subjects.hpp"

#include <vector>

namespace intd::test {

void add_mysql_subjects(std::vector<subject>& to);

} // namespace intd::test
