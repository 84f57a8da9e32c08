// The cluster's part of the API as plain functions: which requests are for it,
// and what an operator's request orders. client.hpp takes the order to the
// front end's desk; report.hpp writes what is told.
//
//   GET  /v1/cluster
//   POST /v1/cluster/join   {"address": "host:port"}
//   POST /v1/cluster/leave  {"to": "n2"}, or without a body
//   POST /v1/cluster/split  {"engine": "main"}, or without a body
//   POST /v1/cluster/adopt  {"nodes": ["n2"], "above": 1000}
//   POST /v1/cluster/waive  {"address": "host:port"}
//   POST /v1/cluster/drain  {"on": true}
#pragma once

#include "actors/cluster/order.hpp"
#include "actors/http/codec.hpp"

#include <tl/expected.hpp>

#include <optional>
#include <string_view>

namespace intd::http {

/// Tells whether a target is one of the above. The sequence `cluster` has its
/// own: /v1/cluster/next and /v1/cluster/last are not.
[[nodiscard]] bool is_cluster(std::string_view target);

/// Reads a request whose target is one of the above; no order: it asks for the
/// state of the cluster. Says how it is refused otherwise: 405, 401, 403, or
/// 400 where the query or the body has what is not expected.
[[nodiscard]] tl::expected<std::optional<cluster_order>, problem>
read_admin(const v1_message& message, std::string_view admin_token);

} // namespace intd::http
