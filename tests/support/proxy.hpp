// A TCP proxy between a client under test and a real server, both on this
// machine: it makes the faults of networks that a server's death does not. A
// stalled connection stays open, an answer is lost after the request was
// carried out, an answer ends in its middle.
//
// What is set holds for every byte that arrives after the call returned, on the
// connections that there are and on later ones, and ends what was set before.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace intd::test {

class proxy {
public:
  /// Listens on a free port of 127.0.0.1 and forwards to `target` there. Throws
  /// `std::runtime_error` where that is impossible.
  explicit proxy(uint16_t target);
  proxy(const proxy&) = delete;
  proxy& operator=(const proxy&) = delete;

  /// Closes every connection and waits for its thread.
  ~proxy();

  [[nodiscard]] uint16_t port() const {
    return port_;
  }

  /// Forwards everything, as at first; ends what the calls below began.
  void forward();

  /// Forwards nothing in either direction, and closes nothing.
  void stall();

  /// Forwards requests, and swallows what the server answers.
  void drop_answers();

  /// Forwards every answer that much later.
  void delay(std::chrono::milliseconds by);

  /// Resets both sides of every connection. New ones are welcome.
  void cut();

  /// Resets new connections at once. Those that there are stay.
  void refuse();

  /// Forwards that many bytes of answers on each connection; with the first
  /// byte beyond, it closes both sides.
  void truncate_answers(size_t bytes);

  /// Returns how many connections it was asked for so far.
  [[nodiscard]] size_t connections() const;

  /// Returns how many bytes of answers it swallowed or cut off so far.
  [[nodiscard]] size_t swallowed() const;

private:
  struct settings {
    bool stalled = false;
    bool dropping = false;
    bool refusing = false;
    std::chrono::milliseconds delay{0};
    std::optional<size_t> answer_bytes = std::nullopt;
  };
  struct link;

  void set(const settings& wanted);
  void wake() const;
  void run();
  void serve();
  void accept();
  bool take_bytes(link& x, bool answers);
  bool take_answer(link& x, std::string bytes);
  [[nodiscard]] bool is_over(link& x);

  uint16_t target_;
  uint16_t port_ = 0;
  int listener_ = -1;
  int wake_ = -1;

  // The thread holds it except while it waits.
  mutable std::mutex mutex_;
  bool ending_ = false;
  settings settings_;
  std::list<std::unique_ptr<link>> links_;
  size_t connections_ = 0;
  size_t swallowed_ = 0;

  std::thread thread_;
};

} // namespace intd::test
