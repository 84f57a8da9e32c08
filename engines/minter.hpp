// The interface of the original (NextInt, LastInt, SetLastInt, SetKey,
// SetOffset, SetIncrement), for a program that mints by itself, without a
// server: it opens an engine, keeps what to mint beside it, and asks.
#pragma once

#include "engines/engine.hpp"

#include <string>

namespace intd {

/// Mints from one engine, one integer at a time, for one thread.
class minter {
public:
  /// Mints the sequence `integers`, all of it, from `store`.
  explicit minter(engine_ptr store);

  /// Reserves the next integer: `reserve(1)` of the engine.
  [[nodiscard]] result<int64_t> next_int();

  /// Returns the last integer given, or 0.
  [[nodiscard]] result<int64_t> last_int();

  /// Raises the last integer; a lower one fails with `too_small`.
  [[nodiscard]] result<void> set_last_int(int64_t value);

  /// These say what is minted from the next call on. That the key is valid and
  /// 1 <= offset <= increment is checked by the calls that use them, so that
  /// they may be set in any order.
  void set_key(std::string key);
  void set_offset(int64_t offset);
  void set_increment(int64_t increment);

  /// Closes the engine. No call may follow.
  [[nodiscard]] result<void> close();

private:
  engine_ptr store_;
  sequence what_;
};

} // namespace intd
