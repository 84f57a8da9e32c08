// What a store keeps, beside its integers, of the stripe of the node that it is
// exclusive to: so that a state directory from before a split is noticed where
// no peer can tell, and a tool that comes straight to the store stays within.
#pragma once

#include "engines/error.hpp"
#include "engines/sequence.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace intd {

struct store_record {
  intd::stripe stripe;
  /// Rises whenever the stripe is split or changes hands; from 1.
  uint64_t epoch = 0;
  /// Nobody but the owner mints from the store, so that its stripe may be split
  /// at any moment.
  bool alone = false;

  friend bool operator==(const store_record&, const store_record&) = default;
};

/// Renders a record as stores keep it: "1/4 epoch 7 alone".
[[nodiscard]] std::string to_text(const store_record& x);

/// Reads what `to_text` wrote; nothing of an empty text, where none was written
/// yet. Fails with `corrupt`, in words that follow `where`, which names the
/// store.
[[nodiscard]] result<std::optional<store_record>>
parse_store_record(std::string_view text, const std::string& where);

} // namespace intd
