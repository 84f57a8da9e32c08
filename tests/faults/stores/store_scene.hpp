// A node on a real store of any kind, under load: what the fault tests of this
// folder break, and the judgement of what was answered meanwhile.
#pragma once

#include "tests/faults/cluster.hpp"
#include "tests/servers/store_server.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace intd::test {

/// A store as users run it, with settings of its own.
struct store_kind {
  std::string name;
  std::function<std::unique_ptr<store_server>()> make;
  /// Done once, before the first node comes; may be empty.
  std::function<void(store_server&)> prepare;

  friend std::ostream& operator<<(std::ostream& out, const store_kind& x) {
    return out << x.name;
  }
};

/// Every kind whose server can run here.
[[nodiscard]] const std::vector<store_kind>& store_kinds();

class store_scene {
public:
  /// Starts the store, no node yet.
  explicit store_scene(const store_kind& kind);

  /// Adds a node on the store, or on what listens at `port` in its place, and
  /// does not start it. Times out early, so that tests do not wait.
  server& add_node(uint16_t port = 0);

  /// Starts clients of all nodes.
  void start_load();

  /// Waits until `count` more integers were answered.
  void require_answers(size_t count);

  /// Does `harm` while the clients go on, until the node has answered one of
  /// them with an error; records it as a fault of this kind.
  void break_by(const std::string& fault, const std::function<void()>& harm);

  /// Undoes the harm by `mend`, and requires that integers come again within
  /// the bound that is promised.
  void mend_by(const std::function<void()>& mend);

  /// Notes something that lets the node answer on.
  void note(const std::string& fault);

  /// Stops clients and nodes, and requires a valid history.
  void judge(const std::vector<std::string>& faults);

  [[nodiscard]] store_server& store() {
    return *store_;
  }

  [[nodiscard]] server& node() {
    return all_.node(0);
  }

private:
  std::unique_ptr<store_server> store_;
  cluster all_;
  std::vector<std::string> names_;
  std::unique_ptr<load> load_;
  std::string fault_;
  int64_t begin_ = 0;
};

/// How long a node may need to mint again once its store is back.
inline constexpr std::chrono::milliseconds back_again = sanitized ? 10s : 2s;

} // namespace intd::test
