#include "tests/checker/record_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace intd::checker {

namespace {

constexpr std::array<std::string_view, 2> kind_names{"mint", "set_last"};
constexpr std::array<std::string_view, 3> outcome_names{"ok", "failed",
                                                        "unknown"};

// A field's text must hold no byte that separates fields or lists.
bool plain(char c) {
  return c > ' ' && c < 0x7F && c != '%' && c != ',' && c != '=' && c != '@'
    && c != '/';
}

std::string escape(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (plain(c))
      out += c;
    else
      (out += '%', out += digits[byte >> 4], out += digits[byte & 15]);
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned byte = 0;
    auto* first = text.data() + i + 1;
    if (i + 2 >= text.size()
        || std::from_chars(first, first + 2, byte, 16).ptr != first + 2)
      throw std::runtime_error("a % that no two hexadecimal digits follow");
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

int64_t number(std::string_view text) {
  int64_t out = 0;
  auto [end, failed]
    = std::from_chars(text.data(), text.data() + text.size(), out);
  if (failed != std::errc{} || end != text.data() + text.size())
    throw std::runtime_error("not a number: " + std::string{text});
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    auto end = text.find(separator);
    out.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

std::string render(const progression& x) {
  return std::to_string(x.offset) + '/' + std::to_string(x.increment) + '@'
    + std::to_string(x.base);
}

progression parse_progression(std::string_view text) {
  auto slash = text.find('/');
  auto at = text.find('@');
  if (slash == text.npos || at == text.npos || at < slash)
    throw std::runtime_error("not offset/increment@base: " + std::string{text});
  return {number(text.substr(0, slash)),
          number(text.substr(slash + 1, at - slash - 1)),
          number(text.substr(at + 1))};
}

template <size_t Size>
size_t index_of(const std::array<std::string_view, Size>& names,
                std::string_view name) {
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw std::runtime_error("unknown word: " + std::string{name});
  return static_cast<size_t>(found - names.begin());
}

} // namespace

writer::writer(std::string_view word) : line_(word) {
}

void writer::operator()(std::string_view name, const std::string& x) {
  put(name, escape(x));
}

void writer::operator()(std::string_view name, int64_t x) {
  put(name, std::to_string(x));
}

void writer::operator()(std::string_view name, bool x) {
  put(name, x ? "1" : "0");
}

void writer::operator()(std::string_view name, call_kind x) {
  put(name, std::string{kind_names[static_cast<size_t>(x)]});
}

void writer::operator()(std::string_view name, outcome x) {
  put(name, std::string{outcome_names[static_cast<size_t>(x)]});
}

void writer::operator()(std::string_view name, const progression& x) {
  put(name, render(x));
}

void writer::operator()(std::string_view name,
                        const std::vector<std::string>& xs) {
  std::string text;
  for (auto& x : xs)
    text.append(text.empty() ? "" : ",").append(escape(x));
  put(name, text);
}

void writer::operator()(std::string_view name,
                        const std::vector<progression>& xs) {
  std::string text;
  for (auto& x : xs)
    text.append(text.empty() ? "" : ",").append(render(x));
  put(name, text);
}

std::string writer::line() {
  return std::move(line_);
}

void writer::put(std::string_view name, const std::string& text) {
  line_.append(" ").append(name).append("=").append(text);
}

reader::reader(std::string_view line) {
  for (auto field : split(line, ' ')) {
    if (field.empty())
      continue;
    auto equals = field.find('=');
    if (equals == field.npos)
      throw std::runtime_error("not name=value: " + std::string{field});
    if (!fields_.emplace(field.substr(0, equals), field.substr(equals + 1))
           .second)
      throw std::runtime_error("twice: " + std::string{field});
  }
}

void reader::end() const {
  if (!fields_.empty())
    throw std::runtime_error("unknown field: "
                             + std::string{fields_.begin()->first});
}

void reader::parse(std::string_view text, std::string& x) {
  x = unescape(text);
}

void reader::parse(std::string_view text, int64_t& x) {
  x = number(text);
}

void reader::parse(std::string_view text, bool& x) {
  x = number(text) != 0;
}

void reader::parse(std::string_view text, call_kind& x) {
  x = static_cast<call_kind>(index_of(kind_names, text));
}

void reader::parse(std::string_view text, outcome& x) {
  x = static_cast<outcome>(index_of(outcome_names, text));
}

void reader::parse(std::string_view text, progression& x) {
  x = parse_progression(text);
}

void reader::parse(std::string_view text, std::vector<std::string>& xs) {
  for (auto part : split(text, ','))
    xs.push_back(unescape(part));
}

void reader::parse(std::string_view text, std::vector<progression>& xs) {
  for (auto part : split(text, ','))
    xs.push_back(parse_progression(part));
}

} // namespace intd::checker
