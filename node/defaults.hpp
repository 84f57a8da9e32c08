// Every default of the programs in one place. configs/intd.toml shows the same
// values to operators, and the options of the actors start with them; tests
// keep the three equal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace intd::defaults {

using std::chrono::milliseconds;

// [node]
inline constexpr bool state_pool = false;
inline constexpr std::string_view key = "integers";
/// How long at most threads look out for more before they sleep, in
/// microseconds.
inline constexpr int64_t spin_us = 1'000;

// [[engine]]
inline constexpr std::string_view engine_name = "main";
inline constexpr std::string_view engine = "sqlite";
/// 0: none is fixed.
inline constexpr int64_t offset = 0;
inline constexpr int64_t increment = 0;
inline constexpr bool guard = true;
/// Integers of the stripe that a new ceiling lies ahead.
inline constexpr int64_t guard_block = 10'000;
inline constexpr bool shared = false;
/// Integers taken along for each that is waited for.
inline constexpr int64_t prefetch = 0;
inline constexpr std::string_view split = "auto";

// [[listen]]
inline constexpr std::string_view protocol = "http";
inline constexpr std::string_view host = "localhost";
inline constexpr uint16_t port = 8080;

// [actor]
/// Empty: actors are not listened to.
inline constexpr std::string_view actor_listen;
/// Empty: where it listens.
inline constexpr std::string_view actor_address;

// [cluster]
inline constexpr bool bootstrap = false;
inline constexpr milliseconds ping{250};
inline constexpr milliseconds suspect{700};
inline constexpr milliseconds witness{5'000};
inline constexpr bool require_witness = false;
inline constexpr int64_t max_drift = 0;

// [limits]
/// Of one request: as many as may wait at a node whose store this one is.
inline constexpr int64_t count = 100'000;
inline constexpr int64_t connections = 20'000;
inline constexpr int64_t waiting = 100'000;
inline constexpr int64_t pipeline = 1'024;
inline constexpr int64_t header_bytes = 8'192;
inline constexpr int64_t body_bytes = 65'536;
inline constexpr int64_t output_bytes = 262'144;

// [timeouts]
inline constexpr milliseconds request{5'000};
inline constexpr milliseconds engine_answer{2'000};
inline constexpr milliseconds store_connect{1'000};
inline constexpr milliseconds store_answer{2'000};
inline constexpr milliseconds header{10'000};
inline constexpr milliseconds idle{75'000};
inline constexpr milliseconds write{10'000};
inline constexpr milliseconds grace{5'000};

// [router]
inline constexpr std::string_view strategy = "local";
inline constexpr milliseconds set_aside_min{100};
inline constexpr milliseconds set_aside_max{2'000};

// [supervisor]
inline constexpr milliseconds backoff_min{50};
inline constexpr milliseconds backoff_max{1'500};

// [log]
inline constexpr std::string_view log_level = "info";
inline constexpr std::string_view log_format = "text";

// [scheduler]
inline constexpr int64_t threads = 1;

// What is not configurable.

/// The environment variable that wins over [admin] token.
inline constexpr const char* token_variable = "INTD_ADMIN_TOKEN";
/// The file in the state directory that sqlite keeps its integers in.
inline constexpr std::string_view database = "integers.db";
/// How many replicas can share a `state_dir`.
inline constexpr size_t state_places = 1'000;
/// How long a start waits for engines that neither open nor fail.
inline constexpr milliseconds start{10'000};
/// As long where a node has peers, which may be starting, too.
inline constexpr milliseconds start_among_peers{3'000};
/// How long `int` waits for another process to let go of what it needs.
inline constexpr milliseconds busy{2'000};
/// How long `intd-client` and `intctl` wait for a connection or an answer.
inline constexpr milliseconds client{10'000};
/// How long `intctl` waits for a change of the cluster: longer than a node does
/// before it gives up.
inline constexpr milliseconds order{40'000};
/// Between two readings of `intctl status`.
inline constexpr milliseconds interval{1'000};

} // namespace intd::defaults
