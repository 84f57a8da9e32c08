#include "cli/admin_client.hpp"

#include "cli/printable.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace intd {

namespace {

using json = nlohmann::json;

// What a problem (RFC 9457) says, or the beginning of another body.
std::string words_of(const http_answer& answer) {
  constexpr size_t enough = 200;
  auto body = json::parse(answer.body, nullptr, false);
  if (body.is_object())
    if (auto at = body.find("detail"); at != body.end() && at->is_string())
      return printable(at->get<std::string>());
  return printable(answer.body.substr(0, enough));
}

std::string advice_for(int status) {
  switch (status) {
    case 401:
    case 403:
      return "; give the token as INTD_ADMIN_TOKEN or -token";
    case 404:
      return "; is this an intd-server that knows of clusters?";
    case 503:
      return "; try again, and see the server's log";
    default:
      return {};
  }
}

} // namespace

result<server> parse_site(std::string_view text) {
  bool has_scheme = text.find("://") != std::string_view::npos;
  return parse_http_dsn((has_scheme ? "" : "http://") + std::string{text});
}

admin_client::admin_client(std::vector<server> sites,
                           const store_options& timeouts)
  : sites_(std::move(sites)), connection_(http_login::bearer, timeouts) {
  // nop
}

std::string admin_client::name() const {
  return url_of(sites_[present_]);
}

result<std::string> admin_client::get(const std::string& path) {
  return send({http_method::get, path, ""}, "");
}

result<void> admin_client::change(const http_request& what,
                                  const char* content_type) {
  return send(what, content_type).map([](const std::string&) {});
}

result<std::string> admin_client::send(const http_request& what,
                                       const char* content_type) {
  result<http_answer> answer;
  std::string failures;
  for (size_t i = 0; i < sites_.size(); ++i) {
    answer = connection_.send(sites_[present_], what, content_type);
    if (answer)
      break;
    failures += (failures.empty() ? "" : "\n  ") + answer.error().context;
    // A connection is one server's.
    connection_.close();
    present_ = (present_ + 1) % sites_.size();
  }
  if (!answer)
    return fail(answer.error().code, failures);
  if (answer->status == 200 || answer->status == 204)
    return std::move(answer->body);
  return fail(ec::none,
              name() + " answers " + std::to_string(answer->status) + ": "
                + words_of(*answer) + advice_for(answer->status));
}

} // namespace intd
