#include "tests/checker/picks.hpp"

#include <stdexcept>
#include <vector>

namespace intd::checker {

call& pick(history& x, rng& random,
           const std::function<bool(const call&)>& wanted) {
  std::vector<call*> all;
  for (auto& c : x.calls)
    if (wanted(c))
      all.push_back(&c);
  if (all.empty())
    throw std::logic_error("the good history has no such call");
  return *all[random() % all.size()];
}

bool ok(const call& c) {
  return c.kind == call_kind::mint && c.result == outcome::ok;
}

bool single(const call& c) {
  return ok(c) && c.count == 1;
}

call& pick_ok(history& x, rng& random) {
  return pick(x, random, single);
}

call& pick_other(history& x, rng& random, const call& than) {
  return pick(x, random, [&than](const call& c) {
    return single(c) && &c != &than;
  });
}

call& pick_of(history& x, rng& random, const std::string& node) {
  return pick(x, random, [&node](const call& c) {
    return single(c) && c.node == node;
  });
}

std::pair<call*, call*> in_turn(history& x, rng& random) {
  auto& first = pick(x, random, [](const call& c) {
    return single(c) && c.end < 200'000'000;
  });
  auto& second = pick(x, random, [&first](const call& c) {
    return single(c) && c.node == first.node && c.begin > first.end;
  });
  return {&first, &second};
}

} // namespace intd::checker
