// Who is in the cluster, as this node sees it: addresses to reach (contacts),
// and the nodes that were met there or came by themselves. The cluster actor
// dials, pings and hears; this says when, and who is to be believed alive.
// Plain: time is passed in, nothing is sent.
#pragma once

#include "actors/backoff.hpp"
#include "actors/cluster/messages.hpp"

#include <caf/actor_addr.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace intd {

struct membership_options {
  /// Silent for longer, a node is not counted on. It is looked at with every
  /// ping, so that with 250 ms between two nobody waits for more than a second.
  std::chrono::milliseconds suspect_after{700};
  /// The first and the longest pause between two attempts to reach an address.
  std::chrono::milliseconds dial_min{100};
  std::chrono::milliseconds dial_max{2'000};
  /// Of the jitter.
  uint64_t seed = 0;
};

/// Of two processes with one identity: whether the other one stays. One that
/// mints does; where both do, or none does, all nodes agree on the same one.
[[nodiscard]] bool gives_way(const node_report& x, const node_report& twin);

class membership {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// More addresses than this are not believed.
  static constexpr size_t contacts_max = 1'024;

  /// An address where a node is, or should be.
  struct contact {
    explicit contact(backoff x) : pause(x) {
      // nop
    }

    std::string address;
    /// The configuration names it: its consent counts.
    bool configured = false;
    /// It recorded this node's claims, or an operator does without.
    bool consents = false;
    /// An operator does without it.
    bool waived = false;
    node_actor handle;
    /// Who answers there; empty while unknown.
    std::string id;
    bool dialing = false;
    time_point dial_at;
    backoff pause;
    /// When the ping was sent that is not answered yet.
    std::optional<time_point> pinged;
    /// Why it cannot be reached.
    std::string reason;
  };

  /// Another node.
  struct member {
    /// What the router calls it: its name, or its id where that is not unique.
    std::string label;
    node_report report;
    time_point heard;
    bool alive = false;
    std::string reason;
    /// It told, to this process, all that it remembers of this node.
    bool testified = false;
    /// Whose pings were heard: it ends with its process.
    caf::actor_addr speaker;
    /// The last number of its marks that was heard.
    uint64_t marks_heard = 0;
  };

  /// What hearing of a node amounts to.
  enum class verdict {
    /// It is as it was, or another one that is welcome.
    welcome,
    /// Another process of the same id is alive, and stays.
    twin,
  };

  explicit membership(membership_options options);

  /// Takes note of where this node itself is reached.
  void set_own(const std::string& address);

  /// Adds an address, unless it is known or one's own.
  void meet(const std::string& address, bool configured);

  /// Tells the contacts that are to be dialed now, and notes that they are.
  [[nodiscard]] std::vector<contact*> due(time_point now);

  void reached(contact& x, node_actor handle);
  /// It could not be reached, or is lost.
  void missed(contact& x, const std::string& reason, time_point now);

  /// Notes a report of another node.
  [[nodiscard]] verdict hear(const node_report& report, time_point now);

  /// Tells the nodes that were alive and have been silent for too long.
  [[nodiscard]] std::vector<member*> silent(time_point now);

  /// Notes that a node is gone, without waiting for its silence.
  void lost(member& x, const std::string& reason);

  [[nodiscard]] contact* find_contact(const std::string& address);
  /// By its id, or its name where only one has it.
  [[nodiscard]] member* find_member(const std::string& who);

  /// Finds how to reach a node.
  [[nodiscard]] node_actor reach(const std::string& id) const;

  [[nodiscard]] std::deque<contact>& contacts() {
    return contacts_;
  }

  [[nodiscard]] std::map<std::string, member>& members() {
    return members_;
  }

private:
  [[nodiscard]] std::string label_of(const node_report& report) const;

  membership_options options_;
  std::string own_address_;
  // A deque: contacts stay where they are.
  std::deque<contact> contacts_;
  std::map<std::string, member> members_; // By id.
};

} // namespace intd
