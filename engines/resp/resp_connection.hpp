// One connection to a store that speaks Redis's protocol (RESP2). The engines
// redis and summitdb send commands here; hiredis writes and reads the protocol,
// the socket and its deadlines are ours.
//
// Whatever goes wrong is the last thing on a connection: it is closed, and
// every later call answers the same error. So a late answer is never read as
// that of the next command.
#pragma once

#include "engines/dial.hpp"
#include "engines/dsn.hpp"
#include "engines/store_options.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace intd {

/// An answer. One that is an error is a value, too: what it means depends on
/// the command.
struct resp_value {
  enum class kind { nil, integer, text, failure, list };

  kind is = kind::nil;
  int64_t integer = 0;
  /// The bytes of a text, or of a failure, e.g. "READONLY You can't ...".
  std::string text;
  std::vector<resp_value> items;

  /// Tells whether it is a failure that begins with `word`.
  [[nodiscard]] bool fails_with(std::string_view word) const {
    return is == kind::failure && text.starts_with(word);
  }
};

/// A command and its arguments, as bytes.
using resp_command = std::vector<std::string_view>;

class resp_connection {
public:
  /// Connects, within the connect timeout. `store` is what messages call it,
  /// e.g. "redis". Fails with `unavailable` or `timeout`.
  [[nodiscard]] static result<resp_connection>
  open(std::string_view store, const server& at, const store_options& options);

  /// Takes a socket that is connected, or connects at present.
  resp_connection(std::string where, file_descriptor fd,
                  const store_options& options);

  /// Sends a command and reads its answer. Fails with `unavailable` or
  /// `timeout`; whether the store carried it out is then unknown.
  [[nodiscard]] result<resp_value> ask(const resp_command& command);

  /// Sends several commands in one write and reads an answer to each.
  [[nodiscard]] result<std::vector<resp_value>>
  ask_together(const std::vector<resp_command>& commands);

  /// Lets go of the socket; every later call fails with `why`.
  void close(error why);

  /// Tells which store this is in messages, e.g. "redis at db:6379".
  [[nodiscard]] const std::string& where() const {
    return where_;
  }

  /// For several connections at a time: queues a command, writes as much as
  /// the socket takes (true: all), reads what there is of one answer.
  void queue(const resp_command& command);
  [[nodiscard]] result<bool> write_some();
  [[nodiscard]] result<std::optional<resp_value>> read_some();
  [[nodiscard]] const file_descriptor& socket() const {
    return fd_;
  }

private:
  struct reader_closer {
    void operator()(redisReader* x) const;
  };

  [[nodiscard]] result<void> expect_silence();
  [[nodiscard]] result<void> send_all();
  [[nodiscard]] result<resp_value> receive();
  [[nodiscard]] result<bool> fill();
  [[nodiscard]] result<std::optional<resp_value>> next_reply();
  [[nodiscard]] tl::unexpected<error> break_off(ec code, std::string what);

  std::string where_;
  file_descriptor fd_;
  std::chrono::milliseconds answer_timeout_;
  lookout lookout_;
  std::unique_ptr<redisReader, reader_closer> reader_;
  std::string unsent_;
  size_t fed_ = 0;
  std::optional<error> fault_;
};

} // namespace intd
