#include "node/node.hpp"

#include "actors/cluster/cluster.hpp"
#include "actors/cluster/network.hpp"
#include "actors/event_loop.hpp"
#include "actors/front_end.hpp"
#include "actors/http/client.hpp"
#include "actors/listener.hpp"
#include "actors/router.hpp"
#include "actors/supervisor.hpp"
#include "actors/tcp/client.hpp"
#include "engines/dsn.hpp"
#include "engines/guard/state_directory.hpp"
#include "node/actor_port.hpp"
#include "node/first_openings.hpp"
#include "node/open_engine.hpp"
#include "node/paths.hpp"
#include "node/place.hpp"
#include "node/state_pool.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <random>
#include <thread>
#include <utility>
#include <vector>

namespace intd {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

// Between two looks whether the router knows the engines that have opened.
constexpr milliseconds look_again{1};

class system_config : public caf::actor_system_config {
public:
  explicit system_config(const node_config& x) {
    add_cluster_messages(*this);
    if (!x.actor.listen.empty())
      load_network(*this);
    // The default policy polls, and costs a fifth of the throughput.
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", static_cast<size_t>(x.scheduler.threads));
  }
};

// What will not get better by trying again.
bool needs_operator(ec code) {
  return code != ec::none && code != ec::unavailable && code != ec::timeout;
}

client_factory clients_of(const std::string& protocol) {
  return protocol == "tcp" ? tcp::clients() : http::clients();
}

result<std::shared_ptr<state_directory>> open_state(const node_section& x) {
  node_label label{x.name, x.cluster};
  return x.state_pool
    ? open_free_state(x.state_dir, label, defaults::state_places)
    : state_directory::open(x.state_dir, label);
}

std::string stripe_text(const engine_section& x) {
  return has_fixed_stripe(x) ? to_string(stripe_of(x)) : "of the cluster";
}

std::string url_of(const listen_section& x, uint16_t port) {
  auto host
    = x.host.find(':') == std::string::npos ? x.host : "[" + x.host + "]";
  return x.protocol + "://" + host + ":" + std::to_string(port);
}

} // namespace

class node::impl {
public:
  explicit impl(node_config config)
    : config_(std::move(config)),
      system_config_(config_),
      openings_(std::make_shared<first_openings>(config_.engines.size())) {
    // nop
  }

  result<void> start(const start_orders& orders, stop_signals& signals) {
    auto state = open_state(config_.node);
    if (!state)
      return tl::unexpected{state.error()};
    state_ = *state;
    for (auto& x : config_.engines)
      if (x.dsn.empty())
        x.dsn = default_dsn(x.engine, state_->path());
    system_ = std::make_unique<caf::actor_system>(system_config_);
    loop_ = std::make_unique<event_loop>(
      *system_, std::chrono::microseconds{config_.node.spin_us});
    thread_ = std::thread{[this] {
      loop_->run();
    }};
    router_ = spawn_on(*loop_, router, router_options_of(config_));
    return join_cluster(orders.restored)
      .and_then([this] {
        return publish();
      })
      .and_then([this, &orders, &signals] {
        for (size_t i = 0; i < config_.engines.size(); ++i)
          supervise(i, orders.take_over);
        return wait_for_engines(signals);
      })
      .and_then([this, &orders] {
        return raise(orders.set_last);
      })
      .and_then([this] {
        return listen();
      });
  }

  [[nodiscard]] std::string serving() const {
    std::string text;
    for (const auto& url : urls_)
      text += (text.empty() ? "" : " ") + url;
    text += "; key " + config_.node.key;
    for (const auto& x : config_.engines)
      text += "; engine " + x.name + ": " + x.engine
        + (x.dsn.empty() ? "" : " " + without_secrets(x.dsn)) + ", stripe "
        + stripe_text(x) + (x.guard ? ", guarded" : ", not guarded");
    return text + "; state " + state_->path().string() + ", node "
      + state_->node_id();
  }

