#include "actors/http/admin_token.hpp"

#include "actors/http/field_value.hpp"
#include "actors/http/refusal.hpp"

namespace intd::http {

tl::expected<void, problem> authorize(std::string_view authorization,
                                      std::string_view token,
                                      const std::string& doing) {
  constexpr std::string_view scheme = "Bearer ";
  if (token.empty())
    return refuse({403, "Forbidden"},
                  doing
                    + " is off: this node has no admin token; set "
                      "INTD_ADMIN_TOKEN or [admin] token");
  if (same_word(authorization.substr(0, scheme.size()), scheme)
      && is_secret(trimmed(authorization.substr(scheme.size())), token))
    return {};
  return refuse({401, "Unauthorized"},
                doing
                  + " needs the node's admin token: Authorization: Bearer "
                    "TOKEN",
                "WWW-Authenticate: Bearer\r\n");
}

bool is_secret(std::string_view given, std::string_view secret) {
  // Volatile: no compiler may leave early.
  volatile unsigned char differs = given.size() != secret.size() ? 1 : 0;
  for (size_t i = 0; i < given.size(); ++i)
    differs = differs
      | static_cast<unsigned char>(given[i] ^ secret[i % secret.size()]);
  return differs == 0;
}

} // namespace intd::http
