#include "tests/support/own_stripe.hpp"

#include <nlohmann/json.hpp>

namespace intd::test {

std::optional<checker::progression> own_stripe(const std::string& readyz) {
  auto status = nlohmann::json::parse(readyz, nullptr, false);
  if (!status.is_object() || !status.contains("stripes"))
    return std::nullopt;
  // Those of other nodes are called "node/engine".
  for (const auto& x : status["stripes"]) {
    auto increment = x.value("increment", int64_t{0});
    if (x.value("name", "") == "main" && x.value("healthy", false)
        && increment > 0)
      return checker::progression{x.value("offset", int64_t{0}), increment};
  }
  return std::nullopt;
}

} // namespace intd::test
