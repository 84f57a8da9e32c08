// What a node is told to do: the values of the configuration file and of the
// flags that override it. config_file reads them, server_flags changes them,
// node acts on them.
#pragma once

#include "actors/cluster/cluster.hpp"
#include "actors/cluster/desk_keeper.hpp"
#include "actors/front_end_options.hpp"
#include "actors/router.hpp"
#include "actors/supervisor.hpp"
#include "engines/error.hpp"
#include "engines/sequence.hpp"
#include "engines/store_options.hpp"
#include "node/defaults.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace intd {

struct node_section {
  /// The node's and the cluster's name, recorded in the state directory; what
  /// is recorded there holds where one is empty.
  std::string name;
  std::string cluster;
  /// Empty: `default_state_dir`.
  std::string state_dir;
  /// The state is in the first free of its numbered subdirectories.
  bool state_pool = defaults::state_pool;
  /// The sequence that is minted where a request names none.
  std::string key{defaults::key};
  /// How long threads look out for more before they sleep.
  int64_t spin_us = defaults::spin_us;

  friend bool operator==(const node_section&, const node_section&) = default;
};

struct engine_section {
  std::string name{defaults::engine_name};
  std::string engine{defaults::engine};
  /// Empty: `default_dsn`.
  std::string dsn;
  /// 0: not fixed.
  int64_t offset = defaults::offset;
  int64_t increment = defaults::increment;
  bool guard = defaults::guard;
  int64_t guard_block = defaults::guard_block;
  bool shared = defaults::shared;
  int64_t prefetch = defaults::prefetch;
  std::string split{defaults::split};

  friend bool operator==(const engine_section&, const engine_section&)
    = default;
};

struct listen_section {
  std::string protocol{defaults::protocol};
  std::string host{defaults::host};
  /// 0: a free one.
  int64_t port = defaults::port;

  friend bool operator==(const listen_section&, const listen_section&)
    = default;
};

struct actor_section {
  /// "host:port", ":port" or "port". Empty: nothing is published.
  std::string listen{defaults::actor_listen};
  /// Where other nodes find this one, "host:port". Empty: where it listens.
  std::string address{defaults::actor_address};

  friend bool operator==(const actor_section&, const actor_section&) = default;
};

struct cluster_section {
  /// The actor ports of other nodes, "host:port".
  std::vector<std::string> peers;
  bool bootstrap = defaults::bootstrap;
  std::chrono::milliseconds ping = defaults::ping;
  std::chrono::milliseconds suspect = defaults::suspect;
  std::chrono::milliseconds witness = defaults::witness;
  bool require_witness = defaults::require_witness;
  int64_t max_drift = defaults::max_drift;

  friend bool operator==(const cluster_section&, const cluster_section&)
    = default;
};

struct admin_section {
  /// Never shown. Empty: nobody may raise by HTTP.
  std::string token;

  friend bool operator==(const admin_section&, const admin_section&) = default;
};

struct limits_section {
  int64_t count = defaults::count;
  int64_t connections = defaults::connections;
  int64_t waiting = defaults::waiting;
  int64_t pipeline = defaults::pipeline;
  int64_t header_bytes = defaults::header_bytes;
  int64_t body_bytes = defaults::body_bytes;
  int64_t output_bytes = defaults::output_bytes;

  friend bool operator==(const limits_section&, const limits_section&)
    = default;
};

struct timeouts_section {
  std::chrono::milliseconds request = defaults::request;
  std::chrono::milliseconds engine = defaults::engine_answer;
  std::chrono::milliseconds store_connect = defaults::store_connect;
  std::chrono::milliseconds store_answer = defaults::store_answer;
  std::chrono::milliseconds header = defaults::header;
  std::chrono::milliseconds idle = defaults::idle;
  std::chrono::milliseconds write = defaults::write;
  std::chrono::milliseconds grace = defaults::grace;

  friend bool operator==(const timeouts_section&, const timeouts_section&)
    = default;
};

struct router_section {
  std::string strategy{defaults::strategy};
  std::chrono::milliseconds set_aside_min = defaults::set_aside_min;
  std::chrono::milliseconds set_aside_max = defaults::set_aside_max;

  friend bool operator==(const router_section&, const router_section&)
    = default;
};

struct supervisor_section {
  std::chrono::milliseconds backoff_min = defaults::backoff_min;
  std::chrono::milliseconds backoff_max = defaults::backoff_max;

  friend bool operator==(const supervisor_section&, const supervisor_section&)
    = default;
};

struct log_section {
  std::string level{defaults::log_level};
  std::string format{defaults::log_format};

  friend bool operator==(const log_section&, const log_section&) = default;
};

struct scheduler_section {
  int64_t threads = defaults::threads;

  friend bool operator==(const scheduler_section&, const scheduler_section&)
    = default;
};

struct node_config {
  node_section node;
  std::vector<engine_section> engines{engine_section{}};
  std::vector<listen_section> listens{listen_section{}};
  actor_section actor;
  cluster_section cluster;
  admin_section admin;
  limits_section limits;
  timeouts_section timeouts;
  router_section router;
  supervisor_section supervisor;
  log_section log;
  scheduler_section scheduler;

  friend bool operator==(const node_config&, const node_config&) = default;
};

/// What is wrong with a configuration whose values are fine one by one.
struct config_conflict {
  /// The key that is to be changed, e.g. "router.set_aside_max_ms" or
  /// "engine[1].offset": tables of an array are counted from 0.
  std::string where;
  std::string text;

  friend bool operator==(const config_conflict&, const config_conflict&)
    = default;
};

/// Checks the values against each other: stripes, names and stores of the
/// engines, addresses, bounds. Nothing is returned where all is well.
[[nodiscard]] std::vector<config_conflict> check(const node_config& x);

/// Fills in what depends on the environment: the state directory, the DSNs that
/// follow from it (but those of a state pool, whose directory is found when the
/// node starts), and the admin token. Fails with `unavailable` where there is
/// no home, or a variable holds what it cannot.
[[nodiscard]] result<node_config> complete(node_config x);

/// Tells whether `name` can name an engine, and its file in the state
/// directory: 1 to 64 letters, digits, `-` or `_`.
[[nodiscard]] bool valid_engine_name(std::string_view name);

/// Tells whether `token` can be sent as a bearer's (RFC 6750, section 2.1), or
/// is empty.
[[nodiscard]] bool valid_token(std::string_view token);

/// Tells whether `host` looks like a host name or an address.
[[nodiscard]] bool valid_host(std::string_view host);

/// Translates sections into what the actors take.
[[nodiscard]] front_end_options front_end_options_of(const node_config& x);
[[nodiscard]] router_options router_options_of(const node_config& x);
/// Of engine `i`, but for what depends on the running node.
[[nodiscard]] supervisor_options supervisor_options_of(const node_config& x,
                                                       size_t i);
/// The one of the configuration; 1 mod 1 where none is fixed.
[[nodiscard]] stripe stripe_of(const engine_section& x);
/// Tells whether the configuration fixes the engine's stripe; else the cluster
/// gives it one.
[[nodiscard]] bool has_fixed_stripe(const engine_section& x);
/// But for what depends on the running node.
[[nodiscard]] cluster_options cluster_options_of(const node_config& x);
[[nodiscard]] ownership_options ownership_options_of(const node_config& x);
/// But for where warnings go.
/// Fails with `invalid_dsn` where [actor] listen cannot be read.
[[nodiscard]] result<desk_keeper_options>
desk_keeper_options_of(const node_config& x);
[[nodiscard]] store_options store_options_of(const node_config& x);

} // namespace intd
