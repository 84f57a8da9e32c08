#include "node/first_openings.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

namespace intd {

first_openings::first_openings(size_t engines)
  : outcomes_(engines),
    missing_(engines),
    fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  // nop
}

first_openings::~first_openings() {
  ::close(fd_);
}

void first_openings::report(size_t i, const error& outcome) {
  std::lock_guard guard{mutex_};
  if (outcomes_[i])
    return;
  outcomes_[i] = outcome;
  if (--missing_ == 0)
    ::eventfd_write(fd_, 1);
}

std::optional<error> first_openings::of(size_t i) const {
  std::lock_guard guard{mutex_};
  return outcomes_[i];
}

} // namespace intd
