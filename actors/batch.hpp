// What waits for one round trip. The engine actor adds each request that
// arrives; on flush it reserves, key by key, what all of them want together,
// and cuts the runs that the engine gives among them in the order they came.
// Plain data: a request is known by its ticket, its place in that order.
#pragma once

#include "engines/sequence.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace intd {

class batch {
public:
  /// What the requests of one key still want, 1 integer or more.
  struct demand {
    std::string key;
    int64_t count = 0;
  };

  /// A request that has all its integers.
  struct served {
    size_t ticket = 0;
    std::vector<run> runs;
  };

  /// Makes an empty batch that takes up to `waiting_max` requests.
  explicit batch(size_t waiting_max) : waiting_max_(waiting_max) {
    // nop
  }

  /// Adds a request for `count` (1 to `max_count`) integers; the first ticket
  /// is 0. Returns false, and adds nothing, once the batch is full. Must not be
  /// called between the first `next` and the one that returns nothing.
  [[nodiscard]] bool add(std::string key, int64_t count);

  [[nodiscard]] bool empty() const {
    return requests_.empty();
  }

  /// Returns what to reserve next, all of one key, or nothing once every
  /// request was served or refused: the batch is then empty again.
  [[nodiscard]] std::optional<demand> next();

  /// Cuts integers off the front of `given`, a run of the key that `next`
  /// named, not longer than its demand. Returns a request as soon as it is
  /// complete; nothing once `given` is used up.
  [[nodiscard]] std::optional<served> cut(run& given);

  /// Removes what is left of the key that `next` named, and returns its
  /// tickets. What was cut for one of them before is a gap.
  [[nodiscard]] std::vector<size_t> refuse_key();

  /// Removes everything, and returns its tickets.
  [[nodiscard]] std::vector<size_t> refuse_all();

private:
  struct request {
    std::string key;
    int64_t missing = 0;
    size_t ticket = 0;
    std::vector<run> runs;
  };

  [[nodiscard]] std::vector<size_t> refuse_until(size_t end);
  void group();

  size_t waiting_max_;
  // In order of arrival; from the first `next` on, in order of keys.
  std::vector<request> requests_;
  bool sorted_ = false;
  // The first request that waits, and where its key ends.
  size_t first_ = 0;
  size_t end_ = 0;
  // Of all requests in between.
  int64_t missing_ = 0;
};

} // namespace intd
