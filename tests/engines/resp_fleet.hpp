// The fleet of a store that speaks RESP, with the original's client.
#pragma once

#include "tests/engines/fleet.hpp"

#include <cstdint>
#include <string>

namespace intd::test {

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

/// Adds a plain client of the key "integers" at the server on this port.
void add_old_client(fleet& to, uint16_t port, int64_t increment);

/// Lets four engines with different counts, offsets and increments and three
/// plain clients mint 120,000 integers, 5,000 answers each, and judges them.
void run_mixed_fleet(const opening& open, uint16_t port);

} // namespace intd::test
