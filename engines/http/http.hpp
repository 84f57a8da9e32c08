// Another site as a store: an intd, asked for runs by its API below /v1/, or
// an original `intd-server`, which gives one integer a request and one key.
// Calls come from the engine's owner; a site that mints is chained to another
// in this way.
//
// The site says which stripe its integers are of; of those that it gives only
// the ones in the stripe asked for here are handed out, and the others are
// lost. What one answer has too much is kept for the next call: it is reserved
// already. That an integer never comes twice is the site's own promise, and so
// is that it is durable.
#pragma once

#include "engines/dsn.hpp"
#include "engines/engine.hpp"
#include "engines/store_options.hpp"

namespace intd {

/// Opens the site `at`, whose password is its admin token or empty. Raising
/// needs the token; without it, or without /v1/, `set_last` only remembers the
/// value, and a site that gives an integer at or below it is refused with
/// `corrupt`. Fails with `unavailable` or `timeout`.
[[nodiscard]] result<engine_ptr> open_http(const server& at,
                                           const store_options& options);

} // namespace intd
