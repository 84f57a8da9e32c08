// Whole files, read and overwritten, for tests that damage them.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace intd::test {

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

/// Overwrites in place, keeping the file itself: ext4 flushes a file that was
/// cut and written again.
inline void write_bytes(const std::filesystem::path& path,
                        std::string_view bytes) {
  std::ofstream{path, std::ios::binary | std::ios::app};
  std::fstream{path, std::ios::binary | std::ios::in | std::ios::out} << bytes;
  std::filesystem::resize_file(path, bytes.size());
}

} // namespace intd::test
