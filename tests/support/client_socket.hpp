// A TCP connection to a server on this machine, as a test's client needs it:
// every call ends by a deadline, and what went wrong is told apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace intd::test {

using time_point = std::chrono::steady_clock::time_point;

/// Returns the time `bound` from now.
[[nodiscard]] time_point in(std::chrono::milliseconds bound);

class client_socket {
public:
  /// What a read brought.
  enum class event {
    bytes,
    /// The server ended its side.
    end,
    /// The connection was reset.
    reset,
    /// Nothing came before the deadline.
    nothing,
  };

  /// Connects to 127.0.0.1; nothing where it is refused or takes too long.
  /// `receive_buffer`: the kernel's, in bytes; 0 leaves the default.
  [[nodiscard]] static std::optional<client_socket>
  connect(uint16_t port, time_point deadline, int receive_buffer = 0);

  /// The same, to an IPv4 address.
  [[nodiscard]] static std::optional<client_socket>
  connect(const std::string& address, uint16_t port, time_point deadline,
          int receive_buffer = 0);

  client_socket(client_socket&& other) noexcept;
  client_socket& operator=(client_socket&& other) noexcept;
  ~client_socket();

  /// Sends all of it; false where the connection is gone or does not take it
  /// before the deadline.
  [[nodiscard]] bool send(std::string_view bytes, time_point deadline);

  /// Sends what the kernel takes at once and returns how many bytes it took,
  /// or nothing where the connection is gone.
  [[nodiscard]] std::optional<size_t> send_some(std::string_view bytes);

  /// Appends what has come, once anything has.
  [[nodiscard]] event receive(std::string& to, time_point deadline);

  /// Appends everything up to the end of the stream; the event that ended it.
  event receive_all(std::string& to, time_point deadline);

  /// Ends this side only (half-close).
  void end_output();

  [[nodiscard]] int descriptor() const {
    return fd_;
  }

private:
  explicit client_socket(int fd) : fd_(fd) {
    // nop
  }

  int fd_ = -1;
};

} // namespace intd::test
