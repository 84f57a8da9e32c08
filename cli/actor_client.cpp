#include "cli/actor_client.hpp"

#include "actors/cluster/dialer.hpp"
#include "actors/cluster/network.hpp"
#include "engines/dial.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <utility>

namespace intd {

namespace {

// The dialer ends a dial by itself; this much later it is given up.
constexpr std::chrono::seconds slack{1};

struct client_config : caf::actor_system_config {
  client_config() {
    add_cluster_messages(*this);
    load_network(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

// It has one node and one request at a time, and fails where either does: a
// mint client would try on.
class actor_client : public integer_client {
public:
  actor_client(server_address where, std::string key)
    : where_(std::move(where)), key_(std::move(key)) {
    // nop
  }

  result<int64_t> next() override {
    auto fine = node_ ? result<void>{} : connect();
    if (!fine)
      return tl::unexpected{fine.error()};
    result<int64_t> answer;
    self_->request(node_, where_.timeout, reserve_atom_v, key_, int64_t{1})
      .receive(
        [&answer](const reserved& given) {
          answer = given.runs.at(0).first;
        },
        [&answer](const caf::error& reason) {
          answer = tl::unexpected{from_caf(reason)};
        });
    return answer;
  }

private:
  result<void> connect() {
    dialer_options options;
    options.timeout = where_.timeout;
    auto reach = system_.spawn(dialer, options);
    result<void> reached;
    self_
      ->request(reach, options.timeout + slack, dial_atom_v,
                host_and_port(where_.host, where_.port))
      .receive(
        [this](const node_actor& node) {
          node_ = node;
        },
        [&reached](const caf::error& reason) {
          auto why = from_caf(reason);
          reached = fail(why.code,
                         "cannot connect to " + why.context
                           + "; start intd-server with [actor] "
                             "listen");
        });
    caf::anon_send_exit(reach, caf::exit_reason::user_shutdown);
    return reached;
  }

  server_address where_;
  std::string key_;
  client_config config_;
  caf::actor_system system_{config_};
  caf::scoped_actor self_{system_};
  node_actor node_; // Null until the first integer is wanted.
};

} // namespace

std::unique_ptr<integer_client> make_actor_client(server_address where,
                                                  std::string key) {
  return std::make_unique<actor_client>(std::move(where), std::move(key));
}

} // namespace intd
