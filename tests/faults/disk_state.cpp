#include "tests/faults/disk_state.hpp"

#include "tests/support/temp_dir.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

namespace intd::test {

namespace fs = std::filesystem;

namespace {

// The layout that engines/guard/ceiling_file.cpp and
// engines/guard/mark_file.cpp write.
constexpr size_t sector = 512;
constexpr size_t key_at = 24;
constexpr size_t key_size = 64;
constexpr size_t offset_at = key_at + key_size;
constexpr size_t increment_at = offset_at + 8;
constexpr size_t highest_at = increment_at + 8;
constexpr size_t first_mark_at = 96;
constexpr size_t mark_size = 16;

std::string contents(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

int64_t number_at(const std::string& bytes, size_t at) {
  int64_t out = 0;
  if (at + sizeof out <= bytes.size())
    std::memcpy(&out, bytes.data() + at, sizeof out);
  return out;
}

// The slot of a key and stripe.
std::optional<size_t> find_slot(const std::string& ceilings,
                                const std::string& key,
                                const checker::progression& stripe) {
  for (size_t i = 0; (i + 2) * sector <= ceilings.size(); ++i) {
    auto slot = ceilings.substr((i + 1) * sector, sector);
    if (key == slot.c_str() + key_at
        && number_at(slot, offset_at) == stripe.offset
        && number_at(slot, increment_at) == stripe.increment)
      return i;
  }
  return std::nullopt;
}

// Reads a copy, so that reading changes nothing.
std::optional<int64_t> stored(const fs::path& state, const std::string& key) {
  temp_dir copies;
  for (auto* name : {"integers.db", "integers.db-wal"})
    if (std::error_code ignored; fs::exists(state / name, ignored))
      fs::copy_file(state / name, copies.path() / name);
  sqlite3* db = nullptr;
  sqlite3_stmt* ask = nullptr;
  std::optional<int64_t> out;
  auto file = copies.path() / "integers.db";
  if (sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr)
        == SQLITE_OK
      && sqlite3_prepare_v2(db, "SELECT last FROM mark WHERE key = ?1", -1,
                            &ask, nullptr)
        == SQLITE_OK) {
    sqlite3_bind_text(ask, 1, key.c_str(), -1, SQLITE_STATIC);
    if (sqlite3_step(ask) == SQLITE_ROW)
      out = sqlite3_column_int64(ask, 0);
  }
  sqlite3_finalize(ask);
  sqlite3_close(db);
  return out;
}

} // namespace

std::vector<checker::bound> look_at_disk(const server_options& node,
                                         const std::string& key) {
  std::vector<checker::bound> out;
  auto add = [&](const char* source, int64_t value) {
    out.push_back(
      {node.name, source, key, node.stripe, value, now_ns(), false});
  };
  auto ceilings = contents(node.state / "main.ceilings");
  if (auto slot = find_slot(ceilings, key, node.stripe)) {
    add("ceiling", number_at(ceilings, (*slot + 1) * sector + highest_at));
    auto marks = contents(node.state / "main.marks");
    if (!marks.empty())
      add("mark", number_at(marks, first_mark_at + *slot * mark_size));
  }
  if (node.engine == "sqlite")
    if (auto last = stored(node.state, key))
      add("store", *last);
  return out;
}

} // namespace intd::test
