#include "engines/marked_engine.hpp"

#include <utility>

namespace intd {

marked_engine::marked_engine(std::string identity)
  : identity_{std::move(identity)} {
}

result<run> marked_engine::mint(const sequence& what, int64_t count) {
  const auto mark = mark_of(what.key);
  if (!mark)
    return tl::unexpected{mark.error()};
  const auto given = take(what.stripe, mark->value_or(0), count);
  if (!given)
    return fail(ec::exhausted,
                what.key + " has no integer of " + to_string(what.stripe)
                  + " left");
  if (auto done = move(what.key, *mark, last_of(*given)); !done)
    return tl::unexpected{std::move(done.error())};
  return *given;
}

result<int64_t> marked_engine::highest(const sequence& what) {
  return mark_of(what.key).map([&what](std::optional<int64_t> mark) {
    return last_within(what.stripe, mark.value_or(0));
  });
}

result<void> marked_engine::raise(const sequence& what, int64_t value) {
  const auto mark = mark_of(what.key);
  if (!mark)
    return tl::unexpected{mark.error()};
  const auto present = mark->value_or(0);
  if (const auto mine = last_within(what.stripe, present); value < mine)
    return too_small(what, value, mine);
  if (value <= present)
    return {};
  return move(what.key, *mark, value);
}

result<std::string> marked_engine::read_identity() {
  return identity_;
}

result<void> marked_engine::close() {
  if (std::exchange(closed_, true))
    return {};
  auto done = release(failed());
  end({ec::unavailable, "the engine was closed"});
  return done;
}

result<std::optional<int64_t>> marked_engine::mark_of(const std::string& key) {
  if (const auto known = marks_.find(key); known != marks_.end())
    return known->second;
  auto mark = load(key);
  if (!mark)
    end(mark.error());
  else if (*mark)
    marks_.emplace(key, **mark);
  return mark;
}

result<void> marked_engine::move(const std::string& key,
                                 std::optional<int64_t> from, int64_t to) {
  auto done = record(key, from, to);
  if (done)
    marks_.insert_or_assign(key, to);
  else
    end(done.error());
  return done;
}

} // namespace intd
