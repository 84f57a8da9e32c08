#include "actors/mint_client/mint_client.hpp"

#include "actors/cluster/dialer.hpp"
#include "actors/cluster/network.hpp"

#include <caf/exit_reason.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <utility>

namespace intd {

using std::chrono::milliseconds;

namespace {

// How often deadlines are looked at, while anybody waits.
constexpr milliseconds sweep_period{50};

// Beyond what the dialer grants itself: one of several may wait for its turn.
constexpr milliseconds dialer_slack{10'000};

// Another node would say the same.
bool is_final(ec code) {
  return code == ec::invalid_key || code == ec::invalid_count
    || code == ec::exhausted;
}

} // namespace

void mint_promise::deliver(reserved integers) {
  if (auto* x = std::get_if<one>(&promise_))
    x->deliver(integers.runs.front().first);
  else
    std::get<several>(promise_).deliver(std::move(integers));
}

void mint_promise::deliver(const caf::error& reason) {
  std::visit(
    [&reason](auto& x) {
      x.deliver(reason);
    },
    promise_);
}

mint_client_state::~mint_client_state() {
  for (auto& [key, x] : demands_)
    x.waiting.refuse_all({ec::unavailable, "the mint client was ended"});
  if (dialer_)
    self_->send_exit(dialer_, caf::exit_reason::user_shutdown);
}

void mint_client_state::init(mint_client_options options, dialer_actor dialer) {
  options_ = std::move(options);
  dialer_ = std::move(dialer);
  count_max_ = std::clamp<int64_t>(options_.count_max, 1, max_count);
  ring_ = node_ring{options_.nodes.size(), options_.backoff_min,
                    options_.backoff_max, options_.seed};
  pauses_ = backoff{options_.backoff_min, options_.backoff_max, options_.seed};
  self_->set_down_handler([this](const caf::down_msg& msg) {
    lost(msg.source, msg.reason);
  });
  for (const auto& address : options_.nodes)
    nodes_.push_back({address, {}, {ec::unavailable, "is being dialed"}});
  for (size_t i = 0; i < nodes_.size(); ++i)
    dial(i);
}

mint_client_actor::behavior_type mint_client_state::make_behavior() {
  return {
    [this](next_atom, std::string& key) {
      return next(key);
    },
    [this](reserve_atom, std::string& key, int64_t count) {
      return reserve(key, count);
    },
    [this](flush_atom) {
      flush();
    },
    [this](restart_atom, const std::string& key) {
      ask_again(key);
    },
    [this](dial_atom, uint64_t i) {
      dial(i);
    },
    [this](sweep_atom) {
      sweep();
    },
  };
}

// -- requests -----------------------------------------------------------------

caf::result<int64_t> mint_client_state::next(std::string& key) {
  if (auto reason = refusal(key, 1); reason.code != ec::none)
    return to_caf(reason);
  gather(key, 1, mint_promise{self_->make_response_promise<int64_t>()});
  return caf::delegated<int64_t>{}; // By the promise.
}

caf::result<reserved> mint_client_state::reserve(std::string& key,
                                                 int64_t count) {
  if (auto reason = refusal(key, count); reason.code != ec::none)
    return to_caf(reason);
  gather(key, count, mint_promise{self_->make_response_promise<reserved>()});
  return caf::delegated<reserved>{}; // By the promise.
}

error mint_client_state::refusal(const std::string& key, int64_t count) const {
  if (!valid_key(key))
    return {ec::invalid_key, "found \"" + key.substr(0, max_key_size) + "\""};
  if (count < 1 || count > max_count)
    return {ec::invalid_count, "asked for " + std::to_string(count)};
  if (waiting_ >= options_.waiting_max)
    return {ec::overloaded, std::to_string(waiting_) + " requests wait"};
  return {};
}

void mint_client_state::gather(std::string& key, int64_t count,
                               mint_promise who) {
  auto& x = demands_[key];
  auto first = x.waiting.size() == 0 && !x.waiting.under_way();
  ++waiting_;
  x.waiting.add(count, std::move(who),
                self_->clock().now() + options_.request_timeout);
  if (!std::exchange(sweeping_, true))
    self_->delayed_send(self_, sweep_period, sweep_atom_v);
  if (!first)
    return;
  // Whatever is in the mailbox already joins; a lone request leaves at once.
  if (gathered_.empty())
    self_->send(self_, flush_atom_v);
  gathered_.push_back(std::move(key));
}

void mint_client_state::flush() {
  for (const auto& key : std::exchange(gathered_, {}))
    ask(key);
}

void mint_client_state::ask_again(const std::string& key) {
  if (auto found = demands_.find(key); found != demands_.end()) {
    found->second.pausing = false;
    found->second.tried.clear();
    ask(key);
  }
}

void mint_client_state::ask(const std::string& key) {
  auto found = demands_.find(key);
  if (found == demands_.end())
    return;
  auto& x = found->second;
  if (x.pausing || x.waiting.under_way())
    return;
  if (x.waiting.size() == 0) {
    demands_.erase(found);
    return;
  }
  auto node = ring_.pick(x.tried);
  if (!node)
    return end_round(found);
  auto count = x.waiting.ask(count_max_);
  x.node = *node;
  x.serial = ++last_serial_;
  self_
    ->request(nodes_[x.node].handle, options_.node_timeout, reserve_atom_v, key,
              count)
    .then(
      [this, key, serial = x.serial](const reserved& given) {
        answered(key, serial, given);
      },
      [this, key, serial = x.serial](const caf::error& reason) {
        refused(key, serial, from_caf(reason));
      });
}

// No node is left to ask. Where none is up, the first that comes is asked.
void mint_client_state::end_round(demands::iterator at) {
  const auto& key = at->first;
  auto& x = at->second;
  if (x.tried.empty())
    return;
  x.tried.clear();
  if (is_final(x.reason.code)) {
    (void)x.waiting.ask(count_max_);
    settle(x, [&x] {
      x.waiting.refuse(x.reason);
    });
    return ask(std::string{key});
  }
  x.pausing = true;
  self_->delayed_send(self_, pauses_.next(), restart_atom_v, key);
}

void mint_client_state::answered(const std::string& key, uint64_t serial,
                                 const reserved& given) {
  auto found = demands_.find(key);
  if (found == demands_.end() || found->second.serial != serial)
    return; // Asked for elsewhere in the meantime: these are a gap.
  auto& x = found->second;
  settle(x, [&x, &given] {
    x.waiting.give(given.runs);
  });
  x.tried.clear();
  pauses_.reset();
  ring_.proven(x.node);
  ask(key);
}

void mint_client_state::refused(const std::string& key, uint64_t serial,
                                const error& reason) {
  auto found = demands_.find(key);
  if (found == demands_.end() || found->second.serial != serial)
    return;
  auto& x = found->second;
  x.serial = 0;
  x.waiting.fail_over();
  if (reason.code == ec::invalid_count && count_max_ > 1) {
    // The node's limit is lower: what is wanted comes in more pieces.
    count_max_ /= 2;
  } else {
    x.reason = {reason.code, nodes_[x.node].address + ": " + reason.context};
    x.tried.push_back(x.node);
    ring_.leave(x.node);
  }
  ask(key);
}

template <class F>
void mint_client_state::settle(demand& x, F act) {
  auto before = x.waiting.size();
  act();
  waiting_ -= before - x.waiting.size();
}

void mint_client_state::sweep() {
  auto now = self_->clock().now();
  for (auto i = demands_.begin(); i != demands_.end();) {
    auto& x = i->second;
    settle(x, [this, &x, now] {
      x.waiting.expire(now, lateness(x));
    });
    if (x.waiting.size() == 0 && !x.waiting.under_way())
      i = demands_.erase(i);
    else
      ++i;
  }
  sweeping_ = !demands_.empty();
  if (sweeping_)
    self_->delayed_send(self_, sweep_period, sweep_atom_v);
}

error mint_client_state::lateness(const demand& x) const {
  auto text = "no integer within "
    + std::to_string(options_.request_timeout.count()) + " ms";
  if (x.reason.code != ec::none)
    return {ec::timeout, text + "; " + to_string(x.reason)};
  if (!ring_.any_up())
    for (const auto& node : nodes_)
      text += "; " + node.address + ": " + to_string(node.reason);
  return {ec::timeout, text};
}

// -- nodes --------------------------------------------------------------------

void mint_client_state::dial(size_t i) {
  self_
    ->request(dialer_, options_.dial_timeout + dialer_slack, dial_atom_v,
              nodes_[i].address)
    .then(
      [this, i](const node_actor& handle) {
        connected(i, handle);
      },
      [this, i](const caf::error& reason) {
        redial(i, from_caf(reason));
      });
}

void mint_client_state::connected(size_t i, const node_actor& handle) {
  nodes_[i].handle = handle;
  self_->monitor(handle);
  ring_.up(i);
  std::vector<std::string> keys;
  for (const auto& [key, x] : demands_)
    keys.push_back(key);
  for (const auto& key : keys)
    ask(key);
}

void mint_client_state::redial(size_t i, error reason) {
  nodes_[i].reason = std::move(reason);
  self_->delayed_send(self_, ring_.delay(i), dial_atom_v, uint64_t{i});
}

// Requests under way at it would be answered by nobody.
void mint_client_state::lost(const caf::actor_addr& who,
                             const caf::error& reason) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i].handle || nodes_[i].handle.address() != who)
      continue;
    nodes_[i].handle = nullptr;
    ring_.down(i);
    redial(i, {ec::unavailable, "connection lost: " + caf::to_string(reason)});
    std::vector<std::pair<std::string, uint64_t>> under_way;
    for (const auto& [key, x] : demands_)
      if (x.waiting.under_way() && x.node == i)
        under_way.emplace_back(key, x.serial);
    for (const auto& [key, serial] : under_way)
      refused(key, serial, nodes_[i].reason);
  }
}

mint_client_actor::behavior_type mint_client(mint_client_state::pointer self,
                                             mint_client_options options,
                                             dialer_actor dialer) {
  self->state.init(std::move(options), std::move(dialer));
  return self->state.make_behavior();
}

void load_mint_client(caf::actor_system_config& cfg) {
  add_cluster_messages(cfg);
  cfg.add_message_types<caf::id_block::intd_client>();
  cfg.add_message_types<caf::id_block::intd_client_actors>();
  load_network(cfg);
}

result<mint_client_actor> spawn_mint_client(caf::actor_system& system,
                                            mint_client_options options) {
  if (options.nodes.empty())
    return fail(ec::invalid_dsn,
                "there is no node to mint from; expected the "
                "host:port of one or more");
  for (const auto& x : options.nodes)
    if (auto address = parse_node_address(x); !address)
      return tl::unexpected{address.error()};
  dialer_options dials;
  dials.timeout = options.dial_timeout;
  auto reach = system.spawn(dialer, dials);
  return system.spawn(mint_client, std::move(options), std::move(reach));
}

} // namespace intd
