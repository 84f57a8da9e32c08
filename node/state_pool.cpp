#include "node/state_pool.hpp"

#include <string>

namespace intd {

result<std::shared_ptr<state_directory>>
open_free_state(const std::filesystem::path& directory, const node_label& label,
                size_t places) {
  for (size_t i = 1; i <= places; ++i) {
    auto state = state_directory::open(directory / std::to_string(i), label);
    if (state || state.error().code != ec::in_use)
      return state;
  }
  return fail(ec::in_use,
              "all " + std::to_string(places) + " state directories below "
                + directory.string()
                + " are in use; stop a node, or use another state directory");
}

} // namespace intd
