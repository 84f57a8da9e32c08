// How the first attempt of each engine to open ended: the node's start waits
// for it, while the engine actors open their engines on threads of their own.
#pragma once

#include "engines/error.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

namespace intd {

class first_openings {
public:
  explicit first_openings(size_t engines);
  first_openings(const first_openings&) = delete;
  first_openings& operator=(const first_openings&) = delete;
  ~first_openings();

  /// Keeps how an attempt of engine `i` ended, if it is the first. Callable
  /// from any thread.
  void report(size_t i, const error& outcome);

  /// A file descriptor that is readable once every engine has reported.
  [[nodiscard]] int fd() const {
    return fd_;
  }

  /// What engine `i` reported: `ec::none` where it opened, nothing yet where
  /// it still tries.
  [[nodiscard]] std::optional<error> of(size_t i) const;

private:
  mutable std::mutex mutex_;
  std::vector<std::optional<error>> outcomes_;
  size_t missing_;
  int fd_ = -1;
};

} // namespace intd