  bool stop() {
    if (!system_)
      return true;
    bool fine = drain(front_ends_, "a front end");
    fine = drain(desk_keepers_, "the actor port") && fine;
    fine = drain(supervisors_, "an engine") && fine;
    // What did not answer is ended without being asked.
    end_all(front_ends_);
    end_all(desk_keepers_);
    end_all(supervisors_);
    caf::anon_send_exit(std::exchange(cluster_, nullptr),
                        caf::exit_reason::user_shutdown);
    caf::anon_send_exit(std::exchange(dialer_, nullptr),
                        caf::exit_reason::user_shutdown);
    caf::anon_send_exit(std::exchange(router_, nullptr),
                        caf::exit_reason::user_shutdown);
    system_->await_all_actors_done();
    loop_->stop();
    thread_.join();
    loop_.reset();
    system_.reset();
    state_.reset();
    return fine;
  }

private:
  engine_settings settings_of(const engine_section& x) const {
    engine_settings settings;
    settings.name = x.name;
    settings.engine = x.engine;
    settings.dsn = x.dsn;
    settings.connection = store_options_of(config_);
    settings.stripe = stripe_of(x);
    settings.guard_block = x.guard_block;
    settings.shared = x.shared;
    settings.state = x.guard ? state_ : nullptr;
    settings.warn = [](std::string_view text) {
      spdlog::warn("engine {}", text);
    };
    return settings;
  }

  result<void> join_cluster(bool restored) {
    auto place = take_place(*system_, config_, state_, restored, router_);
    if (!place)
      return tl::unexpected{place.error()};
    owned_ = std::move(place->owned);
    dialer_ = std::move(place->dialer);
    cluster_ = std::move(place->cluster);
    return {};
  }

  void supervise(size_t i, bool take_over) {
    auto options = supervisor_options_of(config_, i);
    options.seed = std::random_device{}();
    // Until the store was opened once: an owner that comes later is kept.
    auto take = std::make_shared<std::atomic<bool>>(take_over);
    const auto name = options.engine.name;
    options.permit = [owned = owned_, name] {
      return owned->permit(name);
    };
    options.engine.open
      = [i, take, settings = settings_of(config_.engines[i]),
         openings = openings_, owned = owned_]() -> result<engine_ptr> {
      auto x = settings_within(*owned, settings);
      if (!x)
        return tl::unexpected{x.error()};
      if (*take)
        x->claim = claim_mode::take_over;
      auto opened = open_engine_above(*x, owned->floors(x->name));
      if (opened) {
        *take = false;
        owned->opened(x->name, opened->store);
      }
      openings->report(i, opened ? error{} : opened.error());
      return std::move(opened).map([](opened_engine&& it) {
        return std::move(it.engine);
      });
    };
    options.engine.cede
      = [owned = owned_, name](const split_request& to, bool split,
                               const auto& floors) {
          return owned->cede(name, to, split, floors);
        };
    supervisors_.push_back(
      system_->spawn(supervisor, std::move(options), router_, cluster_));
  }

  result<void> wait_for_engines(stop_signals& signals) {
    auto deadline = steady_clock::now()
      + (config_.cluster.peers.empty() ? defaults::start
                                       : defaults::start_among_peers);
    auto woken = signals.wait(openings_->fd(), deadline);
    if (woken == stop_signals::woken::signal)
      return fail(ec::draining, "told to stop while starting");
    size_t open = 0;
    for (size_t i = 0; i < config_.engines.size(); ++i) {
      auto outcome = openings_->of(i).value_or(
        error{ec::timeout, "the store has not answered yet"});
      auto text = "engine " + config_.engines[i].name + ": " + outcome.context;
      if (needs_operator(outcome.code))
        return fail(outcome.code, text);
      if (outcome.code == ec::none)
        ++open;
      else
        spdlog::warn("{}; trying on, requests are refused until then", text);
    }
    return wait_for_router(open, deadline, signals);
  }

  // An engine that has opened says so to its supervisor, and that one to the
  // router: a matter of microseconds.
  result<void> wait_for_router(size_t open, steady_clock::time_point deadline,
                               stop_signals& signals) {
    caf::scoped_actor self{*system_};
    while (steady_clock::now() < deadline) {
      size_t healthy = 0;
      self->request(router_, config_.timeouts.request, status_atom_v)
        .receive(
          [&healthy](const router_status& status) {
            for (const auto& x : status.stripes)
              healthy += x.healthy ? 1 : 0;
          },
          [](const caf::error&) {});
      if (healthy >= open)
        return {};
      if (signals.wait(-1, steady_clock::now() + look_again)
          == stop_signals::woken::signal)
        return fail(ec::draining, "told to stop while starting");
    }
    return {};
  }

