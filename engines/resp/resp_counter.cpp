#include "engines/resp/resp_counter.hpp"

#include "engines/file.hpp"
#include "engines/resp/resp_error.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace intd {

namespace {

// No valid keys of a sequence, so nobody mints from them.
constexpr const char* identity_key = "intd:store";
constexpr const char* owner_key = "intd:store:owner";
constexpr const char* held_key = "intd:store:held";

// A window can miss the stripe only where others add and the end is near.
constexpr int max_attempts = 8;

constexpr size_t identity_size = 32;

// How much to add to `known` for the next `count` integers of a stripe above
// it: up to the last of them, or where others add at the same time as many
// whole increments. Nothing where the stripe has ended.
std::optional<int64_t> width_of(const stripe& x, int64_t known, int64_t count,
                                bool shared) {
  const auto next = take(x, known, count);
  if (!next)
    return std::nullopt;
  int64_t whole = 0;
  if (shared && !__builtin_mul_overflow(next->count, x.increment, &whole)
      && whole <= max_integer - known)
    return whole;
  return last_of(*next) - known;
}

bool is_identity(const std::string& text) {
  return text.size() == identity_size
    && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

} // namespace

result<run> resp_counter::mint(const sequence& what, int64_t count) {
  auto& mark = marks_[what.key];
  if (!mark.last)
    if (auto seen = look(what.key); !seen)
      return tl::unexpected{std::move(seen.error())};
  for (int i = 0; i < max_attempts; ++i) {
    const int64_t known = *mark.last;
    const auto width = width_of(what.stripe, known, count, mark.shared);
    if (!width)
      return fail(ec::exhausted,
                  what.key + " has no integer of " + to_string(what.stripe)
                    + " left");
    const auto top = add(what.key, known, *width);
    if (!top)
      return tl::unexpected{top.error()};
    if (!*top) {
      // Others came close to the end: what is left is taken to the integer.
      mark.shared = true;
      if (auto seen = look(what.key); !seen)
        return tl::unexpected{std::move(seen.error())};
      continue;
    }
    if (**top < *width)
      return fail(ec::corrupt,
                  where() + ": INCRBY of " + what.key + " answered "
                    + std::to_string(**top) + ", less than was added");
    const int64_t before = **top - *width;
    if (auto seen = see(what.key, before); !seen)
      return tl::unexpected{std::move(seen.error())};
    mark.shared = mark.shared || before != known;
    mark.last = *top;
    if (const auto given = take_up_to(what.stripe, before, **top, count))
      return *given;
  }
  return fail(ec::unavailable,
              where() + ": too many others mint " + what.key
                + " at its end; ask again");
}

result<int64_t> resp_counter::highest(const sequence& what) {
  return look(what.key).map([&what](int64_t mark) {
    return last_within(what.stripe, mark);
  });
}

result<int64_t> resp_counter::look(const std::string& key) {
  auto found = load(key);
  if (!found)
    return found;
  if (auto seen = see(key, *found); !seen)
    return tl::unexpected{std::move(seen.error())};
  return found;
}

result<void> resp_counter::raise(const sequence& what, int64_t value) {
  const auto present = look(what.key);
  if (!present)
    return tl::unexpected{present.error()};
  if (const auto mine = last_within(what.stripe, *present); value < mine)
    return too_small(what, value, mine);
  if (value <= *present)
    return {};
  const auto before = raise_key(what.key, value);
  if (!before)
    return tl::unexpected{before.error()};
  if (auto seen = see(what.key, *before); !seen)
    return seen;
  marks_[what.key].last = std::max(value, *before);
  // Somebody else may have minted on in between.
  if (const auto mine = last_within(what.stripe, *before); value < mine)
    return too_small(what, value, mine);
  return {};
}

// A key that shows less than before was lowered, deleted, or restored from a
// backup. What was given since then would be given again, so nothing is.
result<void> resp_counter::see(const std::string& key, int64_t value) {
  // What was only asked for, and never minted, needs no memory.
  if (value == 0 && marks_.find(key) == marks_.end())
    return {};
  auto& mark = marks_[key];
  if (mark.last && value < *mark.last)
    return fail(ec::corrupt,
                where() + ": " + key + " went back from "
                  + std::to_string(*mark.last) + " to " + std::to_string(value)
                  + "; somebody deleted, lowered or restored it");
  mark.last = value;
  return {};
}

result<resp_value> resp_counter::demand(const resp_command& command) {
  auto answer = ask(command);
  if (answer && answer->is == resp_value::kind::failure)
    return resp_error(where(), answer->text);
  return answer;
}

result<std::optional<int64_t>> resp_counter::increment(const std::string& key,
                                                       int64_t width) {
  const auto amount = std::to_string(width);
  const auto sum = ask({"INCRBY", key, amount});
  if (!sum)
    return tl::unexpected{sum.error()};
  if (sum->fails_with("ERR increment or decrement would overflow"))
    return std::nullopt;
  if (sum->is == resp_value::kind::integer)
    return sum->integer;
  if (sum->is == resp_value::kind::failure)
    return resp_error(where(), sum->text);
  return fail(ec::unavailable, where() + ": INCRBY answered no integer");
}

result<int64_t> resp_counter::raise_by(std::string_view script,
                                       const std::string& key, int64_t value) {
  const auto mark = std::to_string(value);
  const auto before = demand({"EVAL", script, "1", key, mark});
  if (!before)
    return tl::unexpected{before.error()};
  return mark_in(key, *before);
}

result<int64_t> resp_counter::load(const std::string& key) {
  const auto value = demand({"GET", key});
  if (!value)
    return tl::unexpected{value.error()};
  return mark_in(key, *value);
}

result<int64_t> resp_counter::mark_in(const std::string& key,
                                      const resp_value& value) const {
  if (value.is == resp_value::kind::nil)
    return 0;
  int64_t mark = 0;
  const auto* end = value.text.data() + value.text.size();
  const auto [stop, failure] = std::from_chars(value.text.data(), end, mark);
  if (value.is == resp_value::kind::text && failure == std::errc{}
      && stop == end && mark >= 0 && std::to_string(mark) == value.text)
    return mark;
  return fail(ec::corrupt,
              where() + ": " + key + " holds \"" + value.text.substr(0, 40)
                + "\", which is no integer from 0 to 2^63-1; SET it to the "
                  "last integer that was given");
}

result<std::string> resp_counter::text_of(const char* key) {
  auto value = demand({"GET", key});
  if (!value)
    return tl::unexpected{std::move(value.error())};
  if (value->is == resp_value::kind::nil)
    return std::string{};
  if (value->is == resp_value::kind::text && !value->text.empty())
    return std::move(value->text);
  return fail(ec::corrupt,
              where() + ": the key " + key
                + " was changed by somebody else; DEL it to begin anew");
}

// Whoever comes first makes it; who comes second reads it.
result<std::string> resp_counter::read_identity() {
  auto found = text_of(identity_key);
  if (!found)
    return found;
  if (found->empty()) {
    const auto fresh = random_hex(identity_size / 2);
    if (auto made = demand({"SETNX", identity_key, fresh}); !made)
      return tl::unexpected{std::move(made.error())};
    found = text_of(identity_key);
  }
  if (found && !is_identity(*found))
    return fail(ec::corrupt,
                where() + ": the key " + identity_key
                  + " holds no identity; DEL it to begin anew");
  return found;
}

result<std::string> resp_counter::record_owner(const std::string& owner,
                                               claim_mode how) {
  const auto* verb = how == claim_mode::take_over ? "SET" : "SETNX";
  if (auto done = demand({verb, owner_key, owner}); !done)
    return tl::unexpected{std::move(done.error())};
  auto recorded = text_of(owner_key);
  if (recorded && recorded->empty())
    return fail(ec::unavailable,
                where() + ": the key " + owner_key + " vanishes");
  return recorded;
}

result<std::optional<store_record>> resp_counter::read_held() {
  return text_of(held_key).and_then([this](const std::string& text) {
    return parse_store_record(text, where() + ": ");
  });
}

result<void> resp_counter::write_held(const store_record& x) {
  return demand({"SET", held_key, to_text(x)}).map([](const auto&) {});
}

} // namespace intd
