// Several who mint from one store at the same time, and one who mints on while
// the store is harmed: what tests of shared counters need. Whoever mints keeps
// a list, and the lists of all are compared in the end.
#pragma once

#include "engines/engine.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace intd::test {

using integers = std::vector<int64_t>;

/// Opens an engine, as a supervisor does for each new try.
using opening = std::function<result<engine_ptr>()>;

/// Counts the integers that occur more often than once, over all lists.
[[nodiscard]] size_t duplicates(const std::vector<integers>& lists);

/// Mints as a supervisor has it done: an engine that failed is let go, and
/// another one is opened until that works.
class persistent_minter {
public:
  explicit persistent_minter(opening open) : open_{std::move(open)} {
  }

  /// Mints `count` integers in runs of up to `batch`. Gives up after 30 s
  /// without any and returns false.
  bool mint(const sequence& what, int64_t count, int64_t batch = 1);

  /// Lets go of the engine, as a process that ends.
  void let_go();

  [[nodiscard]] const integers& minted() const {
    return minted_;
  }

  /// The longest time between two integers.
  [[nodiscard]] std::chrono::milliseconds longest_pause() const;

  /// What failed last.
  [[nodiscard]] const std::string& trouble() const {
    return trouble_;
  }

private:
  bool mint_some(const sequence& what, int64_t count);
  void record(intd::run given);

  opening open_;
  engine_ptr engine_;
  integers minted_;
  std::string trouble_;
  std::chrono::steady_clock::time_point last_time_{};
  std::chrono::steady_clock::duration pause_{};
};

/// The original's client of Redis and SummitDB: INCRBY, and what is answered
/// is the integer.
class old_client {
public:
  /// Throws `std::runtime_error` where there is no connection within a second.
  explicit old_client(uint16_t port);
  ~old_client();
  old_client(const old_client&) = delete;
  old_client& operator=(const old_client&) = delete;

  /// Mints one. Throws `std::runtime_error`.
  int64_t next(const std::string& key, int64_t increment);

private:
  struct redis_context;
  redis_context* context_;
};

/// A member of a fleet: mints and returns its list.
using member = std::function<integers()>;

/// Lets all members mint at the same time. One that throws, or returns nothing,
/// fails the test.
std::vector<integers> run_fleet(const std::vector<member>& members);

/// Four engines with different counts, offsets and increments and three old
/// clients mint 25,000 and 5,000 integers each of the key "integers".
std::vector<integers> run_mixed_fleet(const opening& open, uint16_t port);

} // namespace intd::test
