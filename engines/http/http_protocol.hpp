// What a site of intd answers by HTTP, read with distrust: the runs of
// /v1/KEY/next, the plain integers of / and /v1/KEY/last, and the problems
// (RFC 9457) that say why there is none. The engine (http.cpp) asks.
#pragma once

#include "engines/error.hpp"
#include "engines/sequence.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace intd::http_protocol {

/// Reads one integer, `least` or more, alone but for an end of line.
[[nodiscard]] std::optional<int64_t> parse_integer(std::string_view body,
                                                   int64_t least);

/// Reads the runs of an answer: of `key`, together exactly `count` integers,
/// each above the one before. Nothing where it is anything else.
[[nodiscard]] std::optional<std::vector<run>>
parse_runs(std::string_view body, std::string_view key, int64_t count);

struct problem {
  /// `none` where it gives none that is known here.
  ec code = ec::none;
  std::string detail;
  /// The most integers of one request, 0 where it does not say.
  int64_t max = 0;
};

/// Reads the body of an error; one without a known form has no code, and its
/// beginning for a detail.
[[nodiscard]] problem parse_problem(std::string_view body);

/// What a run has in a stripe, and how thinly.
struct share {
  /// The integers in both, some increments of the stripe apart; empty where
  /// there is none.
  run in_both;
  /// Of how many neighbours of the run one lies in the stripe; 0: of no
  /// number of them.
  int64_t one_in = 0;
};

[[nodiscard]] share share_of(const run& x, const stripe& y);

} // namespace intd::http_protocol
