#include "tests/netns/network.hpp"

#include "tests/support/client_socket.hpp"
#include "tests/support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

namespace intd::test {

namespace {

using namespace std::chrono_literals;

// Of a command that configures the kernel, on a machine that is busy.
constexpr std::chrono::milliseconds command_bound = 30s;

// Of a packet, on a machine that is busy.
constexpr std::chrono::milliseconds patience = 1s;

void unshare_network() {
  if (::unshare(CLONE_NEWNET) != 0)
    throw std::runtime_error(std::string{"no network namespace can be made: "}
                             + std::strerror(errno)
                             + "; run this test as root");
}

// Makes a namespace that lives as long as its descriptor.
int new_namespace() {
  int fd = -1;
  std::string problem;
  std::thread maker{[&fd, &problem] {
    try {
      unshare_network();
      fd = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    } catch (const std::runtime_error& x) {
      problem = x.what();
    }
  }};
  maker.join();
  if (fd < 0)
    throw std::runtime_error(problem.empty() ? std::strerror(errno) : problem);
  return fd;
}

// Runs something in a namespace: sockets that it opens stay there.
void in_namespace(int fd, const std::function<void()>& what) {
  bool entered = false;
  std::thread{[fd, &what, &entered] {
    entered = ::setns(fd, CLONE_NEWNET) == 0;
    if (entered)
      what();
  }}.join();
  if (!entered)
    throw std::runtime_error("a network namespace cannot be entered");
}

class datagram_socket {
public:
  datagram_socket() = default;
  datagram_socket(const datagram_socket&) = delete;
  datagram_socket& operator=(const datagram_socket&) = delete;

  ~datagram_socket() {
    ::close(fd_);
  }

  void open() {
    fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  }

  void bind(const std::string& address, uint16_t port) const {
    auto where = at(address, port);
    ::bind(fd_, reinterpret_cast<const sockaddr*>(&where), sizeof where);
  }

  void send(const std::string& address, uint16_t port) const {
    auto where = at(address, port);
    ::sendto(fd_, "x", 1, 0, reinterpret_cast<const sockaddr*>(&where),
             sizeof where);
  }

  [[nodiscard]] bool receives() const {
    pollfd watched{fd_, POLLIN, 0};
    return ::poll(&watched, 1, static_cast<int>(patience.count())) > 0;
  }

private:
  static sockaddr_in at(const std::string& address, uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &out.sin_addr);
    return out;
  }

  int fd_ = -1;
};

std::string path_of(int fd) {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd);
}

std::string must_run(const std::vector<std::string>& arguments) {
  std::string output;
  auto how = run({arguments, {}, 0}, command_bound, output);
  if (how && how->status == 0)
    return output;
  std::string line;
  for (const auto& word : arguments)
    line += word + " ";
  throw std::runtime_error(line + "failed: " + output
                           + "; iproute2, nftables and util-linux are needed");
}

std::string link_of(size_t node) {
  return "node" + std::to_string(node);
}

} // namespace

network::network(size_t nodes) {
  unshare_network();
  must_run({"ip", "link", "set", "lo", "up"});
  must_run({"ip", "link", "add", "bridge", "type", "bridge"});
  must_run({"ip", "address", "add", "10.74.0.1/24", "dev", "bridge"});
  must_run({"ip", "link", "set", "bridge", "up"});
  for (size_t i = 0; i < nodes; ++i)
    add_node(i);
}

network::~network() {
  for (int fd : namespaces_)
    ::close(fd);
}

void network::add_node(size_t node) {
  namespaces_.push_back(new_namespace());
  must_run({"ip", "link", "add", link_of(node), "type", "veth", "peer", "name",
            "eth0", "netns", path_of(namespaces_.back())});
  must_run({"ip", "link", "set", link_of(node), "master", "bridge", "up"});
  run_in(node, {"ip", "link", "set", "lo", "up"});
  run_in(node, {"ip", "address", "add", address(node) + "/24", "dev", "eth0"});
  run_in(node, {"ip", "link", "set", "eth0", "up"});
  run_in(node,
         {"nft",
          "add table ip cut; add set ip cut lost { type ipv4_addr"
          "; }; add chain ip cut in { type filter hook input "
          "priority 0; }; add rule ip cut in ip saddr @lost drop"});
}

std::string network::address(size_t node) {
  return "10.74.0." + std::to_string(node + 2);
}

std::vector<std::string> network::wrapper(size_t node) const {
  return {"nsenter", "--net=" + path_of(namespaces_.at(node))};
}

std::string network::run_in(size_t node,
                            const std::vector<std::string>& what) const {
  auto all = wrapper(node);
  all.insert(all.end(), what.begin(), what.end());
  return must_run(all);
}

void network::cut_one_way(size_t from, size_t to) {
  run_in(to, {"nft", "add element ip cut lost { " + address(from) + " }"});
}

void network::cut(size_t one, size_t other) {
  cut_one_way(one, other);
  cut_one_way(other, one);
}

void network::cut_off(size_t node) {
  for (size_t i = 0; i < nodes(); ++i)
    if (i != node)
      cut(node, i);
}

void network::heal() {
  for (size_t i = 0; i < nodes(); ++i)
    run_in(i, {"nft", "flush set ip cut lost"});
}

void network::unplug(size_t node) {
  must_run({"ip", "link", "set", link_of(node), "down"});
}

void network::plug(size_t node) {
  must_run({"ip", "link", "set", link_of(node), "up"});
}

bool network::connects(size_t from, size_t to, uint16_t port) const {
  bool connected = false;
  in_namespace(namespaces_.at(from), [&connected, to, port] {
    connected
      = client_socket::connect(address(to), port, in(patience)).has_value();
  });
  return connected;
}

bool network::delivers(size_t from, size_t to) const {
  constexpr uint16_t port = 7421;
  datagram_socket receiver;
  datagram_socket sender;
  in_namespace(namespaces_.at(to), [&receiver, to] {
    receiver.open();
    receiver.bind(address(to), port);
  });
  in_namespace(namespaces_.at(from), [&sender] {
    sender.open();
  });
  sender.send(address(to), port);
  return receiver.receives();
}

} // namespace intd::test
