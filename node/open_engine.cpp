#include "node/open_engine.hpp"

#include "engines/guard/guard.hpp"
#include "engines/registry.hpp"

#include <utility>

namespace intd {

result<engine_ptr> open_engine(const engine_settings& x) {
  auto connection = x.connection;
  connection.warn = x.warn;
  auto store = make_engine(x.engine, x.dsn, connection);
  if (store && x.state == nullptr && x.above > 0)
    return fail(ec::wrong_owner,
                x.name
                  + " has a stripe that was adopted of another node, which "
                    "only its guard keeps above what that one gave; set guard "
                    "= true");
  if (!store || x.state == nullptr)
    return store;
  guard_options options;
  options.name = x.name;
  options.stripe = x.stripe;
  options.block = x.guard_block;
  // A site serves others, too.
  options.shared = x.shared || x.engine == "http";
  options.claim = x.claim;
  options.epoch = x.epoch;
  options.alone = x.alone;
  options.above = x.above;
  options.warn = x.warn;
  return make_guard(std::move(*store), x.state, std::move(options));
}

result<opened_engine> open_engine_above(const engine_settings& x,
                                        const std::vector<key_mark>& floors) {
  auto opened = open_engine(x);
  if (!opened)
    return tl::unexpected{std::move(opened.error())};
  auto& engine = **opened;
  const auto raised = raise_above(engine, x.stripe, floors);
  if (!raised)
    return tl::unexpected{raised.error()};
  for (const auto& key : *raised)
    x.warn(x.name + ": " + key
           + " goes on above what other nodes saw of this stripe");
  auto identity = engine.identity();
  if (!identity)
    return tl::unexpected{std::move(identity.error())};
  return opened_engine{std::move(*opened), std::move(*identity)};
}

} // namespace intd
