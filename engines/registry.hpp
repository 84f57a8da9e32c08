// From a name and a data source name to an engine: the one place that knows
// every store.
#pragma once

#include "engines/engine.hpp"
#include "engines/store_options.hpp"

#include <string_view>
#include <vector>

namespace intd {

/// Opens the engine `name` ("memory", "sqlite", "redis", ...) at `dsn`. Fails
/// with `unknown_engine`, `invalid_dsn`, or the store's own error.
[[nodiscard]] result<engine_ptr> make_engine(std::string_view name,
                                             std::string_view dsn,
                                             const store_options& options = {});

/// Checks that `dsn` is one of the engine `name`, as `make_engine` would.
[[nodiscard]] result<void> check_dsn(std::string_view name,
                                     std::string_view dsn);

/// The names that `make_engine` knows, in the order they are documented.
[[nodiscard]] const std::vector<std::string_view>& engine_names();

} // namespace intd
