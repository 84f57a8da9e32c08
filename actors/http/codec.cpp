#include "actors/http/codec.hpp"

#include <boost/beast/http/error.hpp>
#include <nlohmann/json.hpp>

#include <charconv>
#include <ctime>
#include <utility>

namespace intd::http {

namespace beast = boost::beast;

namespace {

constexpr uint32_t keep_alive_flag = 1;
constexpr uint32_t http11_flag = 2;
constexpr uint32_t head_flag = 4;

constexpr status ok{200, "OK"};
constexpr status unavailable{503, "Service Unavailable"};

template <class Number>
void append_number(std::string& out, Number value) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

// The fields of every answer: Date, formatted once a second (RFC 9110, section
// 6.6.1), and that nothing is to be cached.
void append_fixed_fields(std::string& out) {
  static thread_local std::time_t second = -1;
  static thread_local std::string lines;
  if (auto now = std::time(nullptr); now != second) {
    char text[80];
    std::tm utc{};
    gmtime_r(&now, &utc);
    auto size = std::strftime(text, sizeof text,
                              "Date: %a, %d %b %Y %H:%M:%S GMT\r\n"
                              "Cache-Control: no-store\r\n",
                              &utc);
    lines.assign(text, size);
    second = now;
  }
  out += lines;
}

// All of a head that does not depend on the body.
void append_head(std::string& out, status what, manner how) {
  out += "HTTP/1.1 ";
  append_number(out, what.code);
  ((out += ' ') += what.reason) += "\r\n";
  append_fixed_fields(out);
  if (!how.keep_alive)
    out += "Connection: close\r\n";
  else if (!how.http11)
    out += "Connection: keep-alive\r\n";
  if (what.code == 503)
    out += "Retry-After: 1\r\n";
}

// Known in this file alone, so that what is constant is folded.
void append_with_body(std::string& out, status what, std::string_view type,
                      std::string_view body, manner how,
                      std::string_view fields) {
  append_head(out, what, how);
  if (!fields.empty())
    out += fields;
  (out += "Content-Type: ") += type;
  out += "\r\nContent-Length: ";
  append_number(out, body.size());
  out += "\r\n\r\n";
  if (!how.head)
    out += body;
}

endpoint endpoint_of(std::string_view target) {
  auto path = origin_form(target);
  path = path.substr(0, path.find('?'));
  return path == "/"           ? endpoint::integer
    : path == "/ping"          ? endpoint::ping
    : path == "/healthz"       ? endpoint::health
    : path == "/readyz"        ? endpoint::ready
    : path.starts_with("/v1/") ? endpoint::v1
                               : endpoint::not_found;
}

// Invalid UTF-8 (a client's bytes in a message) is replaced, never thrown at.
std::string to_text(const nlohmann::json& x) {
  return x.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

uint32_t manner::flags() const {
  return (keep_alive ? keep_alive_flag : 0) | (http11 ? http11_flag : 0)
    | (head ? head_flag : 0);
}

manner manner::from_flags(uint32_t flags) {
  return {(flags & keep_alive_flag) != 0, (flags & http11_flag) != 0,
          (flags & head_flag) != 0};
}

std::string_view origin_form(std::string_view target) {
  if (auto scheme = target.find("://");
      scheme != std::string_view::npos && target.front() != '/') {
    target.remove_prefix(scheme + 3);
    auto slash = target.find('/');
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  return target;
}

endpoint route(beast::http::verb method, std::string_view target) {
  // Nearly all requests are this one.
  auto found = target == "/" ? endpoint::integer : endpoint_of(target);
  if (method == beast::http::verb::get || found == endpoint::v1
      || found == endpoint::not_found)
    return found;
  if (method != beast::http::verb::head)
    return endpoint::not_allowed;
  return found == endpoint::integer ? endpoint::nothing : found;
}

void v1_message::add_field(beast::http::field name, std::string_view value) {
  auto join = [value](std::string& all) {
    (all += all.empty() ? "" : ",") += value;
  };
  if (name == beast::http::field::accept)
    join(accept);
  else if (name == beast::http::field::authorization)
    join(authorization);
}

void v1_message::add_body(std::string_view part) {
  body += part.substr(0, body_max - body.size());
}

request_parser::request_parser(size_t header_max, size_t body_max) {
  header_limit(static_cast<uint32_t>(header_max));
  body_limit(body_max);
  eager(true);
}

manner request_parser::wanted() const {
  return {keep_alive(), http11_, head_};
}

void request_parser::on_request_impl(beast::http::verb method, string_view,
                                     string_view target, int version,
                                     error_code&) {
  http11_ = version >= 11;
  head_ = method == beast::http::verb::head;
  asks_for_ = route(method, {target.data(), target.size()});
  if (asks_for_ == endpoint::v1) {
    v1_ = std::make_unique<v1_message>();
    v1_->method = method;
    v1_->target.assign(target.data(), target.size());
  }
}

void request_parser::on_field_impl(field name, string_view, string_view value,
                                   error_code& code) {
  // One Host and no more (RFC 9112, section 3.2).
  if (name == field::host && std::exchange(has_host_, true))
    code = beast::http::error::bad_field;
  // No expectation is met: the final answer is all there is to say.
  if (name == field::expect && !value.empty())
    code = beast::http::error::bad_value;
  if (v1_)
    v1_->add_field(name, {value.data(), value.size()});
}

void request_parser::on_header_impl(error_code& code) {
  if (http11_ && !has_host_)
    code = beast::http::error::bad_field;
}

size_t request_parser::on_body_impl(string_view body, error_code&) {
  if (v1_)
    v1_->add_body({body.data(), body.size()});
  return body.size();
}

size_t request_parser::on_chunk_body_impl(uint64_t, string_view body,
                                          error_code& code) {
  return on_body_impl(body, code);
}

void request_parser::on_body_init_impl(const boost::optional<uint64_t>&,
                                       error_code&) {
  // Their size does not matter.
}

void request_parser::on_chunk_header_impl(uint64_t, string_view, error_code&) {
  // Nor do chunks.
}

void request_parser::on_finish_impl(error_code&) {
  // The client asks is_done().
}

void request_parser::on_response_impl(int, string_view, int, error_code&) {
  // Requests only.
}

status status_of(const beast::error_code& bad_request) {
  using beast::http::error;
  if (bad_request == error::header_limit)
    return {431, "Request Header Fields Too Large"};
  if (bad_request == error::body_limit)
    return {413, "Content Too Large"};
  if (bad_request == error::bad_version)
    return {505, "HTTP Version Not Supported"};
  if (bad_request == error::bad_value)
    return {417, "Expectation Failed"};
  return {400, "Bad Request"};
}

status status_of(ec code) {
  switch (code) {
    case ec::invalid_key:
    case ec::invalid_stripe:
    case ec::invalid_count:
      return {400, "Bad Request"};
    case ec::too_small:
      return {409, "Conflict"};
    default:
      return unavailable;
  }
}

status status_of_order(ec code) {
  if (code == ec::wrong_owner || code == ec::in_use)
    return {409, "Conflict"};
  return status_of(code);
}

void append_answer(std::string& out, status what, std::string_view type,
                   std::string_view body, manner how) {
  append_with_body(out, what, type, body, how, {});
}

// A 204 says nothing of a length (RFC 9110, section 8.6).
void append_done(std::string& out, manner how) {
  append_head(out, {204, "No Content"}, how);
  out += "\r\n";
}

void append_digits(std::string& out, int64_t value) {
  append_number(out, value);
}

void append_integer(std::string& out, int64_t value, manner how) {
  char digits[24];
  auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  append_with_body(out, ok, "text/plain",
                   {digits, static_cast<size_t>(end - digits)}, how, {});
}

void append_text(std::string& out, std::string_view text, manner how) {
  append_answer(out, ok, "text/plain", text, how);
}

void append_problem(std::string& out, const problem& x, manner how) {
  nlohmann::json body{
    {"type", "about:blank"}, {"title", x.what.reason}, {"status", x.what.code}};
  if (!x.code.empty())
    body["code"] = x.code;
  if (!x.detail.empty())
    body["detail"] = x.detail;
  if (x.max != 0)
    body["max"] = x.max;
  append_with_body(out, x.what, "application/problem+json", to_text(body), how,
                   x.fields);
}

} // namespace intd::http