  result<void> raise(int64_t last) {
    if (last == 0)
      return {};
    caf::scoped_actor self{*system_};
    result<void> raised;
    self
      ->request(router_, 2 * config_.timeouts.request, raise_atom_v,
                config_.node.key, last)
      .receive([](caf::ok_atom) {},
               [&raised](const caf::error& reason) {
                 raised = tl::unexpected{from_caf(reason)};
               });
    if (!raised && raised.error().code == ec::too_small) {
      spdlog::warn("-set-last-int {} changes nothing: {}", last,
                   raised.error().context);
      return {};
    }
    return raised.map_error([](error reason) {
      reason.context = "-set-last-int: " + reason.context;
      return reason;
    });
  }

  result<void> listen() {
    std::vector<listener> opened;
    for (const auto& x : config_.listens) {
      auto made
        = listener::listen(*loop_, x.host, static_cast<uint16_t>(x.port));
      if (!made)
        return tl::unexpected{made.error()};
      urls_.push_back(url_of(x, made->port()));
      opened.push_back(*made);
    }
    for (size_t i = 0; i < opened.size(); ++i)
      front_ends_.push_back(
        spawn_on(*loop_, front_end, front_end_options_of(config_), opened[i],
                 clients_of(config_.listens[i].protocol), router_, cluster_));
    return {};
  }

  result<void> publish() {
    if (config_.actor.listen.empty())
      return {};
    auto opened = actor_port::open(*system_, config_, router_, cluster_);
    if (!opened)
      return tl::unexpected{opened.error()};
    desk_keepers_.push_back(opened->keeper());
    urls_.push_back(opened->url());
    caf::anon_send(cluster_, opened_atom_v,
                   reachable(config_.actor, opened->where()));
    return {};
  }

  // Asks all at once, then waits for each.
  template <class Handle>
  bool drain(const std::vector<Handle>& all, std::string_view what) {
    caf::scoped_actor self{*system_};
    auto ask = [this, &self](const Handle& x) {
      return self->request(x, config_.timeouts.grace, drain_atom_v);
    };
    std::vector<decltype(ask(all[0]))> asked;
    asked.reserve(all.size());
    for (const auto& x : all)
      asked.push_back(ask(x));
    bool fine = true;
    for (auto& answer : asked)
      answer.receive([](caf::ok_atom) {},
                     [&fine, what](const caf::error& reason) {
                       fine = false;
                       spdlog::error("{} did not stop cleanly: {}", what,
                                     to_string(from_caf(reason)));
                     });
    return fine;
  }

  template <class Handle>
  static void end_all(std::vector<Handle>& all) {
    for (const auto& x : std::exchange(all, {}))
      caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }

  // Constant once started.
  node_config config_;
  system_config system_config_;
  // In the order of the start. CAF's system goes after the loop, for the loop
  // is one of its execution units.
  std::shared_ptr<first_openings> openings_;
  std::shared_ptr<state_directory> state_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<event_loop> loop_;
  std::thread thread_;
  router_actor router_;
  std::shared_ptr<ownership> owned_;
  dialer_actor dialer_;
  cluster_actor cluster_;
  std::vector<supervisor_actor> supervisors_;
  std::vector<front_end_actor> front_ends_;
  std::vector<desk_keeper_actor> desk_keepers_; // One at most.
  std::vector<std::string> urls_;
};

node::node(node_config config)
  : impl_(std::make_unique<impl>(std::move(config))) {
  // nop
}

node::~node() {
  impl_->stop();
}

result<void> node::start(const start_orders& orders, stop_signals& signals) {
  return impl_->start(orders, signals);
}

std::string node::serving() const {
  return impl_->serving();
}

bool node::stop() {
  return impl_->stop();
}

} // namespace intd
