// A file of ceilings, as a process leaves it behind that was killed.
#pragma once

#include "engines/guard/ceiling_file.hpp"
#include "tests/support/bytes.hpp"
#include "tests/support/disk.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace intd::test {

inline constexpr size_t sector = 512;
inline constexpr size_t file_size = 65 * sector;

/// A last integer, and whether it is known to be exact.
using found = std::pair<int64_t, bool>;

struct ceiling_scene {
  temp_dir dir;
  std::filesystem::path path = dir.path() / "state";
  std::filesystem::path ceilings = path / "main.ceilings";
  std::filesystem::path marks = path / "main.marks";

  ceiling_scene() {
    disk::reset();
  }

  ~ceiling_scene() {
    disk::reset();
  }

  result<std::unique_ptr<ceiling_file>> open(stripe x = {1, 2},
                                             const char* name = "main") const {
    return state_directory::open(path, {"n", "c"})
      .and_then([&x, name](const auto& state) {
        return ceiling_file::open(state, name, x);
      });
  }

  // What kill -9 leaves behind: one slot, its ceiling 1001, its mark 17.
  void leave_behind() const {
    const auto file = must(open());
    must(file->set_identity("a store"));
    const auto slot = must(file->add("integers", {1, 2}, 101));
    must(file->raise(slot, 1001));
    file->note(slot, 17);
  }

  // As a boot of the machine does, but for what was not synced.
  void change_boot_id() const {
    auto bytes = read_bytes(marks);
    const auto at = bytes.find(boot_id());
    BOOST_REQUIRE(at != std::string::npos);
    bytes[at] = bytes[at] == '0' ? '1' : '0';
    write_bytes(marks, bytes);
  }

  void set_mark(int64_t value, int64_t complement) const {
    auto bytes = read_bytes(marks);
    std::memcpy(bytes.data() + 96, &value, sizeof value);
    std::memcpy(bytes.data() + 104, &complement, sizeof complement);
    write_bytes(marks, bytes);
  }

  found next() const {
    const auto file = must(open());
    BOOST_REQUIRE(file->slots().size() == 1u);
    return {file->slots().front().last, file->exact()};
  }
};

} // namespace intd::test
