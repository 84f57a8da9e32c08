// How far this node gave its keys out, and what each peer was told of it. The
// cluster actor notes what its engines say, and puts into each report what the
// peer has not heard yet.
#pragma once

#include "engines/mark.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace intd {

class mark_log {
public:
  /// One engine's mark, numbered in the order of the changes.
  struct entry {
    uint64_t number = 0;
    std::string engine;
    key_mark mark;
  };

  /// Takes note of what changed since the last call for this engine. A bound
  /// that moved is told further ahead: it may move as fast again before a peer
  /// hears of it.
  void note(const std::string& engine, const std::vector<key_mark>& changed);

  /// Tells the changes after number `heard`, the oldest first, at most `max`.
  [[nodiscard]] std::vector<entry> since(uint64_t heard, size_t max) const;

  /// Finds the last integer of a key, 0 where none is known.
  [[nodiscard]] int64_t last(const std::string& engine,
                             const std::string& key) const;

private:
  struct known {
    uint64_t number = 0;
    key_mark mark;
    int64_t bound = 0;
  };

  using place = std::pair<std::string, std::string>; // Engine and key.

  std::map<place, known> marks_;
  std::map<uint64_t, place> order_;
  uint64_t last_number_ = 0;
};

} // namespace intd
