#include "tests/support/disk.hpp"

#include "tests/support/bytes.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string>

namespace intd::test::disk {

namespace {

struct settings {
  int count = 0;
  int good = -1; // negative: all
  bool pretending = false;
  bool remembering = false;
  std::map<ino_t, std::string> synced;
};

settings& state() {
  static settings x;
  return x;
}

void keep_copy(int fd) {
  struct stat about {};
  if (fstat(fd, &about) != 0 || !S_ISREG(about.st_mode))
    return;
  std::string bytes(static_cast<size_t>(about.st_size), '\0');
  if (pread(fd, bytes.data(), bytes.size(), 0)
      == static_cast<ssize_t>(bytes.size()))
    state().synced[about.st_ino] = std::move(bytes);
}

int sync_by(const char* name, int fd) {
  using call = int (*)(int);
  const auto real = reinterpret_cast<call>(dlsym(RTLD_NEXT, name));
  auto& now = state();
  ++now.count;
  if (now.good == 0) {
    errno = EIO;
    return -1;
  }
  if (now.good > 0)
    --now.good;
  if (now.remembering)
    keep_copy(fd);
  return now.pretending ? 0 : real(fd);
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
    const int fd = open(at.path().c_str(), O_RDONLY | O_CLOEXEC);
    keep_copy(fd);
    close(fd);
  }
}

std::string synced(const std::filesystem::path& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) != 0)
    return {};
  const auto kept = state().synced.find(about.st_ino);
  return kept == state().synced.end() ? std::string{} : kept->second;
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
