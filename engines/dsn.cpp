#include "engines/dsn.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace intd {

namespace {

constexpr auto npos = std::string_view::npos;

/// What a spelling with "://" may hold, and how a message shows it.
struct url_rules {
  std::string_view engine;
  std::string_view scheme;
  std::string_view tls_scheme; // empty: there is none
  uint16_t port;
  std::string_view expected;
};

constexpr url_rules sqlite_rules{"sqlite", "sqlite", "", 0,
                                 "sqlite:///path/file.db"};
constexpr url_rules mysql_rules{
  "mysql", "mysql", "", 3306,
  "user:pass@tcp(host:port)/db or mysql://user:pass@host:port/db"};
constexpr url_rules redis_rules{"redis", "redis", "rediss", 6379,
                                "redis://[user:pass@]host:port[/db]"};
constexpr url_rules rqlite_rules{
  "rqlite", "http", "https", 4001,
  "http://[user:pass@]host:port, several with commas between"};
constexpr url_rules summitdb_rules{
  "summitdb", "redis", "", 7481,
  "redis://host:port, several with commas between"};

constexpr url_rules http_rules{"http", "http", "https", 8080,
                               "http://[:token@]host:port"};

struct url_parts {
  server at;
  std::string path; // behind the first slash, decoded
};

tl::unexpected<error> refuse(const url_rules& rules, std::string_view what) {
  std::string text{rules.engine};
  text.append(": ").append(what).append("; expected ").append(rules.expected);
  return fail(ec::invalid_dsn, std::move(text));
}

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

// RFC 3986, section 2.1.
result<std::string> decode(const url_rules& rules, std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0)
        return refuse(rules,
                      "a % is not followed by two hexadecimal digits "
                      "(write %25 for the sign itself)");
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0')
      return refuse(rules, "it holds a zero byte");
    plain += c;
  }
  return plain;
}

template <class T>
std::optional<T> number(std::string_view digits, T least, T most) {
  T value = 0;
  const auto end = digits.data() + digits.size();
  const auto [stop, failure] = std::from_chars(digits.data(), end, value);
  if (failure != std::errc{} || stop != end || value < least || value > most)
    return std::nullopt;
  return value;
}

bool valid_host(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z')
      || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
  });
}

bool valid_ipv6(const std::string& address) {
  in6_addr ignored{};
  return inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
}

// host, host:port, [v6], [v6]:port; either part may be missing.
result<void> parse_address(const url_rules& rules, std::string_view text,
                           server& into) {
  into.port = rules.port;
  std::string_view rest = text;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == npos || !valid_ipv6(std::string{rest.substr(1, end - 1)}))
      return refuse(rules, "what stands in brackets is no IPv6 address");
    into.host = rest.substr(1, end - 1);
    rest.remove_prefix(end + 1);
    if (!rest.empty() && !rest.starts_with(':'))
      return refuse(rules, "only :port may follow an IPv6 address");
  } else {
    const auto colon = std::min(rest.find(':'), rest.size());
    const auto host = rest.substr(0, colon);
    rest.remove_prefix(colon);
    if (rest.find(':', 1) != npos)
      return refuse(rules, "the host holds a colon (IPv6 goes in brackets)");
    if (!valid_host(host))
      return refuse(rules, "the host holds a character that no host has");
    if (!host.empty())
      into.host = host;
  }
  if (rest.size() <= 1)
    return {};
  const auto port = number<uint16_t>(rest.substr(1), 1, 65535);
  if (!port)
    return refuse(rules, "the port is not a number from 1 to 65535");
  into.port = *port;
  return {};
}

result<void> parse_user(const url_rules& rules, std::string_view text,
                        server& into) {
  const auto colon = std::min(text.find(':'), text.size());
  auto user = decode(rules, text.substr(0, colon));
  auto password = decode(rules, text.substr(std::min(colon + 1, text.size())));
  if (!user || !password)
    return tl::unexpected{user ? password.error() : user.error()};
  into.user = std::move(*user);
  into.password = std::move(*password);
  return {};
}

