#include "engines/http/http_protocol.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace intd::http_protocol {

namespace {

using json = nlohmann::json;

// The member of an object, 1 to 2^63 - 1.
std::optional<int64_t> positive(const json& in, const char* member) {
  const auto found = in.find(member);
  if (found == in.end() || !found->is_number_unsigned())
    return std::nullopt;
  const auto value = found->get<uint64_t>();
  if (value < 1 || value > static_cast<uint64_t>(max_integer))
    return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<run> parse_run(const json& x) {
  if (!x.is_object())
    return std::nullopt;
  const auto first = positive(x, "first");
  const auto increment = positive(x, "increment");
  const auto count = positive(x, "count");
  if (!first || !increment || !count
      || *count - 1 > (max_integer - *first) / *increment)
    return std::nullopt;
  return run{*first, *increment, *count};
}

ec code_named(const std::string& name) {
  for (auto i = static_cast<int>(ec::none); i <= static_cast<int>(ec::draining);
       ++i)
    if (const auto code = static_cast<ec>(i); to_string(code) == name)
      return code;
  return ec::none;
}

} // namespace

std::optional<int64_t> parse_integer(std::string_view body, int64_t least) {
  if (body.ends_with('\n'))
    body.remove_suffix(1);
  if (body.ends_with('\r'))
    body.remove_suffix(1);
  int64_t value = 0;
  const auto* end = body.data() + body.size();
  const auto [stop, failure] = std::from_chars(body.data(), end, value);
  const bool padded = body.size() > 1 && body.front() == '0';
  if (failure != std::errc{} || stop != end || value < least || padded)
    return std::nullopt;
  return value;
}

std::optional<std::vector<run>>
parse_runs(std::string_view body, std::string_view key, int64_t count) {
  const auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || answer.value("key", json{}) != json(key))
    return std::nullopt;
  const auto list = answer.find("runs");
  if (list == answer.end() || !list->is_array())
    return std::nullopt;
  std::vector<run> runs;
  int64_t before = 0;
  for (const auto& x : *list) {
    const auto parsed = parse_run(x);
    if (!parsed || parsed->first <= before || parsed->count > count)
      return std::nullopt;
    before = last_of(*parsed);
    count -= parsed->count;
    runs.push_back(*parsed);
  }
  if (count != 0)
    return std::nullopt;
  return runs;
}

problem parse_problem(std::string_view body) {
  constexpr size_t enough = 200;
  problem found{ec::none, std::string{body.substr(0, enough)}, 0};
  const auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object())
    return found;
  if (const auto code = answer.find("code");
      code != answer.end() && code->is_string())
    found.code = code_named(code->get<std::string>());
  if (const auto detail = answer.find("detail");
      detail != answer.end() && detail->is_string())
    found.detail = detail->get<std::string>().substr(0, enough);
  found.max = positive(answer, "max").value_or(0);
  return found;
}

share share_of(const run& x, const stripe& y) {
  const auto divisor = std::gcd(x.increment, y.increment);
  if (!overlap({(x.first - 1) % x.increment + 1, x.increment}, y))
    return {};
  // Congruent again after this many steps of the run.
  share found{{0, x.increment, 0}, y.increment / divisor};
  const auto steps = std::min(x.count, found.one_in);
  for (int64_t i = 0; i < steps && found.in_both.count == 0; ++i) {
    const auto value = x.first + i * x.increment;
    if (contains(y, value))
      found.in_both
        = {value, x.increment, (x.count - 1 - i) / found.one_in + 1};
  }
  // With two or more the step is below 2^63, since the second is.
  if (found.in_both.count > 1)
    found.in_both.increment = x.increment * found.one_in;
  return found;
}

} // namespace intd::http_protocol
