#include "node/config.hpp"

#include "engines/dsn.hpp"
#include "engines/registry.hpp"
#include "node/paths.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace intd {

namespace {

using conflicts = std::vector<config_conflict>;

// It gets its stripes from others.
bool joins(const node_config& x) {
  return !x.cluster.peers.empty() && !x.cluster.bootstrap;
}

std::string nth(const char* section, size_t i, const char* key) {
  return section + ("[" + std::to_string(i) + "].") + key;
}

std::string quoted(const std::string& x) {
  return "\"" + x + "\"";
}

// Two spellings of one file are one store.
std::string store_of(const engine_section& x) {
  if (x.engine != "sqlite" || x.dsn.empty())
    return x.dsn;
  auto path = parse_sqlite_dsn(x.dsn);
  std::error_code code;
  auto absolute = path ? std::filesystem::absolute(*path, code)
                       : std::filesystem::path{x.dsn};
  return absolute.lexically_normal().string();
}

bool one_store(const engine_section& a, const engine_section& b) {
  return a.engine != "memory" && a.engine == b.engine
    && store_of(a) == store_of(b);
}

// What is empty is filled in later.
result<void> check_store(const engine_section& x) {
  return x.dsn.empty() ? result<void>{} : check_dsn(x.engine, x.dsn);
}

// A guard claims the store; without one nobody knows whose it is.
void check_ownership(const engine_section& x, size_t i, conflicts& found) {
  const auto key = x.shared ? "shared" : "prefetch";
  const auto wants = [&](const char* what) {
    found.push_back({nth("engine", i, key), what});
  };
  if (x.shared && (x.engine == "memory" || x.engine == "sqlite"))
    wants("one process alone opens this store; expected false, or another "
          "engine");
  else if ((x.shared || x.engine == "http") && x.prefetch > 0)
    wants("what is taken along would no longer be above what other nodes "
          "were given; expected prefetch = 0, or a store of its own");
  else if (!x.guard && (x.shared || x.prefetch > 0))
    wants("without its guard a store does not know whose it is; expected "
          "guard = true");
}

void check_pair(const engine_section& a, const engine_section& b, size_t i,
                bool joins, conflicts& found) {
  if (a.name == b.name)
    found.push_back({nth("engine", i, "name"),
                     "found " + quoted(b.name)
                       + ", which another engine has; expected a name of its "
                         "own"});
  auto same = one_store(a, b);
  if (same && a.engine == "sqlite")
    found.push_back({nth("engine", i, "dsn"),
                     "engines " + quoted(a.name) + " and " + quoted(b.name)
                       + " share a database, which sqlite opens but once; "
                         "expected a file of its own"});
  // The cluster gives each its own.
  if (!has_fixed_stripe(a) && !has_fixed_stripe(b) && joins)
    return;
  // Engines that share a store and integers know nothing of each other, should
  // it lose some.
  if (!(same && a.shared && b.shared) && valid(stripe_of(a))
      && valid(stripe_of(b)) && overlap(stripe_of(a), stripe_of(b)))
    found.push_back(
      {nth("engine", i, "offset"),
       "stripe " + to_string(stripe_of(b)) + " of engine " + quoted(b.name)
         + " shares integers with " + to_string(stripe_of(a)) + " of engine "
         + quoted(a.name)
         + "; expected stripes without a common integer, such as offsets 1 "
           "and 2 with increment 2"});
}

void check_engines(const node_config& x, conflicts& found) {
  for (size_t i = 0; i < x.engines.size(); ++i) {
    const auto& it = x.engines[i];
    if (!valid(stripe_of(it)))
      found.push_back({nth("engine", i, "offset"),
                       "found " + std::to_string(it.offset)
                         + ", above the increment; expected 1 to "
                         + std::to_string(it.increment)
                         + ", or a greater increment"});
    if (auto fine = check_store(it); !fine)
      found.push_back({nth("engine", i, "dsn"), fine.error().context});
    check_ownership(it, i, found);
    for (size_t j = 0; j < i; ++j)
      check_pair(x.engines[j], it, i, joins(x), found);
  }
  if (x.engines.empty())
    found.push_back({"engine", "found none; expected one engine or more"});
}

void check_listens(const node_config& x, conflicts& found) {
  for (size_t i = 0; i < x.listens.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const auto& a = x.listens[j];
      const auto& b = x.listens[i];
      if (a.port != 0 && a.port == b.port && a.host == b.host)
        found.push_back({nth("listen", i, "port"),
                         b.host + ":" + std::to_string(b.port)
                           + " is listened on already; expected another port"});
    }
  if (x.listens.empty())
    found.push_back({"listen", "found none; expected one address or more"});
}

void check_pool(const node_section& x, conflicts& found) {
  if (x.state_pool && !x.name.empty())
    found.push_back({"node.name",
                     "found " + quoted(x.name)
                       + ", which every node of the state pool would have; "
                         "expected none"});
}

void check_cluster(const node_config& x, conflicts& found) {
  if (!x.cluster.peers.empty() && x.actor.listen.empty())
    found.push_back({"cluster.peers",
                     "they are to reach this node, too; expected host:port of "
                     "a private network, or a port of this machine, as [actor] "
                     "listen"});
  if (x.cluster.suspect <= x.cluster.ping)
    found.push_back({"cluster.suspect_ms",
                     "found " + std::to_string(x.cluster.suspect.count())
                       + ", in which not one ping comes; expected more than "
                       + std::to_string(x.cluster.ping.count())});
}

void check_order(std::chrono::milliseconds min, std::chrono::milliseconds max,
                 const char* where, conflicts& found) {
  if (min > max)
    found.push_back({where,
                     "found " + std::to_string(max.count())
                       + ", below the minimum; expected "
                       + std::to_string(min.count()) + " or more"});
}

} // namespace

