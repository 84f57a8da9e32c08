#include "engines/guard/mark_file.hpp"

#include "engines/assert.hpp"
#include "engines/file.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace intd {

namespace fs = std::filesystem;

namespace {

constexpr char magic[8] = {'i', 'n', 't', 'd', 'm', 'r', 'k', '1'};

struct header {
  char magic[8];
  char node_id[32];
  char boot_id[40];
  uint64_t opened;
  uint64_t count;
};

struct mark {
  int64_t value;
  int64_t complement;
};

static_assert(sizeof(header) == 96 && alignof(mark) == 8);

header make_header(const mark_origin& origin, size_t count) {
  header x{};
  std::memcpy(x.magic, magic, sizeof magic);
  origin.node_id.copy(x.node_id, sizeof x.node_id);
  origin.boot_id.copy(x.boot_id, sizeof x.boot_id);
  x.opened = origin.opened;
  x.count = count;
  return x;
}

bool same_origin(const header& found, const header& wanted) {
  return std::memcmp(&found, &wanted, offsetof(header, opened)) == 0
    && (found.opened == wanted.opened || found.opened == wanted.opened + 1)
    && found.count >= wanted.count;
}

std::optional<int64_t> value_of(const mark& x) {
  const int64_t before = ~x.complement;
  if (x.value < 0 || before < 0 || before > x.value)
    return std::nullopt;
  return x.value;
}

mark* mark_at(std::byte* map, size_t slot) {
  return reinterpret_cast<mark*>(map + sizeof(header)) + slot;
}

} // namespace

std::string boot_id() {
  std::string id;
  std::ifstream{"/proc/sys/kernel/random/boot_id"} >> id;
  return id;
}

std::optional<std::vector<std::optional<int64_t>>>
mark_file::read(const fs::path& path, const mark_origin& origin, size_t count) {
  const auto fd = open_file(path, O_RDWR);
  // A sync that failed since the last process wrote is reported to the next
  // one to ask, and means that the disk's old content may be what is read.
  if (origin.boot_id.empty() || !fd || !sync(*fd, path))
    return std::nullopt;
  const auto bytes = read_all(*fd, path);
  if (!bytes || bytes->size() < sizeof(header) + count * sizeof(mark))
    return std::nullopt;
  header found{};
  std::memcpy(&found, bytes->data(), sizeof found);
  if (!same_origin(found, make_header(origin, count)))
    return std::nullopt;
  std::vector<std::optional<int64_t>> values;
  for (size_t i = 0; i < count; ++i) {
    mark x{};
    std::memcpy(&x, bytes->data() + sizeof found + i * sizeof x, sizeof x);
    values.push_back(value_of(x));
  }
  return values;
}

result<mark_file> mark_file::create(const fs::path& path,
                                    const mark_origin& origin,
                                    std::span<const int64_t> marks) {
  const auto first = make_header(origin, marks.size());
  std::string bytes(reinterpret_cast<const char*>(&first), sizeof first);
  for (const int64_t value : marks) {
    const mark x{value, ~value};
    bytes.append(reinterpret_cast<const char*>(&x), sizeof x);
  }
  if (auto done = publish_unsynced(path, bytes); !done)
    return tl::unexpected{std::move(done.error())};
  const auto fd = open_file(path, O_RDWR);
  if (!fd)
    return tl::unexpected{fd.error()};
  void* start = mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_SHARED,
                     fd->get(), 0);
  if (start == MAP_FAILED)
    return file_error("map", path, errno);
  mark_file file;
  file.map_ = {static_cast<std::byte*>(start), unmap{bytes.size()}};
  file.count_ = marks.size();
  return file;
}

void mark_file::set(size_t slot, int64_t value) {
  INTD_ASSERT(slot < count_ && value >= 0);
  auto& x = *mark_at(map_.get(), slot);
  // A kill comes between two instructions and keeps the stores before it, so
  // only the compiler has to be kept from swapping them.
  std::atomic_ref{x.value}.store(value, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::atomic_ref{x.complement}.store(~value, std::memory_order_relaxed);
}

int64_t mark_file::get(size_t slot) const {
  INTD_ASSERT(slot < count_);
  return mark_at(map_.get(), slot)->value;
}

void mark_file::unmap::operator()(std::byte* start) const {
  munmap(start, size);
}

} // namespace intd
