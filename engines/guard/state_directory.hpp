// A node's own memory on disk: who it is, and the lock that keeps a second
// process out. The guard keeps its ceilings beside it.
//
//   lock              held (flock) while a process uses the directory; its pid
//   node              who the node is, as text with a checksum
//   <guard>.ceilings  see ceiling_file.hpp
//   <guard>.marks     see mark_file.hpp
#pragma once

#include "engines/file.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace intd {

/// What an operator can do about state that is damaged or gone.
inline constexpr std::string_view begin_anew
  = "; to begin anew, remove the whole directory and start with -set-last-int "
    "above every integer given so far";

/// Who the state belongs to. An empty name takes what is recorded; a name is
/// recorded where none was, and must be the same from then on.
struct node_label {
  std::string node;
  std::string cluster;

  friend bool operator==(const node_label&, const node_label&) = default;
};

/// An open, locked state directory. The lock ends with the process.
class state_directory {
public:
  /// Opens `path`, making it (mode 0700) and a random node id on first use.
  /// Fails with `in_use` (the holder's pid is named), `corrupt`, `wrong_owner`
  /// (recorded for another node or cluster), `unavailable`.
  [[nodiscard]] static result<std::shared_ptr<state_directory>>
  open(const std::filesystem::path& path, const node_label& label);

  state_directory(const state_directory&) = delete;
  state_directory& operator=(const state_directory&) = delete;
  ~state_directory() = default;

  [[nodiscard]] const std::filesystem::path& path() const {
    return path_;
  }

  /// The random id of this node, 32 hexadecimal digits.
  [[nodiscard]] const std::string& node_id() const {
    return node_id_;
  }

  /// The names that are recorded.
  [[nodiscard]] const node_label& label() const {
    return label_;
  }

  /// Tells whether a guard of this name ever kept ceilings here, so that their
  /// loss is noticed.
  [[nodiscard]] bool knows_guard(std::string_view name) const;

  /// Records that a guard of this name keeps ceilings here.
  [[nodiscard]] result<void> add_guard(const std::string& name);

private:
  state_directory() = default;

  [[nodiscard]] result<void> lock();
  [[nodiscard]] result<void> load(const node_label& label);
  [[nodiscard]] result<void> adopt(const node_label& label);
  [[nodiscard]] result<void> save() const;

  std::filesystem::path path_;
  std::string node_id_;
  node_label label_;
  std::vector<std::string> guards_;
  file_descriptor lock_;
};

} // namespace intd
