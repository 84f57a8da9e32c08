// Programmer errors end the process, in release builds too: past a broken
// assumption a duplicate is possible, past an abort only a gap. Never used on
// input, network or disk: those answer an error.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace intd {

[[noreturn]] inline void broken_assumption(const char* what, const char* file,
                                           int line) {
  std::fprintf(stderr, "%s:%d: broken assumption: %s\n", file, line, what);
  std::abort();
}

} // namespace intd

/// Ends the process where `condition` does not hold.
#define INTD_ASSERT(condition)                                                 \
  (static_cast<bool>(condition)                                                \
     ? static_cast<void>(0)                                                    \
     : ::intd::broken_assumption(#condition, __FILE__, __LINE__))
