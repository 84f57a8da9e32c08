#include "tests/servers/store_server.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
namespace fs = std::filesystem;

// The slowest of them, below a sanitizer's load, needs seconds.
constexpr milliseconds start_bound{60'000};
constexpr milliseconds end_bound{60'000};
constexpr milliseconds look_again{10};

// Below the ports that the kernel gives to clients (ip_local_port_range).
constexpr uint16_t first_port = 20'000;
constexpr uint16_t port_count = 12'000;

// Holds a name of the machine's abstract sockets: it is free again when the
// process ends, however that happens. -1 where another process holds it.
int lock_port(uint16_t port) {
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto name = "intd-test-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
  if (fd >= 0
      && ::bind(fd, reinterpret_cast<sockaddr*>(&address),
                static_cast<socklen_t>(size))
        == 0)
    return fd;
  if (fd >= 0)
    ::close(fd);
  return -1;
}

bool is_free(uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bool bound
    = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return bound;
}

// A directory is some process's as long as that holds the lock of this file.
constexpr auto lock_name = "lock";

int lock_home(const fs::path& home, int flags) {
  int fd = ::open((home / lock_name).c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0)
    return fd;
  if (fd >= 0)
    ::close(fd);
  return -1;
}

// Removes what tests left behind that were killed.
void remove_orphans(const fs::path& parent, std::string_view prefix) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{parent, ignored}) {
    if (!entry.path().filename().string().starts_with(prefix))
      continue;
    int lock = lock_home(entry.path(), 0);
    if (lock < 0)
      continue;
    fs::remove_all(entry.path(), ignored);
    ::close(lock);
  }
}

// On a disk, as /tmp often is not, and short enough for the name of a socket.
fs::path make_home() {
  constexpr auto prefix = "intd-store-";
  const fs::path parent = "/var/tmp";
  [[maybe_unused]] static const bool once
    = (remove_orphans(parent, prefix), true);
  auto name = (parent / prefix).string() + "XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("cannot make a directory in /var/tmp");
  return name;
}

void copy_tree(const fs::path& from, const fs::path& to) {
  fs::copy(from, to, fs::copy_options::recursive);
}

} // namespace

fs::path servers_cache() {
  // NOLINTBEGIN(concurrency-mt-unsafe)
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  // NOLINTEND(concurrency-mt-unsafe)
  fs::path base = home != nullptr && *home == '/' ? home : "/var/tmp";
  base /= ".cache";
  if (cache != nullptr && *cache == '/')
    base = cache;
  return base / "intd" / "servers";
}

own_port::own_port() {
  static std::mt19937 random{std::random_device{}()};
  std::uniform_int_distribution<int> any{first_port,
                                         first_port + port_count - 1};
  for (int tries = 0; tries < port_count; ++tries) {
    number_ = static_cast<uint16_t>(any(random));
    lock_ = lock_port(number_);
    if (lock_ >= 0 && is_free(number_))
      return;
    if (lock_ >= 0)
      ::close(lock_);
  }
  throw std::runtime_error("no port of 127.0.0.1 is free");
}

own_port::~own_port() {
  ::close(lock_);
}

store_server::store_server()
  : home_{make_home()}, lock_{lock_home(home_, O_CREAT)} {
  // nop
}

store_server::~store_server() {
  child_.reset();
  std::error_code ignored;
  fs::remove_all(home_, ignored);
  ::close(lock_);
}

std::string store_server::log() const {
  return child_
    ? old_logs_ + child_->standard_output() + child_->standard_error()
    : old_logs_;
}

void store_server::launch() {
  if (running())
    throw std::runtime_error(dsn() + " runs already");
  if (!fs::exists(data())) {
    fs::create_directories(data());
    make_data();
  }
  old_logs_ = log();
  child_ = std::make_unique<process>(command_line());
}

void store_server::start() {
  launch();
  wait_until_it_answers();
}

void store_server::wait_until_it_answers() {
  auto deadline = steady_clock::now() + start_bound;
  while (!answers())
    if (child_->wait(look_again) || steady_clock::now() > deadline)
      throw std::runtime_error(dsn() + " does not start: " + log());
}

void store_server::stop() {
  if (!running())
    return;
  child_->signal(SIGTERM);
  child_->signal(SIGCONT);
  if (!child_->wait(end_bound))
    throw std::runtime_error(dsn() + " does not stop: " + log());
}

void store_server::kill() {
  if (!running())
    return;
  child_->signal(SIGKILL);
  if (!child_->wait(end_bound))
    throw std::runtime_error(dsn() + " survives SIGKILL");
}

void store_server::restart() {
  kill();
  start();
}

void store_server::freeze() {
  child_->signal(SIGSTOP);
  auto deadline = steady_clock::now() + end_bound;
  while (child_->state() != 'T')
    if (child_->wait(milliseconds{1}) || steady_clock::now() > deadline)
      throw std::runtime_error(dsn() + " does not freeze: " + log());
}

void store_server::thaw() {
  child_->signal(SIGCONT);
}

void store_server::forget() {
  kill();
  fs::remove_all(data());
}

void store_server::empty() {
  forget();
  start();
}

void store_server::snapshot(const fs::path& to) {
  bool ran = running();
  stop();
  fs::create_directories(to.parent_path());
  copy_tree(data(), to);
  if (ran)
    start();
}

void store_server::restore(const fs::path& from) {
  bool ran = running();
  stop();
  forget();
  copy_tree(from, data());
  if (ran)
    start();
}

} // namespace intd::test
