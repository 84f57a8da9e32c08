#include "node/nearest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

namespace intd {

namespace {

// Edits between two words: letters put in, left out, replaced, or swapped with
// their neighbour (the optimal string alignment distance).
size_t distance(std::string_view a, std::string_view b) {
  // Three rows of the table: two above, above, present.
  std::array<std::vector<size_t>, 3> rows;
  rows.fill(std::vector<size_t>(b.size() + 1));
  std::iota(rows[2].begin(), rows[2].end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    std::rotate(rows.begin(), rows.begin() + 1, rows.end());
    auto& [two_above, above, row] = rows;
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      row[j + 1] = std::min(
        {above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1});
      if (i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j])
        row[j + 1] = std::min(row[j + 1], two_above[j - 1] + 1);
    }
  }
  return rows[2].back();
}

} // namespace

std::string nearest(std::string_view word,
                    const std::vector<std::string>& known) {
  auto best = std::max<size_t>(1, word.size() / 3) + 1;
  std::string found;
  for (const auto& candidate : known) {
    auto edits = distance(word, candidate);
    if (edits < best) {
      best = edits;
      found = candidate;
    }
  }
  return found;
}

} // namespace intd
