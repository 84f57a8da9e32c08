// From an engine's settings to the engine: opens its store and puts the guard
// around it. intd-server's engine actors and `int` both come here.
#pragma once

#include "engines/engine.hpp"
#include "engines/guard/state_directory.hpp"
#include "engines/store_options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

struct engine_settings {
  /// What messages and the guard's file call it.
  std::string name;
  /// The engine's name in the registry.
  std::string engine;
  std::string dsn;
  /// But for `warn`, which is the one below.
  store_options connection;
  intd::stripe stripe;
  int64_t guard_block = 1;
  /// Other nodes mint from the store too.
  bool shared = false;
  claim_mode claim = claim_mode::if_free;
  /// As `guard_options` say.
  uint64_t epoch = 0;
  bool alone = false;
  int64_t above = 0;
  /// Where the guard keeps its ceilings; nothing: no guard.
  std::shared_ptr<state_directory> state;
  /// Told what an operator should know, in a sentence.
  std::function<void(std::string_view)> warn;
};

/// Opens the engine. Fails as `make_engine` and `make_guard` do, and with
/// `wrong_owner` where `above` is set and there is no guard to keep it.
[[nodiscard]] result<engine_ptr> open_engine(const engine_settings& x);

/// An engine, and the identity of its store.
struct opened_engine {
  engine_ptr engine;
  std::string store;
};

/// Opens the engine, and raises it above `floors` where it is not there yet.
[[nodiscard]] result<opened_engine>
open_engine_above(const engine_settings& x,
                  const std::vector<key_mark>& floors);

} // namespace intd
