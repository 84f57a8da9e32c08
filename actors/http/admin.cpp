#include "actors/http/admin.hpp"

#include "actors/http/admin_token.hpp"
#include "actors/http/field_value.hpp"
#include "actors/http/refusal.hpp"
#include "engines/sequence.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

namespace intd::http {

namespace {

using boost::beast::http::verb;
using action = cluster_order::action;
using json = nlohmann::json;

constexpr std::string_view prefix = "/v1/cluster";

// What one order expects in its body.
struct rule {
  std::string_view path;
  action what = action::join;
  std::string_view member;
  std::string_view expected;
  bool may_be_absent = false;
  // With a second member, "above".
  bool has_above = false;
};

constexpr std::array<rule, 6> rules{{
  {"/join", action::join, "address", "host:port", false},
  {"/leave", action::leave, "to", "the name or id of a node", true},
  {"/split", action::split, "engine", "the name of an engine", true},
  {"/adopt", action::adopt, "nodes", "an array of names or ids of nodes", false,
   true},
  {"/waive", action::waive, "address", "host:port", false},
  {"/drain", action::drain, "on", "true or false", false},
}};

std::string_view path_of(std::string_view target) {
  target = origin_form(target);
  return target.substr(0, target.find('?'));
}

// The rule of a path below the prefix; none for another one.
const rule* find_rule(std::string_view rest) {
  const auto* at
    = std::find_if(rules.begin(), rules.end(), [rest](const rule& x) {
        return x.path == rest;
      });
  return at == rules.end() ? nullptr : at;
}

bool is_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return false;
  uint16_t port = 0;
  const auto* end = text.data() + text.size();
  auto [at, failed] = std::from_chars(text.data() + colon + 1, end, port);
  return failed == std::errc{} && at == end && port > 0;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c <= '~';
  });
}

// An adopted stripe may have given more than anybody heard: nobody but the
// operator can say how far.
bool take_above(const json& body, cluster_order& into) {
  const auto found = body.find("above");
  if (found == body.end() || !found->is_number_integer()
      || (found->is_number_unsigned()
          && found->get<uint64_t>() > static_cast<uint64_t>(max_integer))
      || found->get<int64_t>() < 0)
    return false;
  into.above = found->get<int64_t>();
  return true;
}

bool take_nodes(const json& value, cluster_order& into) {
  if (!value.is_array())
    return false;
  for (const auto& node : value) {
    if (!node.is_string())
      return false;
    const auto& name = node.get_ref<const std::string&>();
    if (name.empty() || !is_printable(name))
      return false;
    into.nodes.insert(name);
  }
  return !into.nodes.empty();
}

// Whether the value is what the rule expects; then it is in the order.
bool take(const rule& by, const json& value, cluster_order& into) {
  if (by.what == action::drain) {
    if (value.is_boolean())
      into.on = value.get<bool>();
    return value.is_boolean();
  }
  if (by.what == action::adopt)
    return take_nodes(value, into);
  if (!value.is_string())
    return false;
  into.whom = value.get<std::string>();
  if (!is_printable(into.whom) || (into.whom.empty() && !by.may_be_absent))
    return false;
  return by.member != "address" || is_address(into.whom);
}

tl::expected<cluster_order, problem> read_body(const rule& by,
                                               std::string_view text) {
  cluster_order order;
  order.what = by.what;
  text = trimmed(text);
  if (text.empty() && by.may_be_absent)
    return order;
  auto refused
    = refuse(bad_request,
             "the body is to be JSON, {\"" + std::string{by.member} + "\": ..."
               + (by.has_above ? ", \"above\": ...}" : "}") + ", with "
               + std::string{by.expected}
               + (by.has_above ? ", and an integer that none of "
                                 "its integers exceeds"
                               : "")
               + "; found " + shown(text));
  auto body = json::parse(text, nullptr, false);
  if (!body.is_object() || body.size() > (by.has_above ? 2U : 1U)
      || (by.has_above && !take_above(body, order)))
    return refused;
  auto found = body.find(std::string{by.member});
  if (found == body.end() ? !by.may_be_absent || !body.empty()
                          : !take(by, *found, order))
    return refused;
  return order;
}

} // namespace

bool is_cluster(std::string_view target) {
  auto path = path_of(target);
  if (!path.starts_with(prefix))
    return false;
  path.remove_prefix(prefix.size());
  return path.empty() || find_rule(path) != nullptr;
}

tl::expected<std::optional<cluster_order>, problem>
read_admin(const v1_message& message, std::string_view admin_token) {
  auto path = path_of(message.target);
  const auto* by = find_rule(path.substr(prefix.size()));
  bool fits = by != nullptr
    ? message.method == verb::post
    : message.method == verb::get || message.method == verb::head;
  if (!fits)
    return by != nullptr
      ? refuse(not_allowed, "use POST", "Allow: POST\r\n")
      : refuse(not_allowed, "use GET or HEAD", "Allow: GET, HEAD\r\n");
  if (path.size() + 1 < origin_form(message.target).size())
    return refuse(bad_request, "there is no query parameter here");
  if (by == nullptr)
    return std::nullopt;
  if (auto allowed
      = authorize(message.authorization, admin_token, "changing the cluster");
      !allowed)
    return tl::unexpected{allowed.error()};
  if (message.body.size() == v1_message::body_max)
    return refuse(bad_request, "the body is too long");
  return read_body(*by, message.body).map([](cluster_order order) {
    return std::optional{std::move(order)};
  });
}

} // namespace intd::http
