#include "actors/cluster/node_address.hpp"

#include "engines/dial.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <system_error>

namespace intd {

namespace {

constexpr std::string_view loopback = "127.0.0.1";
// Of a name in the domain name system.
constexpr size_t host_max = 253;

bool valid_name(std::string_view host) {
  return host.size() <= host_max
    && std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

// With a zone, as fe80::1%eth0.
bool valid_ipv6(std::string_view host) {
  return host.size() <= host_max && host.find(':') != std::string_view::npos
    && std::all_of(host.begin(), host.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == ':' || c == '.' || c == '%';
         });
}

bool read_port(std::string_view text, uint16_t& port) {
  const auto* end = text.data() + text.size();
  auto [at, code] = std::from_chars(text.data(), end, port);
  return code == std::errc{} && at == end;
}

} // namespace

result<node_address> parse_node_address(std::string_view text) {
  const auto wrong = [text] {
    return fail(ec::invalid_dsn,
                "found \"" + std::string{text.substr(0, host_max)}
                  + "\", expected host:port, [IPv6 address]:port, or a port of "
                    "this machine");
  };
  const auto colon = text.rfind(':');
  auto host = colon == std::string_view::npos ? std::string_view{}
                                              : text.substr(0, colon);
  auto valid = valid_name(host);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    valid = valid_ipv6(host);
  }
  node_address found;
  if (!valid
      || !read_port(text.substr(colon + 1), found.port)) // npos + 1 is 0.
    return wrong();
  found.host = host.empty() ? loopback : host;
  return found;
}

std::string to_string(const node_address& x) {
  return host_and_port(x.host, x.port);
}

} // namespace intd
