#include "tests/support/disk.hpp"

#include "tests/support/bytes.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace intd::test::disk {

namespace {

constexpr size_t page_size = 4096;

struct file {
  std::string on_disk;
  std::set<size_t> dirty_pages;
};

struct settings {
  int count = 0;
  int good = -1;
  bool pretending = false;
  bool remembering = false;
  std::map<ino_t, file> files;
};

settings& state() {
  static settings x;
  return x;
}

// The file behind a descriptor, where it is one and is being watched.
file* watched(int fd, struct stat& about) {
  if (!state().remembering || fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
    return nullptr;
  return &state().files[about.st_ino];
}

void written(int fd, off_t offset, ssize_t size) {
  struct stat about {};
  auto* x = size > 0 ? watched(fd, about) : nullptr;
  if (x == nullptr)
    return;
  const auto first = static_cast<size_t>(offset) / page_size;
  const auto last = static_cast<size_t>(offset + size - 1) / page_size;
  for (auto page = first; page <= last; ++page)
    x->dirty_pages.insert(page);
}

void synced_now(int fd, bool success) {
  struct stat about {};
  auto* x = watched(fd, about);
  if (x == nullptr)
    return;
  const auto pages = std::exchange(x->dirty_pages, {});
  if (!success)
    return;
  x->on_disk.resize(static_cast<size_t>(about.st_size), '\0');
  for (const auto page : pages) {
    const auto at = page * page_size;
    if (at >= x->on_disk.size())
      continue;
    const auto size = std::min(page_size, x->on_disk.size() - at);
    if (pread(fd, x->on_disk.data() + at, size, static_cast<off_t>(at)) < 0)
      _exit(4);
  }
}

template <class Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name));
}

int sync_by(const char* name, int fd) {
  auto& now = state();
  ++now.count;
  if (now.good == 0) {
    synced_now(fd, false);
    errno = EIO;
    return -1;
  }
  if (now.good > 0)
    --now.good;
  const int outcome = now.pretending ? 0 : real<int(int)>(name)(fd);
  synced_now(fd, outcome == 0);
  return outcome;
}

ssize_t write_by(const char* name, int fd, const void* bytes, size_t size,
                 off_t offset) {
  using call = ssize_t(int, const void*, size_t, off_t);
  static auto* const plain = real<call>("pwrite");
  static auto* const wide = real<call>("pwrite64");
  auto* const by = std::string_view{name} == "pwrite" ? plain : wide;
  const auto put = by(fd, bytes, size, offset);
  written(fd, offset, put);
  return put;
}

} // namespace

void reset() {
  state() = settings{};
}

int syncs() {
  return state().count;
}

void fail_after(int good) {
  state().good = good;
}

void pretend() {
  state().pretending = true;
}

void remember(const std::filesystem::path& present) {
  state().remembering = true;
  if (!std::filesystem::exists(present))
    return;
  for (const auto& at :
       std::filesystem::recursive_directory_iterator{present}) {
    struct stat about {};
    if (stat(at.path().c_str(), &about) == 0 && S_ISREG(about.st_mode))
      state().files[about.st_ino].on_disk = read_bytes(at.path());
  }
}

std::string synced(const std::filesystem::path& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0)
    return {};
  const auto kept = state().files.find(about.st_ino);
  return kept == state().files.end() ? std::string{} : kept->second.on_disk;
}

void lose_unsynced(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) {
    for (const auto& at : std::filesystem::directory_iterator{path})
      lose_unsynced(at.path());
    return;
  }
  if (std::filesystem::is_regular_file(path))
    write_bytes(path, synced(path));
}

} // namespace intd::test::disk

extern "C" int fdatasync(int fd) {
  return intd::test::disk::sync_by("fdatasync", fd);
}

extern "C" int fsync(int fd) {
  return intd::test::disk::sync_by("fsync", fd);
}

extern "C" ssize_t pwrite(int fd, const void* bytes, size_t size,
                          off_t offset) {
  return intd::test::disk::write_by("pwrite", fd, bytes, size, offset);
}

extern "C" ssize_t pwrite64(int fd, const void* bytes, size_t size,
                            off64_t offset) {
  return intd::test::disk::write_by("pwrite64", fd, bytes, size, offset);
}
