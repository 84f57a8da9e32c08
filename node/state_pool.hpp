// Which state directory a node takes where replicas of one configuration share
// a place (`state_pool`): the first of DIRECTORY/1, DIRECTORY/2 and so on whose
// lock is free. node asks here when it starts; engines/guard/state_directory
// holds the lock for as long as the process lives.
#pragma once

#include "engines/error.hpp"
#include "engines/guard/state_directory.hpp"

#include <cstddef>
#include <filesystem>
#include <memory>

namespace intd {

/// Opens the first free of `places` numbered state directories below
/// `directory`, making those that are missing. Fails with `in_use` where all
/// are taken, and as `state_directory::open` does where a free one is damaged
/// or another's: what is wrong with a replica's state is not passed over.
[[nodiscard]] result<std::shared_ptr<state_directory>>
open_free_state(const std::filesystem::path& directory, const node_label& label,
                size_t places);

} // namespace intd
