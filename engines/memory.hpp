// The store that forgets with its process: for tests, and the fastest of all
// behind a guard, which makes it durable.
#pragma once

#include "engines/engine.hpp"

namespace intd {

/// Opens an empty store.
[[nodiscard]] engine_ptr make_memory();

} // namespace intd
