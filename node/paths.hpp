// Where a node keeps its state when nobody says otherwise. `int` and
// `intd-server` ask here, so that both find the same integers.
#pragma once

#include "engines/error.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace intd {

/// Returns ${XDG_STATE_HOME:-~/.local/state}/intd. Fails with `unavailable`
/// where the environment names no home.
[[nodiscard]] result<std::filesystem::path> default_state_dir();

/// Returns the DSN that `engine` takes when none is given: sqlite's is a file
/// in the state directory; redis, rqlite and summitdb are looked for on their
/// own ports of localhost; the others need none or have no default.
[[nodiscard]] std::string default_dsn(std::string_view engine,
                                      const std::filesystem::path& state_dir);

} // namespace intd
