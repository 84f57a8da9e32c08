#include "actors/messages.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace intd {

caf::error to_caf(const error& x) {
  return caf::make_error(x.code, x.context);
}

error from_caf(const caf::error& x) {
  if (!x) // How an actor ends that was not in trouble.
    return {ec::unavailable, "actor gone"};
  auto context = [&x]() -> std::string {
    if (x.context().match_elements<std::string>())
      return x.context().get_as<std::string>(0);
    return caf::to_string(x.context());
  };
  if (x.category() == caf::atom("intd"))
    return {static_cast<ec>(x.code()), context()};
  if (x == caf::sec::request_timeout)
    return {ec::timeout, "an actor did not answer in time"};
  return {ec::unavailable, "actor gone: " + caf::to_string(x)};
}

void add_messages(caf::actor_system_config& cfg) {
  cfg.add_message_types<caf::id_block::intd_messages>();
  cfg.add_message_types<caf::id_block::intd_actors>();
  cfg.add_error_category(
    caf::atom("intd"),
    [](uint8_t code, caf::atom_value, const caf::message& context) {
      return to_string(from_caf(caf::error{code, caf::atom("intd"), context}));
    });
}

} // namespace intd
