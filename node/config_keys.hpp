// Every section and key that a configuration file may hold: its name, what it
// expects, where it is kept. config_file walks a file along this list, and so
// do the tests that compare it with configs/intd.toml.
#pragma once

#include "node/config.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace intd {

/// A value as a file gives it; nothing for what no key takes (floats, dates,
/// tables, arrays of anything but text).
using config_value = std::variant<std::monostate, bool, int64_t, std::string,
                                  std::vector<std::string>>;

struct config_key {
  std::string name;
  /// What is allowed, in words: "an integer from 1 to 10".
  std::string expected;
  /// Keeps the value, in the last element where the section is repeated.
  /// Returns false, and changes nothing, where it is not allowed.
  std::function<bool(const config_value&, node_config&)> keep;
  /// What a file gives is never shown, not even where it is wrong.
  bool secret = false;
};

struct config_section {
  std::string name;
  std::vector<config_key> keys;
  /// For a section that may be repeated, as [[name]]: removes all elements,
  /// and adds one that holds the defaults.
  std::function<void(node_config&)> clear;
  std::function<void(node_config&)> add;

  [[nodiscard]] bool repeated() const {
    return clear != nullptr;
  }
};

/// All sections, in the order of configs/intd.toml.
[[nodiscard]] const std::vector<config_section>& config_sections();

} // namespace intd
