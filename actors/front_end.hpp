// The actor behind every client protocol: takes sockets from its listener,
// gathers what one turn of the event loop reads, asks the router for it in one
// message a key, and hands the integers back in the order of the requests.
//
// From here a request goes to the router (router.hpp), and what operators order
// to the cluster actor (cluster/messages.hpp). The protocols themselves are
// clients: http/client.hpp, tcp/client.hpp.
#pragma once

#include "actors/client.hpp"
#include "actors/event_loop.hpp"
#include "actors/front_end_options.hpp"
#include "actors/listener.hpp"
#include "actors/messages.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace intd {

// Not final: CAF derives from states to look for their name.
class front_end_state : public front_desk {
public:
  using pointer
    = caf::stateful_actor<front_end_state, on_loop<front_end_actor::base>>*;

  explicit front_end_state(pointer self) : self_(self) {
    // nop
  }

  ~front_end_state() override;

  /// `cluster` may be none: then the node is known to no other, and orders are
  /// refused.
  void init(front_end_options options, listener source, client_factory make,
            router_actor router, cluster_actor cluster);

  front_end_actor::behavior_type make_behavior();

  // Called by clients, between messages: these only gather.
  void mint(client_ptr from, ticket request) override;
  void mint(client_ptr from, ticket request, const std::string& key) override;
  void tell_last(client_ptr from, ticket request,
                 const std::string& key) override;
  void raise(client_ptr from, ticket request, const std::string& key,
             int64_t value) override;
  void report(client_ptr from, ticket request) override;
  void order(client_ptr from, ticket request, cluster_order what) override;
  void left(const client_ptr& who) override;

  [[nodiscard]] const front_end_options& options() const override {
    return options_;
  }

  static inline const char* name = "front-end";

private:
  struct waiter {
    client_ptr from;
    ticket request;
  };
  using waiters = std::vector<waiter>;

  /// Who waits for integers of one key, and how many they want together.
  struct demand {
    waiters who;
    int64_t count = 0;
  };

  struct raising {
    waiter who;
    std::string key;
    int64_t value = 0;
  };

  struct ordering {
    waiter who;
    cluster_order what;
  };

  void accept(stream_socket socket);
  void schedule_flush();
  void flush();
  void flush_keyed();
  void ask_for_integers(const std::string& key, demand batch);
  void ask_for_last(const std::string& key, waiters batch);
  void ask_to_raise(const raising& x);
  void ask_for_status(waiters batch);
  void pass_on(const ordering& x);
  void report_to(const waiters& batch, const site_report& now);
  [[nodiscard]] bool admit(const client_ptr& from, ticket request);
  void gather(demand& all, client_ptr from, ticket request, int64_t count);
  void answer(const std::string& key, const waiters& batch,
              const reserved& given);
  void refuse(const waiters& batch, const error& reason);
  void settle(const waiters& batch);
  caf::result<caf::ok_atom> drain();
  void finish_drain();
  void sweep();

  pointer self_;

  // Constant after init.
  front_end_options options_;
  std::optional<listener> listener_;
  client_factory make_client_;
  router_actor router_;
  cluster_actor cluster_;

  // Volatile.
  std::unordered_set<client_ptr> clients_;
  // Of the default key; others come with the requests that name them.
  demand gathered_;
  std::map<std::string, demand> gathered_by_key_;
  std::map<std::string, waiters> asking_last_;
  std::vector<raising> raising_;
  waiters asking_status_;
  std::vector<ordering> ordering_;
  size_t waiting_ = 0;
  bool flush_scheduled_ = false;
  bool sweeping_ = false;
  bool draining_ = false;
  std::optional<caf::typed_response_promise<caf::ok_atom>> drained_;
};

/// Spawn function, see `spawn_on`.
front_end_actor::behavior_type front_end(front_end_state::pointer self,
                                         front_end_options options,
                                         listener source, client_factory make,
                                         router_actor router,
                                         cluster_actor cluster);

} // namespace intd
