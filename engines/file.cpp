#include "engines/file.hpp"

#include "engines/assert.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

namespace intd {

namespace fs = std::filesystem;

namespace {

std::string_view advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space";
    case EACCES:
    case EPERM:
      return "; check its owner and mode";
    case EROFS:
      return "; mount its file system writable";
    case EIO:
      return "; check the disk";
    default:
      return "";
  }
}

result<void> sync_directory(const fs::path& path) {
  const auto name = path.empty() ? fs::path{"."} : path;
  return open_file(name, O_RDONLY | O_DIRECTORY)
    .and_then([&name](const file_descriptor& fd) -> result<void> {
      // Some file systems cannot sync a directory and say EINVAL; on those
      // there is nothing more to be done.
      if (fsync(fd.get()) != 0 && errno != EINVAL)
        return file_error("sync", name, errno);
      return {};
    });
}

result<void> move_into_place(const fs::path& from, const fs::path& to,
                             in_place how) {
  if (how == in_place::replace) {
    if (rename(from.c_str(), to.c_str()) != 0)
      return file_error("rename to", to, errno);
    return {};
  }
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE)
      == 0)
    return {};
  // A file system without RENAME_NOREPLACE has hard links, as a rule.
  if ((errno == EINVAL || errno == ENOSYS)
      && link(from.c_str(), to.c_str()) == 0) {
    unlink(from.c_str());
    return {};
  }
  if (errno == EEXIST)
    return fail(ec::in_use, to.string() + " was made by another process");
  return file_error("put in place", to, errno);
}

result<void> write_new(const fs::path& path, std::string_view bytes,
                       bool synced) {
  auto fd = open_file(path, O_RDWR | O_CREAT | O_TRUNC);
  if (!fd)
    return tl::unexpected{std::move(fd.error())};
  if (auto done = preallocate(*fd, bytes.size(), path); !done)
    return done;
  if (auto done = write_at(*fd, bytes, 0, path); !done)
    return done;
  return synced ? sync(*fd, path) : result<void>{};
}

} // namespace

file_descriptor::file_descriptor(file_descriptor&& other) noexcept
  : fd_{std::exchange(other.fd_, -1)} {
}

file_descriptor& file_descriptor::operator=(file_descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

file_descriptor::~file_descriptor() {
  if (fd_ >= 0)
    close(fd_);
}

tl::unexpected<error> file_error(std::string_view verb, const fs::path& path,
                                 int error_number) {
  std::string text{"cannot "};
  text.append(verb).append(" ").append(path.string()).append(": ");
  text.append(std::generic_category().message(error_number));
  return fail(ec::unavailable, text.append(advice(error_number)));
}

result<file_descriptor> open_file(const fs::path& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0)
    return file_error("open", path, errno);
  return file_descriptor{fd};
}

result<bool> try_lock(const file_descriptor& fd, const fs::path& path) {
  if (flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
    return true;
  if (errno != EWOULDBLOCK)
    return file_error("lock", path, errno);
  return false;
}

result<std::string> read_all(const file_descriptor& fd, const fs::path& path) {
  struct stat about {};
  if (fstat(fd.get(), &about) != 0)
    return file_error("read", path, errno);
  std::string bytes(static_cast<size_t>(about.st_size), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const auto got = pread(fd.get(), bytes.data() + done, bytes.size() - done,
                           static_cast<off_t>(done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return file_error("read", path, errno);
    if (got == 0)
      break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

result<void> write_at(const file_descriptor& fd, std::string_view bytes,
                      size_t offset, const fs::path& path) {
  while (!bytes.empty()) {
    const auto put = pwrite(fd.get(), bytes.data(), bytes.size(),
                            static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR)
      continue;
    if (put < 0)
      return file_error("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(put));
    offset += static_cast<size_t>(put);
  }
  return {};
}

result<void> preallocate(const file_descriptor& fd, size_t size,
                         const fs::path& path) {
  const int failed = posix_fallocate(fd.get(), 0, static_cast<off_t>(size));
  if (failed != 0)
    return file_error("reserve space for", path, failed);
  return {};
}

result<void> sync(const file_descriptor& fd, const fs::path& path) {
  if (fdatasync(fd.get()) != 0)
    return file_error("sync", path, errno);
  return {};
}

result<void> make_directories(const fs::path& path) {
  std::error_code ignored;
  if (path.empty() || fs::is_directory(path, ignored))
    return {};
  if (auto done = make_directories(path.parent_path()); !done)
    return done;
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return file_error("make directory", path, errno);
  return sync_directory(path.parent_path());
}

result<void> publish(const fs::path& path, std::string_view bytes,
                     in_place how) {
  auto draft = path;
  draft += ".new";
  // Only who holds a lock replaces; others may make the same file at once.
  if (how == in_place::keep)
    draft += "." + random_hex(4);
  auto done = write_new(draft, bytes, true).and_then([&draft, &path, how] {
    return move_into_place(draft, path, how);
  });
  if (!done) {
    unlink(draft.c_str());
    return done;
  }
  return sync_directory(path.parent_path());
}

result<void> publish_unsynced(const fs::path& path, std::string_view bytes) {
  auto draft = path;
  draft += ".new";
  return write_new(draft, bytes, false).and_then([&draft, &path] {
    return move_into_place(draft, path, in_place::replace);
  });
}

std::string random_hex(size_t bytes) {
  std::string digits;
  digits.reserve(bytes * 2);
  for (size_t i = 0; i < bytes; ++i) {
    unsigned char byte = 0;
    // Up to 256 bytes are never interrupted once the pool is initialised.
    while (getrandom(&byte, 1, 0) != 1)
      INTD_ASSERT(errno == EINTR);
    constexpr std::string_view hex = "0123456789abcdef";
    digits += hex[byte >> 4];
    digits += hex[byte & 15];
  }
  return digits;
}

} // namespace intd
