// The exact last integers, for the case that the process dies and the machine
// lives on: a file mapped into memory, written with two stores a reservation
// and never synced. The kernel keeps it through kill -9. After a crash of the
// machine it says nothing, which is told by the kernel's boot id in it; then
// the ceilings count (ceiling_file.hpp, which alone uses this).
//
// A mark is kept twice, as itself and as its complement, stored in this order.
// Death between the two leaves a complement of something lower, and the mark
// counts: its integer may have been on its way out. Anything else is damage.
#pragma once

#include "engines/error.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace intd {

/// What marks have to be of to be believed.
struct mark_origin {
  /// The node they were made for, 32 hexadecimal digits.
  std::string node_id;
  /// The running kernel's; empty where it is unknown, and then none is
  /// believed.
  std::string boot_id;
  /// How often the ceilings beside them had been opened.
  uint64_t opened = 0;
};

/// Returns the id that the kernel draws at each boot, or nothing.
[[nodiscard]] std::string boot_id();

class mark_file {
public:
  /// Reads the marks left by an earlier process: one for each of the first
  /// `count` slots, nothing for a damaged one. Answers nothing at all where the
  /// file cannot be believed: missing, of another origin, or its sync fails.
  /// Marks of the opening that follows `origin.opened` are believed as well,
  /// since they are put in place before the ceilings say so.
  [[nodiscard]] static std::optional<std::vector<std::optional<int64_t>>>
  read(const std::filesystem::path& path, const mark_origin& origin,
       size_t count);

  /// Puts a new file in place that holds these marks (0 to max_integer), and
  /// maps it. Its blocks are reserved, so a store cannot fail on a full disk.
  [[nodiscard]] static result<mark_file>
  create(const std::filesystem::path& path, const mark_origin& origin,
         std::span<const int64_t> marks);

  /// Sets one mark, for this process and all that open the file later.
  void set(size_t slot, int64_t value);

  /// Reads back a mark that this process set.
  [[nodiscard]] int64_t get(size_t slot) const;

private:
  struct unmap {
    size_t size;
    void operator()(std::byte* start) const;
  };

  std::unique_ptr<std::byte, unmap> map_;
  size_t count_ = 0;
};

} // namespace intd
