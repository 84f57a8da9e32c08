// The engines that the contract is checked on. A new one is one more entry.
#pragma once

#include "engines/engine.hpp"

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

namespace intd::test {

struct subject {
  std::string name;
  /// What it knows lies in this directory, and nowhere else.
  result<engine_ptr> (*open)(const std::filesystem::path& directory);
  /// It goes on where it ended when it is opened again.
  bool remembers;

  friend std::ostream& operator<<(std::ostream& out, const subject& x) {
    return out << x.name;
  }
};

[[nodiscard]] const std::vector<subject>& subjects();

/// Guards a store with ceilings in the directory: small blocks, so that
/// ceilings are met often.
[[nodiscard]] result<engine_ptr>
guarded(result<engine_ptr> store, const std::filesystem::path& directory);

/// Finds one of them.
[[nodiscard]] const subject& subject_named(const std::string& name);

} // namespace intd::test
