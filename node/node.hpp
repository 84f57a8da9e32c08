// One node: wires state directory, event loop, router, supervisors and front
// ends together, in this order, and takes them apart in reverse. main makes
// one from the configuration. Requests do not pass here: they come in at the
// front ends.
#pragma once

#include "engines/error.hpp"
#include "node/config.hpp"
#include "node/shutdown/stop_signals.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace intd {

/// What is done once, at a start.
struct start_orders {
  /// The last integer to raise the sequence to before serving; 0: as it is.
  /// Where it is above that already, a warning is logged.
  int64_t set_last = 0;
  /// Takes stores over from the nodes that they belong to, which must never
  /// mint from them again.
  bool take_over = false;
  /// The state directory was restored from a backup: nothing is minted before
  /// all other nodes said what they remember of this one.
  bool restored = false;
};

class node {
public:
  /// Takes a complete configuration that `check` found nothing wrong with.
  explicit node(node_config config);
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  ~node();

  /// Starts everything, and returns once requests are answered. An engine that
  /// cannot be reached is no error: it is tried again for as long as the node
  /// runs. Fails with what an operator has to mend (`corrupt`, `wrong_owner`,
  /// `in_use`, a bad DSN, an address that cannot be listened on), or with
  /// `draining` where a signal came. After a failure, call `stop`.
  [[nodiscard]] result<void> start(const start_orders& orders,
                                   stop_signals& signals);

  /// Says what is served where, in one line for the log: addresses, key,
  /// engines with their stripes, state directory.
  [[nodiscard]] std::string serving() const;

  /// Stops accepting, answers what waits, closes the engines such that they
  /// keep their exact last integer, ends all actors. Returns whether all of it
  /// succeeded. May block where a store does: keep a watchdog.
  bool stop();

private:
  class impl;

  std::unique_ptr<impl> impl_;
};

} // namespace intd