std::vector<config_conflict> check(const node_config& x) {
  conflicts found;
  check_pool(x.node, found);
  check_engines(x, found);
  check_listens(x, found);
  check_cluster(x, found);
  check_order(x.router.set_aside_min, x.router.set_aside_max,
              "router.set_aside_max_ms", found);
  check_order(x.supervisor.backoff_min, x.supervisor.backoff_max,
              "supervisor.backoff_max_ms", found);
  return found;
}

result<node_config> complete(node_config x) {
  if (x.node.state_dir.empty()) {
    auto path = default_state_dir();
    if (!path)
      return tl::unexpected{path.error()};
    x.node.state_dir = path->string();
  }
  for (auto& it : x.engines)
    if (it.dsn.empty() && !x.node.state_pool)
      it.dsn = default_dsn(it.engine, x.node.state_dir);
  if (const char* token = std::getenv(defaults::token_variable)) {
    if (!valid_token(token))
      return fail(ec::unavailable,
                  std::string{defaults::token_variable}
                    + " holds characters that no token has; expected letters, "
                      "digits and - . _ ~ + / =");
    x.admin.token = token;
  }
  return x;
}

bool valid_engine_name(std::string_view name) {
  return !name.empty() && name.size() <= 64
    && std::all_of(name.begin(), name.end(), [](unsigned char c) {
         return std::isalnum(c) != 0 || c == '-' || c == '_';
       });
}

bool valid_token(std::string_view token) {
  auto end = token.find_last_not_of('=') + 1; // npos + 1 is 0.
  return (end > 0 || token.empty())
    && std::all_of(token.begin(), token.begin() + static_cast<ptrdiff_t>(end),
                   [](unsigned char c) {
                     return std::isalnum(c) != 0
                       || std::string_view{"-._~+/"}.find(static_cast<char>(c))
                       != std::string_view::npos;
                   });
}

bool valid_host(std::string_view host) {
  return !host.empty() && host.size() <= 253
    && std::all_of(host.begin(), host.end(), [&host](unsigned char c) {
         // Colons are an IPv6 address's, not a port's.
         return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'
           || c == '%' || (c == ':' && host.find(':') != host.rfind(':'));
       });
}