// What follows "scheme://", or nothing where the scheme is another.
std::optional<std::string_view> behind(std::string_view scheme,
                                       std::string_view text) {
  if (scheme.empty() || !text.starts_with(scheme)
      || !text.substr(scheme.size()).starts_with("://"))
    return std::nullopt;
  return text.substr(scheme.size() + 3);
}

result<url_parts> parse_url(const url_rules& rules, std::string_view text) {
  url_parts parts;
  auto rest = behind(rules.scheme, text);
  if (!rest) {
    rest = behind(rules.tls_scheme, text);
    parts.at.tls = rest.has_value();
  }
  if (!rest)
    return refuse(rules, "it does not begin as it should");
  const auto end = std::min(rest->find_first_of("/?#"), rest->size());
  const auto authority = rest->substr(0, end);
  const auto tail = rest->substr(end);
  if (tail.find('@') != npos)
    return refuse(rules,
                  "a / ? or # in a user or password must be written "
                  "%2F %3F or %23");
  if (tail.find_first_of("?#") != npos)
    return refuse(rules, "parameters behind ? or # are not known");
  const auto at = authority.rfind('@');
  if (at != npos)
    if (auto done = parse_user(rules, authority.substr(0, at), parts.at); !done)
      return tl::unexpected{std::move(done.error())};
  const auto address = authority.substr(at == npos ? 0 : at + 1);
  if (auto done = parse_address(rules, address, parts.at); !done)
    return tl::unexpected{std::move(done.error())};
  auto path = decode(rules, tail.substr(std::min<size_t>(1, tail.size())));
  if (!path)
    return tl::unexpected{std::move(path.error())};
  parts.path = std::move(*path);
  return parts;
}

result<std::vector<server>> parse_list(const url_rules& rules,
                                       std::string_view text) {
  std::vector<server> servers;
  for (;;) {
    const auto comma = std::min(text.find(','), text.size());
    auto parts = parse_url(rules, text.substr(0, comma));
    if (!parts) {
      auto why = std::move(parts.error());
      why.context += " (node " + std::to_string(servers.size() + 1)
        + " of the list; a comma in a password is %2C)";
      return tl::unexpected{std::move(why)};
    }
    if (!parts->path.empty())
      return refuse(rules,
                    "nothing may follow the port of node "
                      + std::to_string(servers.size() + 1));
    servers.push_back(std::move(parts->at));
    if (comma == text.size())
      return servers;
    text.remove_prefix(comma + 1);
  }
}

// tcp(host:port), tcp, unix(/socket), or nothing at all.
result<void> parse_mysql_net(std::string_view text, mysql_dsn& into) {
  const auto open = std::min(text.find('('), text.size());
  const auto net = text.substr(0, open);
  auto address = text.substr(open);
  if (!address.empty()) {
    if (!address.ends_with(')'))
      return refuse(mysql_rules, "a ) is missing before the /");
    address = address.substr(1, address.size() - 2);
  }
  if (net == "unix" && !address.empty()) {
    into.socket = address;
    return {};
  }
  if (net != "tcp" && !(net.empty() && text.empty()))
    return refuse(mysql_rules,
                  "between @ and / stands neither tcp(host:port) "
                  "nor unix(/socket) nor nothing");
  return parse_address(mysql_rules, address, into.at);
}

// The original's spelling, which is that of its client library: the last /
// ends the address, the last @ before it ends the password, and nothing is
// percent-encoded.
result<mysql_dsn> parse_mysql_classic(std::string_view text) {
  mysql_dsn into;
  const auto slash = text.rfind('/');
  if (slash == npos)
    return refuse(mysql_rules, "the / before the database is missing");
  into.database = text.substr(slash + 1);
  const auto front = text.substr(0, slash);
  const auto at = front.rfind('@');
  if (at != npos) {
    const auto user = front.substr(0, at);
    const auto colon = std::min(user.find(':'), user.size());
    into.at.user = user.substr(0, colon);
    into.at.password = user.substr(std::min(colon + 1, user.size()));
  }
  if (auto done = parse_mysql_net(front.substr(at == npos ? 0 : at + 1), into);
      !done)
    return tl::unexpected{std::move(done.error())};
  return into;
}

} // namespace

