// What a Redis server says of itself, judged: may it be minted from, and may
// it forget what it answered? Asked once, when the engine redis is opened.
#pragma once

#include "engines/engine.hpp"
#include "engines/resp/resp_connection.hpp"
#include "engines/store_options.hpp"

namespace intd {

/// Reads INFO and CONFIG, and warns of each setting by which the server can
/// forget. A server that does not let its settings be read may forget. Fails
/// with `unavailable` for a replica or a server that is still loading.
[[nodiscard]] result<durability>
read_redis_settings(resp_connection& from, const store_options& options);

} // namespace intd
