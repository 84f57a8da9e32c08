// The nodes of one fault test with all they need: a directory, the book of who
// listens where, and the judgement of what was recorded.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/support/address_book.hpp"
#include "tests/support/load.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace intd::test {

using namespace std::chrono_literals;

#ifdef INTD_SANITIZED
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// Bound of everything that is over in a moment, on a machine that is busy.
inline constexpr std::chrono::milliseconds soon = 30s;

/// The engines that every fault is tried on. Both are guarded.
inline const std::vector<std::string> engines{"sqlite", "memory"};

class cluster {
public:
  /// Adds a node, not started, whose state directory is below `directory`.
  server& add(server_options options);

  /// Starts clients that know all nodes.
  [[nodiscard]] std::unique_ptr<load> clients(load_options options = {});

  [[nodiscard]] const std::filesystem::path& directory() const {
    return directory_.path();
  }

  [[nodiscard]] server& node(size_t index) {
    return *nodes_.at(index);
  }

  [[nodiscard]] address_book& book() {
    return book_;
  }

  /// What was recorded beside the calls: bounds, answers of the test's own.
  [[nodiscard]] checker::history& notes() {
    return notes_;
  }

  /// Requires that the checker finds everything recorded valid. Where it does
  /// not, the history is left in a file, and the nodes' logs are shown.
  void judge(std::vector<checker::call> calls,
             const checker::promise& promised);

private:
  temp_dir directory_;
  address_book book_;
  std::vector<std::unique_ptr<server>> nodes_;
  checker::history notes_;
};

/// Promises what holds in every test: each node, front end and engine answers,
/// and these kinds of faults fire.
[[nodiscard]] checker::promise
promise_of(const std::vector<std::string>& nodes,
           const std::vector<std::string>& front_ends,
           const std::vector<std::string>& faults);

/// Requires a clean stop: exit status 0.
void stop_cleanly(server& node);

/// Asks for one integer on a connection of its own; empty where none came.
[[nodiscard]] std::string integer_from(server& node);

/// Asks until an integer comes, and requires that one does.
std::string next_integer(server& node);

} // namespace intd::test
