// How `intctl` reaches a node: one of several sites by HTTP, with the admin
// token where one is known. The node answers in actors/http/.
#pragma once

#include "engines/dsn.hpp"
#include "engines/error.hpp"
#include "engines/http/http_connection.hpp"
#include "engines/store_options.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// Reads a site as "http://host:port"; "host:port" is one too. Fails with
/// `invalid_dsn`.
[[nodiscard]] result<server> parse_site(std::string_view text);

class admin_client {
public:
  /// Takes one site or more.
  admin_client(std::vector<server> sites, const store_options& timeouts);

  /// Gets what is at `path` of the first site that answers, whatever that
  /// says: beginning with the one that did before. Fails where none answers,
  /// or where the answer is no 200, with the server's own words.
  [[nodiscard]] result<std::string> get(const std::string& path);

  /// Asks for a change in the same way, by PUT or POST, with a body of this
  /// type: what is no 200 or 204 is a failure.
  [[nodiscard]] result<void> change(const http_request& what,
                                    const char* content_type);

  /// Names the site that answered last.
  [[nodiscard]] std::string name() const;

private:
  [[nodiscard]] result<std::string> send(const http_request& what,
                                         const char* content_type);

  std::vector<server> sites_;
  http_connection connection_;
  size_t present_ = 0;
};

} // namespace intd
