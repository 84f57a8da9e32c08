#include "engines/engine.hpp"

#include <algorithm>
#include <utility>

namespace intd {

result<std::string> engine::claim(const std::string& owner, claim_mode) {
  return owner;
}

result<std::optional<store_record>> engine::held() {
  return std::nullopt;
}

result<void> engine::hold(const store_record&) {
  return {};
}

result<void> check(const sequence& what) {
  if (!valid_key(what.key))
    return fail(
      ec::invalid_key,
      "a key is a letter or _ and up to 63 more letters, digits or _");
  if (!valid(what.stripe))
    return fail(ec::invalid_stripe,
                to_string(what.stripe) + " is none: 1 <= offset <= increment");
  return {};
}

result<std::vector<key_mark>> engine::marks(marks_of) {
  return std::vector<key_mark>{};
}

result<void> check(const sequence& what, int64_t count) {
  if (count < 1 || count > max_count)
    return fail(ec::invalid_count,
                "a count of " + std::to_string(count) + " is not in 1 to "
                  + std::to_string(max_count));
  return check(what);
}

result<std::vector<std::string>>
raise_above(engine& x, const stripe& within,
            const std::vector<key_mark>& floors) {
  std::vector<std::string> raised;
  for (const auto& floor : floors) {
    const auto last = x.last({floor.key, within});
    if (!last)
      return tl::unexpected{last.error()};
    if (*last >= last_within(within, floor.last))
      continue;
    if (auto done
        = x.set_last({floor.key, within}, std::max(floor.last, floor.bound));
        !done)
      return tl::unexpected{std::move(done.error())};
    raised.push_back(floor.key);
  }
  return raised;
}

tl::unexpected<error> too_small(const sequence& what, int64_t value,
                                int64_t present) {
  return fail(ec::too_small,
              std::to_string(value) + " is below " + std::to_string(present)
                + ", the last of " + what.key);
}

} // namespace intd
