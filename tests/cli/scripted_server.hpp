// A server that says what the test tells it to: one script for each connection,
// in order, on a thread of its own.
#pragma once

#include <boost/test/unit_test.hpp>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace intd::test {

/// The server's side of a connection.
class server_side {
public:
  explicit server_side(int fd) : fd_(fd) {
    // nop
  }

  /// Waits for the end of a request, and returns it; what came of it where the
  /// client closes before.
  std::string read_request() {
    std::array<char, 4096> block{};
    while (!whole()) {
      auto size = ::recv(fd_, block.data(), block.size(), 0);
      if (size <= 0)
        break;
      received_.append(block.data(), static_cast<size_t>(size));
    }
    return std::exchange(received_, {});
  }

  void send(std::string_view bytes) {
    std::ignore = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  }

  /// Answers a request over HTTP, and returns it.
  std::string answer(std::string_view status, std::string_view body) {
    auto request = read_request();
    send("HTTP/1.1 " + std::string{status} + "\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + std::string{body});
    return request;
  }

  /// Waits until the client closes.
  void wait_for_close() {
    std::array<char, 4096> block{};
    while (::recv(fd_, block.data(), block.size(), 0) > 0) {
    }
  }

private:
  // Whether the head is there, and as much of a body as it announces.
  [[nodiscard]] bool whole() const {
    constexpr std::string_view field = "Content-Length: ";
    auto end = received_.find("\r\n\r\n");
    if (end == std::string::npos)
      return false;
    auto length = received_.find(field);
    return length > end
      || received_.size() - end - 4
      >= std::stoul(received_.substr(length + field.size()));
  }

  int fd_;
  std::string received_;
};

class scripted_server {
public:
  using script = std::function<void(server_side&)>;

  explicit scripted_server(std::vector<script> scripts) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    BOOST_TEST_REQUIRE(
      ::bind(fd_, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0);
    BOOST_TEST_REQUIRE(::listen(fd_, 8) == 0);
    socklen_t size = sizeof(where);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&where), &size);
    port_ = ntohs(where.sin_port);
    thread_ = std::thread{[this, all = std::move(scripts)] {
      serve(all);
    }};
  }

  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  /// Ends what still waits for a client.
  ~scripted_server() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }

  [[nodiscard]] uint16_t port() const {
    return port_;
  }

private:
  void serve(const std::vector<script>& all) const {
    for (const auto& x : all) {
      int fd = ::accept(fd_, nullptr, nullptr);
      if (fd < 0)
        return;
      server_side side{fd};
      x(side);
      ::close(fd);
    }
  }

  int fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  uint16_t port_ = 0;
  std::thread thread_;
};

} // namespace intd::test
