// Faults in the system calls of a running node, by strace: errors, delays, and
// death at the n-th call.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/server.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace intd::test {

enum class threads {
  /// Also those that are started later; calls are counted for each thread.
  all,
  /// Only those that run now: a new one finds the world in order.
  present,
};

class injection {
public:
  /// Attaches to a running node. `calls`: system calls, with commas; `what`: as
  /// strace's -e inject, e.g. "error=EIO:when=1". `also`: calls that are only
  /// written down. `file`: only calls on this one. Throws `std::runtime_error`
  /// where it cannot attach.
  injection(server& node, const std::string& calls, const std::string& what,
            const std::string& also = {}, threads whose = threads::all,
            const std::string& file = {});

  /// Lets go of the node; it runs on as before.
  void detach();

  /// Ends the tracer at once, and with it what it still holds up.
  void abandon();

  /// Waits until a call of the trace has `text`, at most `bound`.
  [[nodiscard]] bool wait_for(std::string_view text,
                              std::chrono::milliseconds bound);

  /// Returns the trace so far, a call a line.
  [[nodiscard]] std::vector<std::string> trace() const;

  /// Counts the calls that were tampered with.
  [[nodiscard]] size_t fired() const;

private:
  injection(const std::vector<std::string>& ids, const std::string& calls,
            const std::string& what, const std::string& also, threads whose,
            const std::string& file);

  process strace_;
};

/// Returns what runs a node with a fault from its first instruction on, for
/// `server_options::wrapper`. The node keeps the process that was started.
[[nodiscard]] std::vector<std::string>
injected_from_start(const std::string& calls, const std::string& what);

} // namespace intd::test
