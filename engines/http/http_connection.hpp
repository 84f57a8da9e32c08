// One HTTP connection, kept open: how the engines `rqlite` and `http` reach
// their stores. A request goes out by libcurl and its answer comes back whole,
// or as an error with what to do about it; what an answer means is the
// engine's business. A redirect is an answer like any other.
//
// Where the server had closed a kept connection before a byte of an answer
// came, libcurl sends the request once more on a new one: a store may then
// have reserved integers that nobody gets. Nothing else is sent twice.
// Proxies of the environment are not used: one that caches or repeats has no
// place before a store.
#pragma once

#include "engines/dsn.hpp"
#include "engines/store_options.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace intd {

enum class http_method { get, post, put };

/// What proves who asks: a server's user and password, or its password alone
/// as a bearer token (RFC 6750).
enum class http_login { basic, bearer };

struct http_request {
  http_method method = http_method::get;
  /// With its query; begins with a slash.
  std::string path;
  /// Of POST and PUT.
  std::string body;
};

struct http_answer {
  int status = 0;
  /// In lower case, without parameters, e.g. "application/json".
  std::string content_type;
  /// Where a redirect points, absolute; empty without one.
  std::string location;
  /// At most `max_http_body` bytes.
  std::string body;
};

/// A longer answer is an error: no store has that much to say.
inline constexpr size_t max_http_body = size_t{1} << 20;

/// Writes "http://host:port", for messages: nothing in it is secret.
[[nodiscard]] std::string url_of(const server& at);

/// Reads host and port of an absolute URL, and whether it is https; nothing
/// where it is none.
[[nodiscard]] std::optional<server> server_of_url(const std::string& url);

class http_connection {
public:
  http_connection(http_login login, const store_options& options);
  http_connection(http_connection&&) noexcept;
  http_connection& operator=(http_connection&&) noexcept;
  ~http_connection();

  /// Sends a request (its body as `content_type`) and waits for the answer,
  /// whatever its status. Fails with `timeout` or `unavailable`, and the
  /// connection is closed then: no late answer can be taken for another's.
  [[nodiscard]] result<http_answer>
  send(const server& to, const http_request& what, const char* content_type);

  /// Closes it; the next request opens another.
  void close();

private:
  friend class http_group;
  struct exchange;

  std::unique_ptr<exchange> exchange_;
};

/// Servers that are asked at the same time, each by a connection of its own,
/// so that one that is dead or frozen keeps nobody waiting.
class http_group {
public:
  struct told {
    size_t tag = 0;
    result<http_answer> answer;
  };

  http_group(http_login login, const store_options& options);
  ~http_group();

  /// Sends a GET; its outcome is told with `tag` by `bound` at the latest.
  void get(size_t tag, const server& to, const std::string& path,
           std::chrono::milliseconds bound);

  /// Waits for the next outcome, at most `bound`.
  [[nodiscard]] std::optional<told> next(std::chrono::milliseconds bound);

  /// Tells whether an outcome is still to come.
  [[nodiscard]] bool waiting() const;

private:
  struct state;

  std::unique_ptr<state> state_;
};

} // namespace intd
