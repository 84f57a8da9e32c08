// How tests look into results: what must have worked is unwrapped, what must
// have failed is reduced to its code and text.
#pragma once

#include "engines/engine.hpp"

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace intd {

inline std::ostream& operator<<(std::ostream& out, ec code) {
  return out << to_string(code);
}

inline std::ostream& operator<<(std::ostream& out, const stripe& x) {
  return out << to_string(x);
}

inline std::ostream& operator<<(std::ostream& out, const run& x) {
  return out << x.count << " from " << x.first << " by " << x.increment;
}

} // namespace intd

namespace intd::test {

/// Unwraps what must have worked; ends the test where it did not.
template <class T>
T must(result<T> x) {
  if (!x)
    BOOST_FAIL("failed with " << to_string(x.error()));
  if constexpr (!std::is_void_v<T>)
    return std::move(*x);
}

/// The code that a call failed with, or `none`.
template <class T>
ec code_of(const result<T>& x) {
  return x ? ec::none : x.error().code;
}

/// The text that a call failed with, or nothing.
template <class T>
std::string text_of(const result<T>& x) {
  return x ? "" : x.error().context;
}

/// Tells whether the text that a call failed with holds a piece.
template <class T>
bool says(const result<T>& x, std::string_view piece) {
  return text_of(x).find(piece) != std::string::npos;
}

} // namespace intd::test
