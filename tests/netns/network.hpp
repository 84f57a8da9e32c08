// A network of a test's own, in which each node has a network namespace and an
// address, and which breaks on demand: links that are cut one way or both ways,
// plugs that are pulled. The test itself, and every thread and process that it
// starts from then on, is on the network too, in a namespace of its own; so no
// test meets another's, or the machine's. Needs root, iproute2 and nftables.
//
//   the test 10.74.0.1 ---- bridge ---- 10.74.0.2 node 0
//                              |------- 10.74.0.3 node 1
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace intd::test {

/// What goes wrong in a call is thrown as `std::runtime_error`.
class network {
public:
  /// Moves the calling thread into a new namespace, with `nodes` more beside
  /// it. What ran before stays where it is.
  explicit network(size_t nodes);
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  ~network();

  [[nodiscard]] size_t nodes() const {
    return namespaces_.size();
  }

  [[nodiscard]] static std::string address(size_t node);

  /// What runs a program in the namespace of a node: its first arguments.
  [[nodiscard]] std::vector<std::string> wrapper(size_t node) const;

  /// Loses, without a word, what one node sends to the other. Connections stay
  /// open, and what the other one sends still arrives.
  void cut_one_way(size_t from, size_t to);

  /// Loses what two nodes send to each other.
  void cut(size_t one, size_t other);

  /// Cuts a node off from all others. Clients still reach it.
  void cut_off(size_t node);

  /// Undoes every cut.
  void heal();

  /// Takes a node's link down: from everybody, clients included.
  void unplug(size_t node);
  void plug(size_t node);

  /// Whether a connection from one node's namespace to a port of the other is
  /// made within a second.
  [[nodiscard]] bool connects(size_t from, size_t to, uint16_t port) const;

  /// Whether a datagram from one node's namespace reaches the other within a
  /// second: one way only.
  [[nodiscard]] bool delivers(size_t from, size_t to) const;

private:
  std::string run_in(size_t node, const std::vector<std::string>& what) const;
  void add_node(size_t node);

  /// Descriptors, which keep the namespaces.
  std::vector<int> namespaces_;
};

} // namespace intd::test
