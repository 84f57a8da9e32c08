// Files as a state that must survive a crash needs them: written and synced
// before anybody relies on them, put in place by one rename. The state
// directory, the ceilings and the sqlite engine stand on these calls.
#pragma once

#include "engines/error.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace intd {

/// Owns an open file descriptor.
class file_descriptor {
public:
  file_descriptor() = default;
  explicit file_descriptor(int fd) : fd_{fd} {
  }
  file_descriptor(file_descriptor&& other) noexcept;
  file_descriptor& operator=(file_descriptor&& other) noexcept;
  ~file_descriptor();

  [[nodiscard]] int get() const {
    return fd_;
  }

private:
  int fd_ = -1;
};

/// Makes an `unavailable` error of errno, e.g. "cannot write /x: No space left
/// on device; free some space".
[[nodiscard]] tl::unexpected<error>
file_error(std::string_view verb, const std::filesystem::path& path,
           int error_number);

/// Opens a file (close-on-exec; a new one gets mode 0600).
[[nodiscard]] result<file_descriptor>
open_file(const std::filesystem::path& path, int flags);

/// Takes the lock of an open file (flock). Answers false where another open
/// file holds it.
[[nodiscard]] result<bool> try_lock(const file_descriptor& fd,
                                    const std::filesystem::path& path);

/// Reads a whole file.
[[nodiscard]] result<std::string> read_all(const file_descriptor& fd,
                                           const std::filesystem::path& path);

/// Writes all bytes at an offset.
[[nodiscard]] result<void> write_at(const file_descriptor& fd,
                                    std::string_view bytes, size_t offset,
                                    const std::filesystem::path& path);

/// Reserves the disk's blocks for the first `size` bytes of a file, so that
/// writing them cannot fail for want of space.
[[nodiscard]] result<void> preallocate(const file_descriptor& fd, size_t size,
                                       const std::filesystem::path& path);

/// Makes what was written durable.
[[nodiscard]] result<void> sync(const file_descriptor& fd,
                                const std::filesystem::path& path);

/// Makes a directory and its parents, mode 0700, durably.
[[nodiscard]] result<void> make_directories(const std::filesystem::path& path);

enum class in_place {
  /// Another file of the name gives way.
  replace,
  /// Another file of the name stays, and the call fails with `in_use`.
  keep,
};

/// Writes a whole file durably and atomically: after a crash there is all of
/// it or nothing of it.
[[nodiscard]] result<void> publish(const std::filesystem::path& path,
                                   std::string_view bytes, in_place how);

/// As `publish` with `replace`, without the syncs: whole and in place for
/// other processes, but not after a crash of the machine.
[[nodiscard]] result<void> publish_unsynced(const std::filesystem::path& path,
                                            std::string_view bytes);

/// Draws `bytes` random bytes from the kernel, as twice as many hexadecimal
/// digits.
[[nodiscard]] std::string random_hex(size_t bytes);

} // namespace intd
