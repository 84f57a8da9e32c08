#include "actors/cluster/engine_desk.hpp"

#include <caf/system_messages.hpp>

namespace intd {

engine_actor::behavior_type engine_desk(engine_actor::pointer self,
                                        const engine_actor& engine) {
  self->monitor(engine);
  self->set_down_handler([self](caf::down_msg& msg) {
    self->quit(std::move(msg.reason));
  });
  return {
    [self, engine](reserve_atom, std::string& key, int64_t count) {
      return self->delegate(engine, reserve_atom_v, std::move(key), count);
    },
    [self, engine](last_atom, std::string& key) {
      return self->delegate(engine, last_atom_v, std::move(key));
    },
    [self, engine](raise_atom, std::string& key, int64_t value) {
      return self->delegate(engine, raise_atom_v, std::move(key), value);
    },
    [](flush_atom) {
      // The engine's own affair.
    },
    [](drain_atom) -> caf::result<caf::ok_atom> {
      return to_caf({ec::wrong_owner, "only its own node drains an engine"});
    },
  };
}

} // namespace intd