front_end_options front_end_options_of(const node_config& x) {
  front_end_options options;
  options.key = x.node.key;
  options.count_max = static_cast<uint32_t>(x.limits.count);
  options.admin_token = x.admin.token;
  options.header_timeout = x.timeouts.header;
  options.idle_timeout = x.timeouts.idle;
  options.write_timeout = x.timeouts.write;
  options.header_max = static_cast<size_t>(x.limits.header_bytes);
  options.body_max = static_cast<size_t>(x.limits.body_bytes);
  options.connections_max = static_cast<size_t>(x.limits.connections);
  options.waiting_max = static_cast<size_t>(x.limits.waiting);
  options.pipeline_max = static_cast<size_t>(x.limits.pipeline);
  options.output_max = static_cast<size_t>(x.limits.output_bytes);
  return options;
}

router_options router_options_of(const node_config& x) {
  router_options options;
  options.strategy
    = x.router.strategy == "local" ? strategy::local : strategy::round_robin;
  options.request_timeout = x.timeouts.request;
  options.engine_timeout = x.timeouts.engine;
  options.set_aside_min = x.router.set_aside_min;
  options.set_aside_max = x.router.set_aside_max;
  options.waiting_max = static_cast<size_t>(x.limits.waiting);
  for (const auto& it : x.engines)
    options.stripes.push_back({it.name, stripe_of(it)});
  return options;
}

supervisor_options supervisor_options_of(const node_config& x, size_t i) {
  supervisor_options options;
  options.engine.name = x.engines[i].name;
  options.engine.stripe = stripe_of(x.engines[i]);
  options.engine.waiting_max = static_cast<size_t>(x.limits.waiting);
  options.engine.prefetch = x.engines[i].prefetch;
  options.engine.spin = std::chrono::microseconds{x.node.spin_us};
  options.backoff_min = x.supervisor.backoff_min;
  options.backoff_max = x.supervisor.backoff_max;
  // The rest is for the log to say what hung, before the watchdog ends it.
  options.drain_timeout = x.timeouts.grace * 4 / 5;
  return options;
}

result<desk_keeper_options> desk_keeper_options_of(const node_config& x) {
  auto listen = parse_node_address(x.actor.listen);
  if (!listen)
    return tl::unexpected{listen.error()};
  desk_keeper_options options;
  options.listen = std::move(*listen);
  options.desk.count_max = x.limits.count;
  options.desk.waiting_max = static_cast<size_t>(x.limits.waiting);
  return options;
}

store_options store_options_of(const node_config& x) {
  store_options options;
  options.connect_timeout = x.timeouts.store_connect;
  options.answer_timeout = x.timeouts.store_answer;
  options.spin = std::chrono::microseconds{x.node.spin_us};
  return options;
}

stripe stripe_of(const engine_section& x) {
  return {std::max(x.offset, int64_t{1}), std::max(x.increment, int64_t{1})};
}

bool has_fixed_stripe(const engine_section& x) {
  return x.offset != 0 || x.increment != 0;
}

cluster_options cluster_options_of(const node_config& x) {
  cluster_options options;
  options.version = INTD_VERSION;
  options.peers = x.cluster.peers;
  options.ping_interval = x.cluster.ping;
  options.witness_timeout = x.cluster.witness;
  options.require_witness = x.cluster.require_witness;
  options.max_drift = x.cluster.max_drift;
  options.members.suspect_after = x.cluster.suspect;
  return options;
}

ownership_options ownership_options_of(const node_config& x) {
  ownership_options options;
  options.first = !joins(x);
  options.alone = x.cluster.peers.empty();
  for (const auto& it : x.engines) {
    stripe_terms terms;
    terms.engine = it.name;
    if (has_fixed_stripe(it))
      terms.fixed = stripe_of(it);
    terms.shared = it.shared || it.engine == "http";
    // Others can come to a server, past this node.
    const bool alone = it.engine == "sqlite" || it.engine == "memory";
    terms.splits = it.guard && !terms.shared
      && (it.split == "always" || (it.split == "auto" && alone));
    options.engines.push_back(std::move(terms));
  }
  return options;
}

} // namespace intd
