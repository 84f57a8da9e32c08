#include "actors/http/target.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace intd::http {

std::optional<std::string> unescape(std::string_view text) {
  std::string bytes;
  while (!text.empty()) {
    auto percent = std::min(text.find('%'), text.size());
    bytes += text.substr(0, percent);
    text.remove_prefix(percent);
    if (text.empty())
      break;
    if (text.size() < 3)
      return std::nullopt;
    uint8_t byte = 0;
    const auto* end = text.data() + 3;
    if (std::from_chars(text.data() + 1, end, byte, 16).ptr != end)
      return std::nullopt;
    bytes += static_cast<char>(byte);
    text.remove_prefix(3);
  }
  return bytes;
}

std::optional<std::vector<parameter>> split_query(std::string_view query) {
  std::vector<parameter> found;
  while (!query.empty()) {
    auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty())
      continue;
    auto equals = std::min(pair.find('='), pair.size());
    auto name = unescape(pair.substr(0, equals));
    auto value = unescape(pair.substr(std::min(equals + 1, pair.size())));
    if (!name || !value)
      return std::nullopt;
    found.push_back({std::move(*name), std::move(*value)});
  }
  return found;
}

} // namespace intd::http
