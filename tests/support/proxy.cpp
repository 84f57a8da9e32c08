#include "tests/support/proxy.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// More bytes than this that wait for one side are left with the kernel.
constexpr size_t most_waiting = 1 << 20;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

int tcp_socket() {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0)
    throw std::runtime_error("a proxy gets no socket");
  return fd;
}

// The other side sees a reset, not an orderly end.
void reset(int fd) {
  linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(fd);
}

struct chunk {
  steady_clock::time_point due;
  std::string bytes;
};

// One direction of a connection.
struct direction {
  int from = -1;
  int to = -1;
  std::deque<chunk> waiting{};
  size_t size = 0;
  /// `from` sent its end; `to` was told so.
  bool ended = false;
  bool end_sent = false;

  [[nodiscard]] bool reads() const {
    return !ended && size < most_waiting;
  }

  [[nodiscard]] bool writes(steady_clock::time_point now) const {
    return !waiting.empty() && waiting.front().due <= now;
  }

  void push(std::string bytes, steady_clock::time_point due) {
    size += bytes.size();
    waiting.push_back({due, std::move(bytes)});
  }

  // Sends what is due; false where the connection is gone.
  bool flush(steady_clock::time_point now) {
    while (writes(now)) {
      auto& bytes = waiting.front().bytes;
      auto sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0)
        return errno == EAGAIN || errno == EINTR;
      size -= static_cast<size_t>(sent);
      bytes.erase(0, static_cast<size_t>(sent));
      if (bytes.empty())
        waiting.pop_front();
    }
    if (ended && waiting.empty() && !std::exchange(end_sent, true))
      ::shutdown(to, SHUT_WR);
    return true;
  }
};

} // namespace

struct proxy::link {
  link(int client, int server)
    : requests{client, server}, answers{server, client} {
    // nop
  }

  link(const link&) = delete;
  link& operator=(const link&) = delete;

  ~link() {
    bool orderly = requests.end_sent && answers.end_sent;
    for (int fd : {requests.from, requests.to})
      orderly ? void(::close(fd)) : reset(fd);
  }

  direction requests;
  direction answers;
  std::optional<size_t> answer_bytes = std::nullopt;
  bool cut = false;
};

proxy::proxy(uint16_t target) : target_{target} {
  listener_ = tcp_socket();
  auto address = loopback(0);
  auto* name = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  wake_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake_ < 0 || ::bind(listener_, name, size) != 0
      || ::listen(listener_, SOMAXCONN) != 0
      || ::getsockname(listener_, name, &size) != 0)
    throw std::runtime_error("a proxy cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread{[this] {
    run();
  }};
}

proxy::~proxy() {
  {
    std::lock_guard lock{mutex_};
    ending_ = true;
  }
  wake();
  thread_.join();
  ::close(listener_);
  ::close(wake_);
}

void proxy::wake() const {
  uint64_t one = 1;
  // It can only fail where the thread is to wake up already.
  [[maybe_unused]] auto size = ::write(wake_, &one, sizeof one);
}

void proxy::set(const settings& wanted) {
  {
    std::lock_guard lock{mutex_};
    settings_ = wanted;
    for (auto& x : links_)
      x->answer_bytes = wanted.answer_bytes;
  }
  wake();
}

void proxy::forward() {
  set({});
}

void proxy::stall() {
  set({.stalled = true});
}

void proxy::drop_answers() {
  set({.dropping = true});
}

void proxy::delay(milliseconds by) {
  set({.delay = by});
}

void proxy::refuse() {
  set({.refusing = true});
}

void proxy::truncate_answers(size_t bytes) {
  set({.answer_bytes = bytes});
}

void proxy::cut() {
  {
    std::lock_guard lock{mutex_};
    for (auto& x : links_)
      x->cut = true;
  }
  wake();
}

size_t proxy::connections() const {
  std::lock_guard lock{mutex_};
  return connections_;
}

