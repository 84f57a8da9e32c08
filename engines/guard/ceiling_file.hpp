// The ceilings of one guard: for each key and stripe an integer above which
// none was ever answered. The guard makes a ceiling durable here before it
// answers anything above the one before.
//
// `<name>.ceilings` in the state directory is a header and slots, 512 bytes
// each (one sector, so a slot is written whole or not at all), every one with
// a checksum, the unused ones too. The header says whose file it is: node,
// guard, stripe, the store's identity. Beside it lies `<name>.marks` with the
// exact last integers (mark_file.hpp).
//
// Nothing is repaired here: a file that is damaged, cut, or somebody else's is
// refused. A write or sync that failed is sticky; whoever opens the file next
// writes and syncs all of it again before relying on any of it, since the
// kernel's cache may show what the disk does not hold.
#pragma once

#include "engines/guard/mark_file.hpp"
#include "engines/guard/state_directory.hpp"
#include "engines/sequence.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace intd {

/// One slot.
struct ceiling {
  std::string key;
  intd::stripe stripe;
  /// Nothing above was answered.
  int64_t highest = 0;
  /// As the file was opened: the exact last integer where it is known, else
  /// the ceiling.
  int64_t last = 0;
};

class ceiling_file {
public:
  /// The most keys and stripes that one guard keeps: 32 MiB of slots.
  static constexpr size_t max_slots = 65'536;

  /// Opens the file of the guard `name` ([A-Za-z0-9_-]{1,64}), making it on
  /// its first use. `x` is recorded; one that is disjoint from the one
  /// recorded before is refused. Fails with `corrupt`, `wrong_owner`, `in_use`
  /// (open in this process already), `invalid_key` (the name), `unavailable`.
  [[nodiscard]] static result<std::unique_ptr<ceiling_file>>
  open(std::shared_ptr<state_directory> state, const std::string& name,
       const stripe& x);

  /// The slots in use, by their number.
  [[nodiscard]] const std::vector<ceiling>& slots() const {
    return slots_;
  }

  /// Tells whether every `last` is exact: the file was closed, or
  /// the kernel still had the marks.
  [[nodiscard]] bool exact() const {
    return exact_;
  }

  /// The store's identity last recorded, or nothing.
  [[nodiscard]] const std::string& identity() const {
    return identity_;
  }

  /// Records the store's identity (up to 128 bytes), durably.
  [[nodiscard]] result<void> set_identity(const std::string& identity);

  /// Takes the next slot for a new key or stripe, durably, and answers its
  /// number.
  [[nodiscard]] result<size_t> add(const std::string& key, const stripe& x,
                                   int64_t highest);

  /// Raises the ceiling of a slot, durably.
  [[nodiscard]] result<void> raise(size_t number, int64_t highest);

  /// Notes the exact last integer of a slot, without a sync.
  void note(size_t slot, int64_t last) {
    marks_.set(slot, last);
  }

  /// Sets each ceiling to the exact last integer of its slot, durably. No call
  /// may follow.
  [[nodiscard]] result<void> close();

private:
  ceiling_file() = default;

  [[nodiscard]] result<void> create();
  [[nodiscard]] result<void> load();
  [[nodiscard]] result<void> read_header(std::string_view bytes);
  [[nodiscard]] result<void> read_slots(std::string_view bytes);
  void read_marks();
  [[nodiscard]] result<void> take_over();
  [[nodiscard]] result<void> grow();
  [[nodiscard]] result<void> write(std::string_view bytes, size_t offset);
  [[nodiscard]] std::string header_bytes() const;
  [[nodiscard]] std::string slot_bytes(size_t from, size_t to) const;
  [[nodiscard]] mark_origin origin() const;
  [[nodiscard]] tl::unexpected<error> damaged(std::string_view what) const;

  std::shared_ptr<state_directory> state_;
  std::string name_;
  std::filesystem::path path_;
  std::filesystem::path marks_path_;
  file_descriptor fd_;
  stripe stripe_;
  std::string identity_;
  uint64_t opened_ = 0;
  size_t capacity_ = 0;
  bool closed_ = true;
  std::vector<ceiling> slots_;
  mark_file marks_;
  bool exact_ = true;
  std::optional<error> fault_;
};

} // namespace intd
