// A ledger in which no member is as in a new one: whatever is left out on its
// way is missed.
#pragma once

#include "engines/ledger.hpp"

namespace intd::test {

inline ledger full_ledger() {
  ledger x;
  x.holdings = {{"main", 3, {1, 4}, "r", true, 7, {{"k", 5, 9}}, 100}};
  x.gifts = {{"g", "n2", {3, 4}, 4, {{"k", 6, 8}}, true, 101}};
  x.spares = {{"s", "n3", {2, 4}, 5, {{"l", 1, 2}}, true, 102}};
  x.testimonies = {{"n2",
                    "two",
                    "h:1",
                    "main",
                    {3, 4},
                    6,
                    "id",
                    true,
                    8,
                    {{"k", 11, 12}},
                    103}};
  return x;
}

} // namespace intd::test
