// "Did you mean": finds the word that a misspelt flag or configuration key was
// meant to be. Called by whoever reports an unknown name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// Returns the one of `known` that is fewest edits away from `word`, or an
/// empty text where none is near: more than a third of the letters, but always
/// one, would have to change.
[[nodiscard]] std::string nearest(std::string_view word,
                                  const std::vector<std::string>& known);

} // namespace intd
