// A question that the router puts to every stripe, and what the answers amount
// to. Plain: the router sends and receives.
#pragma once

#include "engines/error.hpp"

#include <cstddef>
#include <cstdint>

namespace intd {

class survey {
public:
  /// Expects `asked` (1 or more) answers.
  explicit survey(size_t asked) : unanswered_(asked) {
    // nop
  }

  /// Counts a success; `last` is the stripe's last integer where that was
  /// asked. Returns whether all have answered.
  [[nodiscard]] bool answered(int64_t last);

  /// Counts a failure. Returns whether all have answered.
  [[nodiscard]] bool failed(error reason);

  /// Tells the greatest last integer of the stripes that told theirs, or an
  /// error where none did. One that did not may have given a greater one.
  [[nodiscard]] result<int64_t> greatest() const;

  /// Tells whether everything given later is above what was raised to. So
  /// every stripe has to do it, and one that is above already keeps that
  /// promise too: `too_small` comes only where all of them are, that is, where
  /// nothing was changed. After another error some may be raised: that can be
  /// repeated.
  [[nodiscard]] result<void> raised() const;

private:
  size_t unanswered_;
  size_t succeeded_ = 0;
  int64_t greatest_ = 0;
  error too_small_;
  error failure_;
};

} // namespace intd
