// Gathers the violations of one invariant, the first few of them: a thousand
// duplicates say no more than ten.
#pragma once

#include "tests/checker/checker.hpp"

#include <string>
#include <utility>

namespace intd::checker {

class findings {
public:
  static constexpr size_t most = 10;

  /// Adds one, with the records that prove it.
  template <class... Records>
  void add(std::string what, const Records&... records) {
    if (found_.size() < most)
      found_.push_back({std::move(what), {to_line(records)...}});
  }

  [[nodiscard]] violations all() {
    return std::move(found_);
  }

private:
  violations found_;
};

} // namespace intd::checker
