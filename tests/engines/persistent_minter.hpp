// One who mints on while the store is harmed, as a supervisor has it done.
#pragma once

#include "engines/engine.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace intd::test {

/// Opens an engine, as a supervisor does for each new try.
using opening = std::function<result<engine_ptr>()>;

/// Lets go of an engine that failed, and opens another one until that works.
class persistent_minter {
public:
  explicit persistent_minter(opening open);

  /// Tries once: opens an engine where there is none, and reserves of it.
  result<intd::run> try_once(const sequence& what, int64_t count);

  /// Mints `count` integers in runs of up to `batch`. Gives up after 30 s
  /// without any and returns false.
  bool mint(const sequence& what, int64_t count, int64_t batch = 1);

  /// What `mint` minted.
  [[nodiscard]] const std::vector<int64_t>& minted() const {
    return minted_;
  }

  /// Counts those of them that came more often than once.
  [[nodiscard]] size_t duplicates() const;

  /// What failed last.
  [[nodiscard]] const std::string& trouble() const {
    return trouble_;
  }

private:
  opening open_;
  engine_ptr engine_;
  std::vector<int64_t> minted_;
  std::string trouble_;
};

/// Counts the integers that occur more often than once.
[[nodiscard]] size_t duplicates(std::vector<int64_t> all);

} // namespace intd::test
