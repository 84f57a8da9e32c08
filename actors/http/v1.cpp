#include "actors/http/v1.hpp"

#include "actors/http/admin_token.hpp"
#include "actors/http/field_value.hpp"
#include "actors/http/refusal.hpp"
#include "actors/http/target.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

namespace intd::http {

namespace {

using boost::beast::http::verb;

constexpr std::string_view prefix = "/v1/";
constexpr uint32_t form_shift = 8;
constexpr uint32_t form_mask = 0xff;

constexpr status ok{200, "OK"};

// An integer from `min` to `max` and nothing else.
std::optional<int64_t> number(std::string_view text, int64_t min, int64_t max) {
  int64_t value = 0;
  const auto* end = text.data() + text.size();
  auto [at, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc{} || at != end || value < min || value > max)
    return std::nullopt;
  return value;
}

// The first type of an Accept field that we have. Weights are passed over: who
// wants another type names it alone.
std::optional<form> accepted(std::string_view accept) {
  while (!accept.empty()) {
    auto range = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(range.size() + 1, accept.size()));
    auto type = trimmed(range.substr(0, range.find(';')));
    if (same_word(type, "text/plain"))
      return form::text;
    if (same_word(type, "application/json"))
      return form::json;
  }
  return std::nullopt;
}

tl::expected<void, problem> read_next(const std::vector<parameter>& query,
                                      const v1_rules& rules, v1_request& into) {
  bool has_count = false;
  for (const auto& [name, value] : query) {
    if (name == "format" && value == "run") {
      into.as = form::runs;
    } else if (name == "format") {
      return refuse(bad_request,
                    "format: found " + shown(value) + ", expected run");
    } else if (name != "count") {
      return refuse(bad_request,
                    "unknown query parameter " + shown(name)
                      + "; there are count and format");
    } else if (auto count = number(value, 1, rules.count_max);
               count && !std::exchange(has_count, true)) {
      into.count = static_cast<uint32_t>(*count);
    } else {
      return refuse(ec::invalid_count,
                    "count: found " + shown(value) + ", expected 1 to "
                      + std::to_string(rules.count_max) + ", once",
                    rules.count_max);
    }
  }
  return {};
}

tl::expected<void, problem>
read_raise(const v1_message& message, const v1_rules& rules, v1_request& into) {
  if (auto allowed
      = authorize(message.authorization, rules.admin_token, "raising");
      !allowed)
    return allowed;
  auto value = number(trimmed(message.body), 0, max_integer);
  if (!value || message.body.size() == v1_message::body_max)
    return refuse(bad_request,
                  "the body is to be the integer to raise to, 0 to "
                    + std::to_string(max_integer));
  into.value = *value;
  return {};
}

// A request whose path and method are fine.
tl::expected<void, problem> read_rest(const v1_message& message,
                                      std::string_view query,
                                      const v1_rules& rules, v1_request& into) {
  auto parameters = split_query(query);
  if (!parameters)
    return refuse(bad_request,
                  "the query " + shown(query)
                    + " has a % without two hexadecimal digits");
  if (into.what == v1_request::action::mint)
    return read_next(*parameters, rules, into);
  if (!parameters->empty())
    return refuse(bad_request,
                  "unknown query parameter " + shown(parameters->front().name)
                    + "; there is none here");
  if (into.what == v1_request::action::raise)
    return read_raise(message, rules, into);
  return {};
}

// Says what the last part of the path and the method ask for.
tl::expected<v1_request::action, problem> action_of(std::string_view what,
                                                    verb method) {
  if (what == "next") {
    if (method == verb::get || method == verb::post)
      return v1_request::action::mint;
    return refuse(not_allowed, "use GET or POST", "Allow: GET, POST\r\n");
  }
  if (what != "last")
    return refuse(not_found,
                  "there is /v1/KEY/next, /v1/KEY/last and /v1/cluster");
  if (method == verb::put)
    return v1_request::action::raise;
  if (method == verb::get || method == verb::head)
    return v1_request::action::tell_last;
  return refuse(not_allowed, "use GET, HEAD or PUT",
                "Allow: GET, HEAD, PUT\r\n");
}

void append_list(std::string& body, const std::vector<run>& runs,
                 std::string_view between) {
  for (auto rest : runs)
    while (rest.count > 0) {
      append_digits(body, cut_front(rest, 1).first);
      body += between;
    }
}

void append_runs(std::string& body, const std::vector<run>& runs) {
  for (const auto& x : runs) {
    append_digits(body += "{\"first\":", x.first);
    append_digits(body += ",\"increment\":", x.increment);
    append_digits(body += ",\"count\":", x.count);
    body += "},";
  }
}

// A key needs no escapes in JSON.
std::string begin_json(const std::string& key, std::string_view member) {
  std::string body{"{\"key\":\""};
  ((body += key) += "\",\"") += member;
  return body += "\":";
}

} // namespace

tl::expected<v1_request, problem> read_v1(const v1_message& message,
                                          const v1_rules& rules) {
  auto target = origin_form(message.target);
  auto path = target.substr(0, target.find('?'));
  auto query = target.substr(std::min(path.size() + 1, target.size()));
  path.remove_prefix(prefix.size());
  auto slash = std::min(path.find('/'), path.size());
  auto what
    = action_of(path.substr(std::min(slash + 1, path.size())), message.method);
  if (!what)
    return tl::unexpected{what.error()};
  auto key = unescape(path.substr(0, slash));
  if (!key || !valid_key(*key))
    return refuse(ec::invalid_key, "Found " + shown(path.substr(0, slash)));
  v1_request request{*what, std::move(*key)};
  auto type = accepted(message.accept);
  request.as = type.value_or(*what == v1_request::action::mint ? form::json
                                                               : form::text);
  return read_rest(message, query, rules, request).map([&request] {
    return std::move(request);
  });
}

uint32_t flags_of(manner how, form as) {
  return how.flags() | static_cast<uint32_t>(as) << form_shift;
}

form form_of(uint32_t flags) {
  return static_cast<form>((flags >> form_shift) & form_mask);
}

size_t size_of(uint32_t count, form as) {
  // 2^63 - 1 has 19 digits.
  constexpr size_t longest = 20;
  return as == form::runs ? 0 : count * longest;
}

void append_minted(std::string& out, const std::string& key,
                   const std::vector<run>& runs, form as, manner how) {
  if (as == form::text) {
    std::string body;
    append_list(body, runs, "\n");
    return append_answer(out, ok, "text/plain", body, how);
  }
  auto body = begin_json(key, as == form::runs ? "runs" : "integers") + "[";
  if (as == form::runs)
    append_runs(body, runs);
  else
    append_list(body, runs, ",");
  body.back() = ']'; // Instead of the last comma.
  append_answer(out, ok, "application/json", body + "}", how);
}

void append_last(std::string& out, const std::string& key, int64_t last,
                 form as, manner how) {
  if (as == form::text)
    return append_integer(out, last, how);
  auto body = begin_json(key, "last");
  append_digits(body, last);
  append_answer(out, ok, "application/json", body + "}", how);
}

} // namespace intd::http
