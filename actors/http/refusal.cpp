#include "actors/http/refusal.hpp"

#include <utility>

namespace intd::http {

std::string shown(std::string_view text) {
  constexpr size_t enough = 80;
  return "'" + std::string{text.substr(0, enough)}
  + (text.size() > enough ? "...'" : "'");
}

tl::unexpected<problem> refuse(status what, std::string detail,
                               std::string_view fields) {
  return tl::unexpected<problem>{{what, {}, std::move(detail), fields}};
}

tl::unexpected<problem> refuse(ec code, const std::string& detail,
                               int64_t max) {
  auto text = std::string{describe(code)} + " " + detail;
  return tl::unexpected<problem>{
    {bad_request, to_string(code), std::move(text), {}, max}};
}

} // namespace intd::http
