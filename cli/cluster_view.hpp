// What `intctl status` shows: the answer of GET /v1/cluster read with distrust
// and laid out as tables. docs/operations.md tells what its members mean.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

struct cluster_view {
  struct key {
    std::string key;
    int64_t last = 0;
  };

  struct stripe {
    std::string engine;
    int64_t offset = 0;
    int64_t increment = 0;
    uint64_t epoch = 0;
    bool healthy = false;
    std::string reason;
    uint64_t given = 0;
    std::vector<key> keys;
    uint64_t keys_left_out = 0;
  };

  /// A stripe that was given away, or that is kept for the next that joins.
  struct gift {
    std::string to;
    int64_t offset = 0;
    int64_t increment = 0;
    uint64_t epoch = 0;
  };

  struct node {
    std::string id;
    std::string name;
    std::string boot;
    std::string version;
    std::string address;
    bool alive = false;
    std::string reason;
    int64_t silent_ms = -1;
    bool draining = false;
    std::vector<stripe> stripes;
    std::vector<gift> spares;
    std::vector<gift> gifts;
  };

  std::vector<node> nodes;
};

/// Reads the body of an answer; nothing where a member is missing or is
/// something else. Members that are not known here are passed over.
[[nodiscard]] std::optional<cluster_view> parse_cluster(std::string_view body);

/// Renders integers a second of one stripe, with one digit after the point,
/// from two readings so far apart; "-" where the node was started in between,
/// there was none before, or the node does not count.
[[nodiscard]] std::string rate_of(const cluster_view::node& node,
                                  const cluster_view::stripe& now,
                                  const cluster_view* before,
                                  std::chrono::nanoseconds apart);

/// Lays out nodes, stripes, and below them what is wrong, in lines that end;
/// `before` may be null.
[[nodiscard]] std::string lay_out(const cluster_view& now,
                                  const cluster_view* before,
                                  std::chrono::nanoseconds apart);

} // namespace intd