result<void> parse_memory_dsn(std::string_view text) {
  if (!text.empty())
    return fail(ec::invalid_dsn, "memory: it takes no data source name");
  return {};
}

result<std::filesystem::path> parse_sqlite_dsn(std::string_view text) {
  if (text == ":memory:" || text.starts_with("file:"))
    return refuse(sqlite_rules,
                  "a database in memory or a file: name is not "
                  "taken (there is the engine memory)");
  const auto rest = behind(sqlite_rules.scheme, text);
  if (!rest && text.find("://") != npos)
    return refuse(sqlite_rules, "it is another store's");
  if (rest && rest->find_first_of("?#") != npos)
    return refuse(sqlite_rules,
                  "parameters behind ? or # are not known (in a "
                  "path they are written %3F and %23)");
  auto path = rest ? decode(sqlite_rules, *rest)
                   : result<std::string>{std::string{text}};
  if (!path)
    return tl::unexpected{std::move(path.error())};
  if (path->empty() || path->ends_with('/')
      || path->find('\0') != std::string::npos)
    return refuse(sqlite_rules, "it names no file");
  return std::filesystem::path{std::move(*path)};
}

result<mysql_dsn> parse_mysql_dsn(std::string_view text) {
  result<mysql_dsn> parsed;
  if (behind(mysql_rules.scheme, text))
    parsed = parse_url(mysql_rules, text).map([](url_parts parts) {
      return mysql_dsn{std::move(parts.at), "", std::move(parts.path)};
    });
  else
    parsed = parse_mysql_classic(text);
  if (!parsed)
    return parsed;
  const auto& database = parsed->database;
  if (database.find_first_of("?#") != npos)
    return refuse(mysql_rules, "parameters behind ? are not known");
  if (database.empty() || database.find('/') != npos)
    return refuse(mysql_rules, "it names no database");
  return parsed;
}

result<redis_dsn> parse_redis_dsn(std::string_view text) {
  auto parts = parse_url(redis_rules, text);
  if (!parts)
    return tl::unexpected{std::move(parts.error())};
  redis_dsn into{std::move(parts->at), 0};
  if (parts->path.empty())
    return into;
  const auto database = number<int>(parts->path, 0, 0x7fffffff);
  if (!database)
    return refuse(redis_rules, "the database is not a number");
  into.database = *database;
  return into;
}

result<std::vector<server>> parse_rqlite_dsn(std::string_view text) {
  return parse_list(rqlite_rules, text);
}

result<std::vector<server>> parse_summitdb_dsn(std::string_view text) {
  return parse_list(summitdb_rules, text);
}

result<server> parse_http_dsn(std::string_view text) {
  auto parts = parse_url(http_rules, text);
  if (!parts)
    return tl::unexpected{std::move(parts.error())};
  if (!parts->at.user.empty())
    return refuse(http_rules, "a site has no users; a token follows a colon");
  if (!parts->path.empty())
    return refuse(http_rules, "nothing may follow the port");
  return std::move(parts->at);
}

std::string without_secrets(std::string_view text) {
  std::string masked;
  while (!text.empty()) {
    // A list goes on at a comma that a scheme follows; any other comma may
    // be a part of a password.
    const auto end
      = std::min({text.find(",http"), text.find(",redis"), text.size()});
    const auto item = text.substr(0, end);
    const auto at = item.rfind('@');
    const auto scheme = item.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    if (at == npos) {
      masked += item;
    } else {
      if (scheme != npos && item.substr(scheme).starts_with("://"))
        masked += item.substr(0, scheme + 3);
      masked.append("***").append(item.substr(at));
    }
    text.remove_prefix(end);
    if (!text.empty()) {
      masked += ',';
      text.remove_prefix(1);
    }
  }
  return masked;
}

} // namespace intd
