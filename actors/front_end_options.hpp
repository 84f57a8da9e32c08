// What a front end allows its clients: every limit and timeout, with its
// default. The configuration's [limits] and [timeouts] end here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace intd {

struct front_end_options {
  /// The sequence that is minted where the request names none.
  std::string key = "integers";
  /// From a request's first byte to the end of its head and body.
  std::chrono::milliseconds header_timeout{10'000};
  /// Between the last answer and the next request.
  std::chrono::milliseconds idle_timeout{75'000};
  /// While bytes of an answer wait for a client that does not read.
  std::chrono::milliseconds write_timeout{10'000};
  /// Until the cluster actor has told its state.
  std::chrono::milliseconds report_timeout{2'000};
  /// Until the cluster actor has done what an operator orders: a stripe is
  /// handed over in that time, on disk on both sides.
  std::chrono::milliseconds order_timeout{30'000};
  /// The largest head of a request, in bytes.
  size_t header_max = 8'192;
  /// The largest body of a request, in bytes.
  size_t body_max = 65'536;
  /// The most integers of one request, at most 2^32 - 1.
  uint32_t count_max = 100'000;
  /// Who sends it may raise last integers; empty: nobody may.
  std::string admin_token;
  /// Open connections; one more is turned away at once.
  size_t connections_max = 20'000;
  /// Requests that wait for an integer; one more is turned away at once.
  size_t waiting_max = 100'000;
  /// Requests of one connection that wait; past it nothing more is read.
  size_t pipeline_max = 1'024;
  /// Bytes of answers that one connection has not taken; past it nothing more
  /// is read.
  size_t output_max = 262'144;
};

} // namespace intd
