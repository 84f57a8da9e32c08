#include "node/config_keys.hpp"

#include "engines/registry.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace intd {

namespace {

using std::chrono::milliseconds;

constexpr int64_t hour_ms = 3'600'000;
constexpr int64_t mebibyte = 1'048'576;

// `get` returns a reference to the place of the value in a node_config.
template <class Get>
config_key integer(std::string name, int64_t min, int64_t max, Get get) {
  auto keep = [min, max, get](const config_value& value, node_config& into) {
    const auto* found = std::get_if<int64_t>(&value);
    if (found == nullptr || *found < min || *found > max)
      return false;
    get(into) = *found;
    return true;
  };
  return {std::move(name),
          "an integer from " + std::to_string(min) + " to "
            + std::to_string(max),
          keep, false};
}

template <class Get>
config_key duration(std::string name, Get get) {
  auto keep = [get](const config_value& value, node_config& into) {
    const auto* found = std::get_if<int64_t>(&value);
    if (found == nullptr || *found < 1 || *found > hour_ms)
      return false;
    get(into) = milliseconds{*found};
    return true;
  };
  return {std::move(name),
          "milliseconds, an integer from 1 to " + std::to_string(hour_ms), keep,
          false};
}

template <class Get>
config_key boolean(std::string name, Get get) {
  auto keep = [get](const config_value& value, node_config& into) {
    const auto* found = std::get_if<bool>(&value);
    if (found == nullptr)
      return false;
    get(into) = *found;
    return true;
  };
  return {std::move(name), "true or false", keep, false};
}

template <class Valid, class Get>
config_key text(std::string name, std::string expected, const Valid& valid,
                Get get) {
  auto keep = [valid, get](const config_value& value, node_config& into) {
    const auto* found = std::get_if<std::string>(&value);
    if (found == nullptr || !valid(*found))
      return false;
    get(into) = *found;
    return true;
  };
  return {std::move(name), std::move(expected), keep, false};
}

template <class Valid, class Get>
config_key list(std::string name, std::string expected, Valid valid, Get get) {
  auto keep = [valid, get](const config_value& value, node_config& into) {
    const auto* found = std::get_if<std::vector<std::string>>(&value);
    if (found == nullptr || !std::all_of(found->begin(), found->end(), valid))
      return false;
    get(into) = *found;
    return true;
  };
  return {std::move(name), std::move(expected), keep, false};
}

template <class Get>
config_key choice(std::string name, std::vector<std::string> words, Get get) {
  std::string expected;
  for (const auto& word : words)
    expected += (expected.empty() ? "" : " or ") + ("\"" + word + "\"");
  auto valid = [words = std::move(words)](const std::string& found) {
    return std::find(words.begin(), words.end(), found) != words.end();
  };
  return text(std::move(name), std::move(expected), valid, get);
}

std::vector<std::string> engines() {
  std::vector<std::string> names;
  for (auto name : engine_names())
    names.emplace_back(name);
  return names;
}

bool printable(std::string_view x) {
  return std::none_of(x.begin(), x.end(), [](unsigned char c) {
    return c < 0x20 || c == 0x7f;
  });
}

// A directory called "~" is what nobody wants.
bool valid_path(std::string_view x) {
  return printable(x) && !x.starts_with("~");
}

bool valid_label(std::string_view x) {
  return x.empty() || valid_engine_name(x);
}

config_section node_keys() {
  const std::string label = "up to 64 letters, digits, - or _";
  return {"node",
          {text(
             "name", label, valid_label,
             [](node_config & x) -> auto& { return x.node.name; }),
           text(
             "cluster", label, valid_label,
             [](node_config & x) -> auto& { return x.node.cluster; }),
           text(
             "state_dir", "a path; ~ is for shells", valid_path,
             [](node_config & x) -> auto& { return x.node.state_dir; }),
           boolean(
             "state_pool",
             [](node_config & x) -> auto& { return x.node.state_pool; }),
           text(
             "key", "a key: [A-Za-z_][A-Za-z0-9_]{0,63}", valid_key,
             [](node_config & x) -> auto& { return x.node.key; }),
           integer(
             "spin_us", 0, 1'000,
             [](node_config & x) -> auto& { return x.node.spin_us; })},
          nullptr,
          nullptr};
}

std::vector<config_key> engine_guard_keys() {
  return {
    boolean(
      "guard", [](node_config & x) -> auto& { return x.engines.back().guard; }),
    integer(
      "guard_block", 1, 1'000'000'000,
      [](node_config & x) -> auto& { return x.engines.back().guard_block; }),
    boolean(
      "shared",
      [](node_config & x) -> auto& { return x.engines.back().shared; }),
    integer(
      "prefetch", 0, 1'000,
      [](node_config & x) -> auto& { return x.engines.back().prefetch; }),
    choice(
      "split", {"auto", "always", "never"},
      [](node_config & x) -> auto& { return x.engines.back().split; })};
}

config_section engine_keys() {
  config_section section{
    "engine",
    {text(
       "name", "1 to 64 letters, digits, - or _", valid_engine_name,
       [](node_config & x) -> auto& { return x.engines.back().name; }),
     choice(
       "engine", engines(),
       [](node_config & x) -> auto& { return x.engines.back().engine; }),
     text(
       "dsn", "a data source name", printable,
       [](node_config & x) -> auto& { return x.engines.back().dsn; }),
     integer(
       "offset", 0, max_integer,
       [](node_config & x) -> auto& { return x.engines.back().offset; }),
     integer(
       "increment", 0, max_integer,
       [](node_config & x) -> auto& { return x.engines.back().increment; })},
    [](node_config& x) {
      x.engines.clear();
    },
    [](node_config& x) {
      x.engines.emplace_back();
    }};
  auto more = engine_guard_keys();
  section.keys.insert(section.keys.end(), more.begin(), more.end());
  return section;
}

config_section listen_keys() {
  return {"listen",
          {choice(
             "protocol", {"http", "tcp"}, [](node_config & x) -> auto& {
               return x.listens.back().protocol;
             }),
           text(
             "host", "a host name or an address, without a port", valid_host,
             [](node_config & x) -> auto& { return x.listens.back().host; }),
           integer(
             "port", 0, 65'535,
             [](node_config & x) -> auto& { return x.listens.back().port; })},
          [](node_config& x) {
            x.listens.clear();
          },
          [](node_config& x) {
            x.listens.emplace_back();
          }};
}

bool valid_actor_address(std::string_view x) {
  return x.empty() || parse_node_address(x).has_value();
}

bool valid_peer(std::string_view x) {
  return !x.empty() && valid_actor_address(x);
}

config_section actor_keys() {
  return {
    "actor",
    {text(
       "listen", "host:port, or a port of this machine", valid_actor_address,
       [](node_config & x) -> auto& { return x.actor.listen; }),
     text(
       "address", "host:port", valid_actor_address,
       [](node_config & x) -> auto& { return x.actor.address; })},
    nullptr,
    nullptr};
}

config_section cluster_keys() {
  return {
    "cluster",
    {list(
       "peers", "a list of host:port", valid_peer,
       [](node_config & x) -> auto& { return x.cluster.peers; }),
     boolean(
       "bootstrap",
       [](node_config & x) -> auto& { return x.cluster.bootstrap; }),
     duration(
       "ping_ms", [](node_config & x) -> auto& { return x.cluster.ping; }),
     duration(
       "suspect_ms",
       [](node_config & x) -> auto& { return x.cluster.suspect; }),
     duration(
       "witness_ms",
       [](node_config & x) -> auto& { return x.cluster.witness; }),
     boolean(
       "require_witness",
       [](node_config & x) -> auto& { return x.cluster.require_witness; }),
     integer(
       "max_drift", 0, max_integer,
       [](node_config & x) -> auto& { return x.cluster.max_drift; })},
    nullptr,
    nullptr};
}

config_section admin_keys() {
  auto token = text(
    "token", "letters, digits and - . _ ~ + / =", valid_token,
    [](node_config & x) -> auto& { return x.admin.token; });
  token.secret = true;
  return {"admin", {std::move(token)}, nullptr, nullptr};
}

config_section limits_keys() {
  return {"limits",
          {integer(
             "count", 1, 10'000'000,
             [](node_config & x) -> auto& { return x.limits.count; }),
           integer(
             "connections", 1, 1'000'000,
             [](node_config & x) -> auto& { return x.limits.connections; }),
           integer(
             "waiting", 1, 100'000'000,
             [](node_config & x) -> auto& { return x.limits.waiting; }),
           integer(
             "pipeline", 1, 1'000'000,
             [](node_config & x) -> auto& { return x.limits.pipeline; }),
           integer(
             "header_bytes", 256, mebibyte,
             [](node_config & x) -> auto& { return x.limits.header_bytes; }),
           integer(
             "body_bytes", 0, 64 * mebibyte,
             [](node_config & x) -> auto& { return x.limits.body_bytes; }),
           integer(
             "output_bytes", 1'024, 64 * mebibyte,
             [](node_config & x) -> auto& { return x.limits.output_bytes; })},
          nullptr,
          nullptr};
}

config_section timeouts_keys() {
  return {
    "timeouts",
    {duration(
       "request_ms",
       [](node_config & x) -> auto& { return x.timeouts.request; }),
     duration(
       "engine_ms", [](node_config & x) -> auto& { return x.timeouts.engine; }),
     duration(
       "store_connect_ms",
       [](node_config & x) -> auto& { return x.timeouts.store_connect; }),
     duration(
       "store_answer_ms",
       [](node_config & x) -> auto& { return x.timeouts.store_answer; }),
     duration(
       "header_ms", [](node_config & x) -> auto& { return x.timeouts.header; }),
     duration(
       "idle_ms", [](node_config & x) -> auto& { return x.timeouts.idle; }),
     duration(
       "write_ms", [](node_config & x) -> auto& { return x.timeouts.write; }),
     duration(
       "grace_ms", [](node_config & x) -> auto& { return x.timeouts.grace; })},
    nullptr,
    nullptr};
}

config_section router_keys() {
  return {"router",
          {choice(
             "strategy", {"local", "round-robin"},
             [](node_config & x) -> auto& { return x.router.strategy; }),
           duration(
             "set_aside_min_ms",
             [](node_config & x) -> auto& { return x.router.set_aside_min; }),
           duration(
             "set_aside_max_ms",
             [](node_config & x) -> auto& { return x.router.set_aside_max; })},
          nullptr,
          nullptr};
}

config_section supervisor_keys() {
  return {"supervisor",
          {duration(
             "backoff_min_ms",
             [](node_config & x) -> auto& { return x.supervisor.backoff_min; }),
           duration(
             "backoff_max_ms", [](node_config & x) -> auto& {
               return x.supervisor.backoff_max;
             })},
          nullptr,
          nullptr};
}

config_section log_keys() {
  return {"log",
          {choice(
             "level", {"debug", "info", "warn", "error"},
             [](node_config & x) -> auto& { return x.log.level; }),
           choice(
             "format", {"text", "json"},
             [](node_config & x) -> auto& { return x.log.format; })},
          nullptr,
          nullptr};
}

config_section scheduler_keys() {
  return {"scheduler",
          {integer(
            "threads", 1, 256,
            [](node_config & x) -> auto& { return x.scheduler.threads; })},
          nullptr,
          nullptr};
}

} // namespace

const std::vector<config_section>& config_sections() {
  static const std::vector<config_section> all{
    node_keys(),    engine_keys(),     listen_keys(), actor_keys(),
    cluster_keys(), admin_keys(),      limits_keys(), timeouts_keys(),
    router_keys(),  supervisor_keys(), log_keys(),    scheduler_keys(),
  };
  return all;
}

} // namespace intd
