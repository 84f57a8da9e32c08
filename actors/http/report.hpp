// The answers of /readyz and /v1/cluster: what the router and the cluster said
// (client.hpp's `site_report`) as JSON. The names of the members are an API,
// which docs/operations.md tells.
#pragma once

#include "actors/client.hpp"
#include "actors/http/codec.hpp"

#include <cstddef>
#include <string>

namespace intd::http {

/// The most keys of a stripe that are told: those with the first names.
inline constexpr size_t keys_told_max = 100;

/// Tells whether the node can mint, and is to: a stripe is healthy, and it is
/// not draining.
[[nodiscard]] bool is_ready(const site_report& now);

/// Appends the answer of /readyz: 200 where it is ready, else 503; every
/// stripe with what is wrong with it either way, and every node that the
/// cluster knows with its stripes.
void append_ready(std::string& out, const site_report& now, manner how);

/// Appends the answer of /v1/cluster.
void append_cluster(std::string& out, const site_report& now, manner how);

} // namespace intd::http
