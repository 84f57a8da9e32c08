#include "engines/marked_engine.hpp"

#include <utility>

namespace intd {

marked_engine::marked_engine(std::string identity)
  : identity_{std::move(identity)} {
}

result<run> marked_engine::reserve(const sequence& what, int64_t count) {
  if (auto fine = check(what, count); !fine)
    return tl::unexpected{std::move(fine.error())};
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

result<int64_t> marked_engine::last(const sequence& what) {
  if (auto fine = check(what); !fine)
    return tl::unexpected{std::move(fine.error())};
  return mark_of(what.key).map([&what](std::optional<int64_t> mark) {
    return last_within(what.stripe, mark.value_or(0));
  });
}

result<void> marked_engine::set_last(const sequence& what, int64_t value) {
  const auto present = last(what);
  if (!present)
    return tl::unexpected{present.error()};
  if (value < *present)
    return too_small(what, value, *present);
  const auto mark = mark_of(what.key);
  if (!mark)
    return tl::unexpected{mark.error()};
  if (value <= mark->value_or(0))
    return {};
  return move(what.key, *mark, value);
}

result<std::string> marked_engine::identity() {
  if (fault_)
    return tl::unexpected{*fault_};
  return identity_;
}

result<void> marked_engine::close() {
  if (std::exchange(closed_, true))
    return {};
  auto done = release(fault_.has_value());
  fault_ = error{ec::unavailable, "the engine was closed"};
  return done;
}

result<std::optional<int64_t>> marked_engine::mark_of(const std::string& key) {
  if (fault_)
    return tl::unexpected{*fault_};
  if (const auto known = marks_.find(key); known != marks_.end())
    return known->second;
  auto mark = load(key);
  if (!mark)
    fault_ = mark.error();
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
    fault_ = done.error();
  return done;
}

} // namespace intd