size_t proxy::swallowed() const {
  std::lock_guard lock{mutex_};
  return swallowed_;
}

void proxy::run() {
  std::unique_lock lock{mutex_};
  while (!ending_) {
    auto now = steady_clock::now();
    auto due = steady_clock::time_point::max();
    std::vector<pollfd> all{{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    auto watch = [&](const direction& x) {
      // One that nothing is wanted of is not watched at all, as poll(2) tells
      // of its end even so.
      if (x.reads())
        all.push_back({x.from, POLLIN, 0});
      if (x.writes(now))
        all.push_back({x.to, POLLOUT, 0});
      else if (!x.waiting.empty())
        due = std::min(due, x.waiting.front().due);
    };
    for (auto& x : links_)
      if (!settings_.stalled) {
        watch(x->requests);
        watch(x->answers);
      }
    int bound = -1;
    if (due != steady_clock::time_point::max())
      bound
        = static_cast<int>(std::chrono::ceil<milliseconds>(due - now).count());
    lock.unlock();
    ::poll(all.data(), all.size(), bound);
    lock.lock();
    serve();
  }
  links_.clear();
}

void proxy::serve() {
  uint64_t count = 0;
  [[maybe_unused]] auto size = ::read(wake_, &count, sizeof count);
  accept();
  std::erase_if(links_, [this](auto& x) {
    return is_over(*x);
  });
}

void proxy::accept() {
  int client = -1;
  while ((client = ::accept4(listener_, nullptr, nullptr,
                             SOCK_NONBLOCK | SOCK_CLOEXEC))
         >= 0) {
    ++connections_;
    if (settings_.refusing) {
      reset(client);
      continue;
    }
    int server = tcp_socket();
    int on = 1;
    for (int fd : {client, server})
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto address = loopback(target_);
    // Whether that works is told by the first read or write.
    ::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address);
    links_.push_back(std::make_unique<link>(client, server));
    links_.back()->answer_bytes = settings_.answer_bytes;
  }
}

// Moves what there is to move; true where the connection is to be forgotten.
bool proxy::is_over(link& x) {
  if (x.cut)
    return true;
  if (settings_.stalled)
    return false;
  if (!take_bytes(x, false) || !take_bytes(x, true))
    return true;
  auto now = steady_clock::now();
  return !x.requests.flush(now) || !x.answers.flush(now)
    || (x.requests.end_sent && x.answers.end_sent);
}

// Reads from one side; false where the connection is to be reset.
bool proxy::take_bytes(link& x, bool answers) {
  auto& side = answers ? x.answers : x.requests;
  std::array<char, 65'536> block;
  while (side.reads()) {
    auto size = ::recv(side.from, block.data(), block.size(), 0);
    if (size < 0)
      return errno == EAGAIN || errno == EINTR;
    side.ended = size == 0;
    std::string bytes{block.data(), static_cast<size_t>(size)};
    if (!answers && size > 0)
      side.push(std::move(bytes), steady_clock::now());
    else if (size > 0 && !take_answer(x, std::move(bytes)))
      return false;
  }
  return true;
}

// Does with an answer what is set; false where the connection is to be reset.
bool proxy::take_answer(link& x, std::string bytes) {
  if (settings_.dropping) {
    swallowed_ += bytes.size();
    return true;
  }
  bool whole = true;
  if (x.answer_bytes) {
    whole = bytes.size() <= *x.answer_bytes;
    if (!whole) {
      swallowed_ += bytes.size() - *x.answer_bytes;
      bytes.resize(*x.answer_bytes);
    }
    *x.answer_bytes -= bytes.size();
  }
  auto now = steady_clock::now();
  x.answers.push(std::move(bytes), now + settings_.delay);
  if (!whole) {
    // A reset would take along what the client has not read yet.
    x.answers.ended = true;
    x.requests.ended = true;
    x.requests.waiting.clear();
  }
  return true;
}

} // namespace intd::test
