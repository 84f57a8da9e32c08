// Redis as a store: one key a sequence, INCRBY takes a window of integers
// above it (resp_counter). Calls come from the engine's owner and go over one
// connection; the original's clients may mint from the same key.
//
// What an integer is worth depends on the server's settings, which are read
// when the engine is opened. By its defaults Redis forgets the last minutes
// when it dies: with a guard that is a gap, without one they come again.
#pragma once

#include "engines/dsn.hpp"
#include "engines/engine.hpp"
#include "engines/store_options.hpp"

namespace intd {

/// Connects, logs in and selects the database. Warns by `options.warn` of
/// settings by which the server can forget. Fails with `invalid_dsn` (TLS),
/// `unavailable` (a replica, a refused login, ...) or `timeout`.
[[nodiscard]] result<engine_ptr> open_redis(const redis_dsn& at,
                                            const store_options& options);

/// The script by which a Redis raises a key in one step.
extern const std::string_view redis_raise_script;

} // namespace intd
