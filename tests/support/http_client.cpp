#include "tests/support/http_client.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace intd::test {

namespace {

constexpr std::string_view line_end = "\r\n";

template <class Number>
Number number(std::string_view text) {
  Number out{};
  auto* end = text.data() + text.size();
  auto [at, failed] = std::from_chars(text.data(), end, out);
  if (failed != std::errc{} || at != end)
    throw std::runtime_error("no number: " + std::string{text});
  return out;
}

void add_field(http_answer& to, std::string_view line) {
  auto colon = line.find(": ");
  if (colon == line.npos)
    throw std::runtime_error("no field: " + std::string{line});
  std::string name{line.substr(0, colon)};
  std::ranges::transform(name, name.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (!to.fields.emplace(name, line.substr(colon + 2)).second)
    throw std::runtime_error("twice: " + std::string{line});
}

http_answer parse_head(std::string_view head) {
  http_answer out;
  auto status = head.substr(0, head.find(line_end));
  if (!status.starts_with("HTTP/1.1 ") || status.size() < 12)
    throw std::runtime_error("no status line: " + std::string{status});
  out.status = number<int>(status.substr(9, 3));
  head.remove_prefix(status.size() + line_end.size());
  while (!head.empty()) {
    auto line = head.substr(0, head.find(line_end));
    add_field(out, line);
    head.remove_prefix(line.size() + line_end.size());
  }
  return out;
}

} // namespace

std::string http_answer::field(const std::string& name) const {
  auto found = fields.find(name);
  return found == fields.end() ? std::string{} : found->second;
}

std::optional<http_answer> take_answer(std::string& bytes, bool head) {
  auto end = bytes.find("\r\n\r\n");
  if (end == bytes.npos)
    return std::nullopt;
  auto out = parse_head(std::string_view{bytes}.substr(0, end + 2));
  auto size = head || out.status == 204
    ? 0
    : number<size_t>(out.field("content-length"));
  if (bytes.size() < end + 4 + size)
    return std::nullopt;
  out.body = bytes.substr(end + 4, size);
  bytes.erase(0, end + 4 + size);
  return out;
}

std::string http_request(std::string_view line) {
  return std::string{line} + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
}

std::optional<http_client> http_client::connect(uint16_t port,
                                                time_point deadline) {
  return connect("127.0.0.1", port, deadline);
}

std::optional<http_client> http_client::connect(const std::string& address,
                                                uint16_t port,
                                                time_point deadline) {
  auto socket = client_socket::connect(address, port, deadline);
  if (!socket)
    return std::nullopt;
  return http_client{std::move(*socket)};
}

std::optional<http_answer> http_client::get(std::string_view path,
                                            time_point deadline) {
  if (!socket_.send(http_request("GET " + std::string{path}), deadline))
    return std::nullopt;
  return answer(deadline);
}

std::optional<http_answer> http_client::answer(time_point deadline, bool head) {
  try {
    for (;;) {
      if (auto whole = take_answer(received_, head))
        return whole;
      if (socket_.receive(received_, deadline) != client_socket::event::bytes)
        return std::nullopt;
    }
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

} // namespace intd::test
