// What a front end sees of a client, and a client of its front end, whatever
// the protocol. A client asks the desk to mint; the answer comes back with the
// ticket it gave.
#pragma once

#include "actors/cluster/messages.hpp"
#include "actors/cluster/order.hpp"
#include "actors/connection.hpp"
#include "actors/front_end_options.hpp"
#include "actors/messages.hpp"
#include "engines/error.hpp"
#include "engines/sequence.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace intd {

/// Names one request of a connection. The flags are the protocol's own.
struct ticket {
  uint64_t number = 0;
  uint32_t flags = 0;
  /// How many integers it is for; 0 where it is for one of the default
  /// sequence, without runs around it.
  uint32_t count = 0;
};

/// What is known at a node of the stripes and the nodes.
struct site_report {
  router_status router;
  /// Nothing where the node has no cluster actor.
  std::optional<cluster_status> cluster;
};

/// One client of a front end. Its connection calls it with bytes; its front end
/// with answers, and `settle` once after each batch of them.
class client : public connection {
public:
  using connection::connection;

  /// Answers a request with its integer.
  virtual void minted(ticket request, int64_t value) = 0;

  /// Answers a request for `request.count` integers of a sequence: so many, in
  /// rising order.
  virtual void minted(ticket request, const std::string& key,
                      const std::vector<run>& integers)
    = 0;

  /// Answers a request for the last integer of a sequence.
  virtual void told(ticket request, const std::string& key, int64_t last) = 0;

  /// Answers a request that changes something: it is done.
  virtual void done(ticket request) = 0;

  /// Answers a request with an error, never with a value.
  virtual void refused(ticket request, const error& reason) = 0;

  /// Answers a request for the state of the stripes and the nodes.
  virtual void reported(ticket request, const site_report& now) = 0;

  /// Sends what was answered and goes on reading.
  virtual void settle() = 0;

  /// Closes what has been quiet for too long; called several times a second.
  virtual void sweep(std::chrono::steady_clock::time_point now) = 0;

  /// Takes no further requests; finishes once what waits is answered.
  virtual void drain() = 0;
};

using client_ptr = std::shared_ptr<client>;

/// How long a client that was sent everything may take to end its side.
inline constexpr std::chrono::milliseconds linger_max{2'000};

/// What a client may ask of its front end.
class front_desk {
public:
  virtual ~front_desk() = default;

  /// Asks for one integer of the default sequence: `minted` or `refused`
  /// follows, perhaps at once.
  virtual void mint(client_ptr from, ticket request) = 0;

  /// Asks for `request.count` (1 or more) integers of `key`, a valid one.
  virtual void mint(client_ptr from, ticket request, const std::string& key)
    = 0;

  /// Asks for the last integer of `key`: `told` or `refused` follows.
  virtual void tell_last(client_ptr from, ticket request,
                         const std::string& key)
    = 0;

  /// Asks to raise the last integer of `key` to `value`: `done` or `refused`
  /// follows.
  virtual void raise(client_ptr from, ticket request, const std::string& key,
                     int64_t value)
    = 0;

  /// Asks for the state of the stripes and the nodes: `reported` or `refused`
  /// follows.
  virtual void report(client_ptr from, ticket request) = 0;

  /// Passes an operator's order on: `done` or `refused` follows.
  virtual void order(client_ptr from, ticket request, cluster_order what) = 0;

  /// Tells that a client's connection is closed.
  virtual void left(const client_ptr& who) = 0;

  [[nodiscard]] virtual const front_end_options& options() const = 0;
};

/// Makes the client of one protocol for an accepted socket. It reads nothing
/// before `settle` is called.
using client_factory
  = std::function<client_ptr(stream_socket socket, front_desk& desk)>;

/// Notices when nothing has changed for a while. Looked at several times a
/// second, it needs no clock on the way of a request.
class quiet_timer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// What must change for the time to start anew.
  struct mark {
    int phase = 0;
    uint64_t requests = 0;
    size_t unsent = 0;

    friend bool operator==(const mark&, const mark&) = default;
  };

  /// Returns for how long `present` has been seen without a change.
  [[nodiscard]] std::chrono::steady_clock::duration
  quiet_for(const mark& present, time_point now) {
    if (!seen_ || present != last_) {
      seen_ = true;
      last_ = present;
      since_ = now;
    }
    return now - since_;
  }

private:
  bool seen_ = false;
  mark last_;
  time_point since_;
};

} // namespace intd
