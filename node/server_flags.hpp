// The flags of intd-server: the original's, and the file they override. main
// gets the configuration that both together make.
#pragma once

#include "node/config.hpp"
#include "node/flags.hpp"
#include "node/node.hpp"

#include <cstdint>
#include <iosfwd>

#include <tl/expected.hpp>

namespace intd {

struct server_command {
  /// Checked and complete.
  node_config config;
  start_orders orders;
};

/// Reads flags and file; writes the help to `out`, or what is wrong to `err`.
/// Fails with the code to exit with.
[[nodiscard]] tl::expected<server_command, exit_code>
read_server_command(int argc, const char* const* argv, std::ostream& out,
                    std::ostream& err);

} // namespace intd
