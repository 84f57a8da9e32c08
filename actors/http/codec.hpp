// HTTP/1.1 as plain functions: bytes of a request to a request, an answer to
// its bytes (RFC 9110, 9112; problems by RFC 9457). No sockets, no actors.
#pragma once

#include "engines/error.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace intd::http {

/// How one request wants to be answered.
struct manner {
  /// The connection stays open after the answer.
  bool keep_alive = false;
  /// HTTP/1.1 rather than 1.0.
  bool http11 = true;
  /// A HEAD request: everything but the body.
  bool head = false;

  /// Packs it into the flags of a ticket, and back.
  [[nodiscard]] uint32_t flags() const;
  [[nodiscard]] static manner from_flags(uint32_t flags);
};

/// What a request asks for.
enum class endpoint {
  integer, ///< GET /
  nothing, ///< HEAD /
  ping,
  health,
  ready,
  v1, ///< anything below /v1/: see v1.hpp and admin.hpp
  not_found,
  not_allowed,
};

/// Names the endpoint of a method and a request target (RFC 9112, section
/// 3.2: origin or absolute form; a query is passed over).
[[nodiscard]] endpoint route(boost::beast::http::verb method,
                             std::string_view target);

/// Cuts scheme and authority off a target in absolute form.
[[nodiscard]] std::string_view origin_form(std::string_view target);

/// A request below /v1/ as it came in, for v1.hpp and admin.hpp to read.
struct v1_message {
  /// The most bytes of a body that are kept: more than any that is taken has.
  static constexpr size_t body_max = 512;

  boost::beast::http::verb method = boost::beast::http::verb::unknown;
  std::string target;
  /// The values of these fields; several of one name are joined by commas.
  std::string accept;
  std::string authorization;
  /// Its first `body_max` bytes.
  std::string body;

  void add_field(boost::beast::http::field name, std::string_view value);
  void add_body(std::string_view part);
};

/// One request, parsed as its bytes come in; bodies are skipped but for /v1/.
/// Nothing is allocated for another request that fits one read.
class request_parser final : public boost::beast::http::basic_parser<true> {
public:
  request_parser(size_t header_max, size_t body_max);

  [[nodiscard]] endpoint asks_for() const {
    return asks_for_;
  }

  [[nodiscard]] manner wanted() const;

  /// The request, where it asks for `endpoint::v1`.
  [[nodiscard]] const v1_message& v1() const {
    return *v1_;
  }

private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  using field = boost::beast::http::field;

  void on_request_impl(boost::beast::http::verb method, string_view,
                       string_view target, int version, error_code&) override;
  void on_field_impl(field name, string_view, string_view value,
                     error_code& code) override;
  void on_header_impl(error_code& code) override;
  size_t on_body_impl(string_view body, error_code&) override;
  size_t on_chunk_body_impl(uint64_t, string_view body, error_code&) override;
  void on_body_init_impl(const boost::optional<uint64_t>&,
                         error_code&) override;
  void on_chunk_header_impl(uint64_t, string_view, error_code&) override;
  void on_finish_impl(error_code&) override;
  void on_response_impl(int, string_view, int, error_code&) override;

  endpoint asks_for_ = endpoint::not_found;
  bool head_ = false;
  bool http11_ = false;
  bool has_host_ = false;
  std::unique_ptr<v1_message> v1_;
};

/// An HTTP status with the title of its problem.
struct status {
  int code = 200;
  std::string_view reason;
};

/// The status that answers bytes which are no request we take.
[[nodiscard]] status status_of(const boost::beast::error_code& bad_request);

/// The status that answers an error of ours.
[[nodiscard]] status status_of(ec code);

/// The same for an operator's order: what will not go by trying again (a stripe
/// that is another's, a store in use) is a conflict.
[[nodiscard]] status status_of_order(ec code);

/// What a request is refused with.
struct problem {
  status what;
  /// The name of an `ec`, e.g. "too_small"; empty: none.
  std::string_view code = {};
  std::string detail = {};
  /// Header lines of its own, each with its line end.
  std::string_view fields = {};
  /// The greatest value that is allowed; 0 where it is not about that.
  int64_t max = 0;
};

/// Appends an answer with a body, whose type is `type`.
void append_answer(std::string& out, status what, std::string_view type,
                   std::string_view body, manner how);

/// Appends a 204, which has no body.
void append_done(std::string& out, manner how);

/// Appends an integer's digits.
void append_digits(std::string& out, int64_t value);

/// Appends a 200 whose body is the integer's digits and nothing else, with the
/// date of now. Never to be stored by a cache.
void append_integer(std::string& out, int64_t value, manner how);

/// Appends an answer with a plain text body.
void append_text(std::string& out, std::string_view text, manner how);

/// Appends an application/problem+json answer; a 503 carries Retry-After.
void append_problem(std::string& out, const problem& x, manner how);

} // namespace intd::http
