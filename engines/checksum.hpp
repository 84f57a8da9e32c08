// The checksum of everything in a state directory: CRC-32 (IEEE 802.3), which
// finds every change of up to 32 neighbouring bits.
#pragma once

#include <boost/crc.hpp>

#include <cstddef>
#include <cstdint>

namespace intd {

/// Computes the checksum of `size` bytes.
[[nodiscard]] inline uint32_t checksum(const void* bytes, size_t size) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes, size);
  return static_cast<uint32_t>(crc.checksum());
}

} // namespace intd
