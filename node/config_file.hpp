// Reads a configuration file (TOML) into a node_config. intd-server asks for
// the file that -config names; the flags then override what it says.
#pragma once

#include "node/config.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// One thing that is wrong in a file: where, what was found, and what was
/// expected. Line and column count from 1, and are 0 for the file as a whole.
struct config_error {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  std::string text;

  friend bool operator==(const config_error&, const config_error&) = default;
};

/// Renders "file:line:column: text".
[[nodiscard]] std::string to_string(const config_error& x);

using config_result = tl::expected<node_config, std::vector<config_error>>;

/// Reads `text`, called `file` in errors. Every error is found at once, ordered
/// by line; what is not mentioned keeps its default.
[[nodiscard]] config_result parse_config(std::string_view text,
                                         const std::string& file);

/// Reads the file at `path`.
[[nodiscard]] config_result load_config(const std::string& path);

} // namespace intd
