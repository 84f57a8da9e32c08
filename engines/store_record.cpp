#include "engines/store_record.hpp"

#include <charconv>

namespace intd {

namespace {

constexpr std::string_view epoch_word = " epoch ";
constexpr std::string_view alone_word = " alone";

// Takes an integer off the front; false where there is none.
template <class T>
bool cut_integer(std::string_view& text, T& into) {
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, into);
  text.remove_prefix(static_cast<size_t>(stop - text.data()));
  return failure == std::errc{};
}

bool cut_word(std::string_view& text, std::string_view word) {
  const bool there = text.starts_with(word);
  if (there)
    text.remove_prefix(word.size());
  return there;
}

} // namespace

std::string to_text(const store_record& x) {
  return std::to_string(x.stripe.offset) + "/"
    + std::to_string(x.stripe.increment) + std::string{epoch_word}
  + std::to_string(x.epoch) + std::string{x.alone ? alone_word : ""};
}

result<std::optional<store_record>>
parse_store_record(std::string_view text, const std::string& where) {
  if (text.empty())
    return std::nullopt;
  store_record x;
  auto rest = text;
  const bool read = cut_integer(rest, x.stripe.offset) && cut_word(rest, "/")
    && cut_integer(rest, x.stripe.increment) && cut_word(rest, epoch_word)
    && cut_integer(rest, x.epoch);
  x.alone = cut_word(rest, alone_word);
  if (!read || !rest.empty() || !valid(x.stripe))
    return fail(ec::corrupt,
                where + "the store's record of its stripe reads \""
                  + std::string{text.substr(0, 80)}
                  + "\", which is none; start the node that it belongs to once "
                    "with -take-over to write it anew");
  return x;
}

} // namespace intd
