// A history of a cluster without a fault of its own, made from a seed: two
// nodes with a stripe each, four clients that know both, both front ends, kills
// and restarts, batches, a `set_last` that is accepted and one that is refused.
// The checker's tests take it as it is, and mutated.
#pragma once

#include "tests/checker/history.hpp"

#include <cstdint>

namespace intd::checker {

[[nodiscard]] history good_history(uint64_t seed);

} // namespace intd::checker
