// The API below /v1/ as plain functions: what a request asks for, and the
// bytes of its answer. client.hpp takes the one to the front end's desk and
// sends the other.
//
//   GET or POST /v1/KEY/next?count=N&format=run
//   GET or PUT  /v1/KEY/last
#pragma once

#include "actors/http/codec.hpp"
#include "engines/sequence.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace intd::http {

/// How an answer writes integers.
enum class form : uint8_t {
  text, ///< one a line
  json, ///< each of them
  runs, ///< as JSON, each run by its first, increment and count
};

struct v1_request {
  enum class action { mint, tell_last, raise };

  action what = action::mint;
  std::string key;
  /// To mint.
  uint32_t count = 1;
  /// To raise to, 0 or more.
  int64_t value = 0;
  form as = form::json;
};

/// What requests are held to.
struct v1_rules {
  /// The most integers of one request.
  uint32_t count_max = 1;
  /// Who sends it may raise; empty: nobody may.
  std::string_view admin_token;
};

/// Reads a request, or says how it is refused: 404, 405, 400 (`invalid_key`,
/// `invalid_count`, an unknown parameter, a body that is no integer), 401 or
/// 403.
[[nodiscard]] tl::expected<v1_request, problem>
read_v1(const v1_message& message, const v1_rules& rules);

/// Packs both into the flags of a ticket, and the form back.
[[nodiscard]] uint32_t flags_of(manner how, form as);
[[nodiscard]] form form_of(uint32_t flags);

/// The most bytes that `count` integers take in an answer, about; 0 where they
/// are not written one by one.
[[nodiscard]] size_t size_of(uint32_t count, form as);

/// Appends the integers of `runs`.
void append_minted(std::string& out, const std::string& key,
                   const std::vector<run>& runs, form as, manner how);

/// Appends the last integer of a sequence.
void append_last(std::string& out, const std::string& key, int64_t last,
                 form as, manner how);

} // namespace intd::http
