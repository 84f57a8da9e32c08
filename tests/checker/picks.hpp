// Picks calls of a history at random, for mutations to falsify.
#pragma once

#include "tests/checker/history.hpp"

#include <functional>
#include <random>
#include <string>
#include <utility>

namespace intd::checker {

using rng = std::mt19937_64;

/// Tells whether a call was answered with integers.
[[nodiscard]] bool ok(const call& c);

/// Tells whether a call was answered with one integer, and asked for one.
[[nodiscard]] bool single(const call& c);

/// Picks one of the calls that fulfil a condition. Throws `std::logic_error`
/// where none does.
[[nodiscard]] call& pick(history& x, rng& random,
                         const std::function<bool(const call&)>& wanted);

/// Picks a `single` one: any, another one, or one of a node.
[[nodiscard]] call& pick_ok(history& x, rng& random);
[[nodiscard]] call& pick_other(history& x, rng& random, const call& than);
[[nodiscard]] call& pick_of(history& x, rng& random, const std::string& node);

/// Picks two in one stripe, the first answered before the second began.
[[nodiscard]] std::pair<call*, call*> in_turn(history& x, rng& random);

} // namespace intd::checker
