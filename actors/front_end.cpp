#include "actors/front_end.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace intd {

namespace {

// How often quiet clients are looked for, while there are any.
constexpr auto sweep_period = std::chrono::milliseconds{250};

// What an answer still holds, given away in rising order.
class supply {
public:
  explicit supply(const std::vector<run>& runs)
    : next_(runs.begin()), end_(runs.end()) {
    // nop
  }

  // Cuts up to `count` integers off, of one run; none once all are given.
  run cut(int64_t count) {
    while (rest_.count == 0 && next_ != end_)
      rest_ = *next_++;
    return cut_front(rest_, count);
  }

  // Cuts `count` integers off; nothing where fewer are left.
  std::vector<run> cut_all(int64_t count) {
    std::vector<run> runs;
    while (count > 0) {
      auto part = cut(count);
      if (part.count == 0)
        return {};
      count -= part.count;
      runs.push_back(part);
    }
    return runs;
  }

private:
  std::vector<run>::const_iterator next_;
  std::vector<run>::const_iterator end_;
  run rest_;
};

// Asks the cluster actor for what the order says.
auto send_order(front_end_state::pointer self, const cluster_actor& to,
                std::chrono::milliseconds timeout, const cluster_order& x) {
  switch (x.what) {
    case cluster_order::action::join:
      return self->request(to, timeout, join_atom_v, x.whom);
    case cluster_order::action::leave:
      return self->request(to, timeout, leave_atom_v, x.whom);
    case cluster_order::action::split:
      return self->request(to, timeout, split_atom_v, x.whom);
    case cluster_order::action::adopt:
      return self->request(to, timeout, adopt_atom_v, x.nodes, x.above);
    case cluster_order::action::waive:
      return self->request(to, timeout, waive_atom_v, x.whom);
    case cluster_order::action::drain:
      break;
  }
  return self->request(to, timeout, drain_atom_v, x.on);
}

} // namespace

front_end_state::~front_end_state() {
  if (listener_)
    listener_->stop();
  for (const auto& x : std::exchange(clients_, {}))
    x->close();
}

void front_end_state::init(front_end_options options, listener source,
                           client_factory make, router_actor router,
                           cluster_actor cluster) {
  options_ = std::move(options);
  listener_ = std::move(source);
  make_client_ = std::move(make);
  router_ = std::move(router);
  cluster_ = std::move(cluster);
  listener_->start([this](stream_socket socket) {
    accept(std::move(socket));
  });
}

front_end_actor::behavior_type front_end_state::make_behavior() {
  return {
    [this](drain_atom) {
      return drain();
    },
    [this](flush_atom) {
      flush();
    },
    [this](sweep_atom) {
      sweep();
    },
  };
}

void front_end_state::accept(stream_socket socket) {
  auto who = make_client_(std::move(socket), *this);
  if (clients_.size() >= options_.connections_max) {
    who->refused({}, {ec::overloaded, "too many connections"});
    who->flush();
    who->close();
    return;
  }
  clients_.insert(who);
  if (!std::exchange(sweeping_, true))
    self_->delayed_send(self_, sweep_period, sweep_atom_v);
  who->settle();
}

// Refuses what is one too many.
bool front_end_state::admit(const client_ptr& from, ticket request) {
  if (waiting_ >= options_.waiting_max) {
    from->refused(request, {ec::overloaded, "too many requests are waiting"});
    return false;
  }
  ++waiting_;
  schedule_flush();
  return true;
}

void front_end_state::mint(client_ptr from, ticket request) {
  if (admit(from, request))
    gather(gathered_, std::move(from), request, 1);
}

void front_end_state::mint(client_ptr from, ticket request,
                           const std::string& key) {
  if (!admit(from, request))
    return;
  auto& all = key == options_.key ? gathered_ : gathered_by_key_[key];
  gather(all, std::move(from), request, request.count);
}

void front_end_state::gather(demand& all, client_ptr from, ticket request,
                             int64_t count) {
  if (all.count > max_count - count) {
    --waiting_;
    from->refused(request,
                  {ec::overloaded, "too many integers are asked for at once"});
    return;
  }
  all.count += count;
  all.who.push_back({std::move(from), request});
}

void front_end_state::tell_last(client_ptr from, ticket request,
                                const std::string& key) {
  if (admit(from, request))
    asking_last_[key].push_back({std::move(from), request});
}

void front_end_state::raise(client_ptr from, ticket request,
                            const std::string& key, int64_t value) {
  if (admit(from, request))
    raising_.push_back({{std::move(from), request}, key, value});
}

void front_end_state::report(client_ptr from, ticket request) {
  asking_status_.push_back({std::move(from), request});
  schedule_flush();
}

void front_end_state::order(client_ptr from, ticket request,
                            cluster_order what) {
  if (admit(from, request))
    ordering_.push_back({{std::move(from), request}, std::move(what)});
}

void front_end_state::left(const client_ptr& who) {
  clients_.erase(who);
  if (draining_)
    schedule_flush();
}

// The message to itself lands behind all that this turn of the loop has read:
// so one batch carries a turn, and a lone request leaves at once.
void front_end_state::schedule_flush() {
  if (!std::exchange(flush_scheduled_, true))
    caf::anon_send(front_end_actor{self_}, flush_atom_v);
}

void front_end_state::flush() {
  flush_scheduled_ = false;
  flush_keyed();
  if (!gathered_.who.empty())
    ask_for_integers(options_.key, std::exchange(gathered_, {}));
  if (!asking_status_.empty())
    ask_for_status(std::exchange(asking_status_, {}));
  for (const auto& x : std::exchange(ordering_, {}))
    pass_on(x);
  finish_drain();
}

// What is raised comes first: a client that does so, and asks for an integer
// in the same breath, means it so.
void front_end_state::flush_keyed() {
  for (const auto& x : std::exchange(raising_, {}))
    ask_to_raise(x);
  if (!gathered_by_key_.empty())
    for (auto& [key, batch] : std::exchange(gathered_by_key_, {}))
      ask_for_integers(key, std::move(batch));
  if (!asking_last_.empty())
    for (auto& [key, batch] : std::exchange(asking_last_, {}))
      ask_for_last(key, std::move(batch));
}

// The router answers before its own deadline, which it keeps for a whole batch
// without a timer for each; hence no timeout here.
void front_end_state::ask_for_integers(const std::string& key, demand batch) {
  auto shared = std::make_shared<waiters>(std::move(batch.who));
  self_->request(router_, caf::infinite, reserve_atom_v, key, batch.count)
    .then(
      [this, key, shared](const reserved& given) {
        waiting_ -= shared->size();
        answer(key, *shared, given);
      },
      [this, shared](const caf::error& reason) {
        waiting_ -= shared->size();
        refuse(*shared, from_caf(reason));
      });
}

void front_end_state::ask_for_last(const std::string& key, waiters batch) {
  auto shared = std::make_shared<waiters>(std::move(batch));
  self_->request(router_, caf::infinite, last_atom_v, key)
    .then(
      [this, key, shared](int64_t last) {
        waiting_ -= shared->size();
        for (const auto& x : *shared)
          x.from->told(x.request, key, last);
        settle(*shared);
      },
      [this, shared](const caf::error& reason) {
        waiting_ -= shared->size();
        refuse(*shared, from_caf(reason));
      });
}

void front_end_state::ask_to_raise(const raising& x) {
  self_->request(router_, caf::infinite, raise_atom_v, x.key, x.value)
    .then(
      [this, who = x.who](caf::ok_atom) {
        --waiting_;
        who.from->done(who.request);
        who.from->settle();
      },
      [this, who = x.who](const caf::error& reason) {
        --waiting_;
        refuse({who}, from_caf(reason));
      });
}

void front_end_state::ask_for_status(waiters batch) {
  auto shared = std::make_shared<waiters>(std::move(batch));
  auto failed = [this, shared](const caf::error& reason) {
    refuse(*shared, from_caf(reason));
  };
  self_->request(router_, caf::infinite, status_atom_v)
    .then(
      [this, shared, failed](const router_status& stripes) {
        if (!cluster_)
          return report_to(*shared, {stripes, std::nullopt});
        self_->request(cluster_, options_.report_timeout, status_atom_v)
          .then(
            [this, shared, stripes](const cluster_status& nodes) {
              report_to(*shared, {stripes, nodes});
            },
            failed);
      },
      failed);
}

void front_end_state::report_to(const waiters& batch, const site_report& now) {
  for (const auto& x : batch)
    x.from->reported(x.request, now);
  settle(batch);
}

void front_end_state::pass_on(const ordering& x) {
  auto ended = [this, who = x.who](const error& reason) {
    --waiting_;
    if (reason.code != ec::none)
      return refuse({who}, reason);
    who.from->done(who.request);
    who.from->settle();
  };
  if (!cluster_)
    return ended({ec::unavailable,
                  "this node is in no cluster: it has no peers to deal with"});
  send_order(self_, cluster_, options_.order_timeout, x.what)
    .then(
      [ended](caf::ok_atom) {
        ended({});
      },
      [ended](const caf::error& reason) {
        ended(from_caf(reason));
      });
}

void front_end_state::answer(const std::string& key, const waiters& batch,
                             const reserved& given) {
  supply all{given.runs};
  // A router never gives less; should it, nobody is left without an answer.
  const error too_few{ec::unavailable, "short answer"};
  for (const auto& [from, request] : batch) {
    if (request.count > 0) {
      if (auto runs = all.cut_all(request.count); !runs.empty())
        from->minted(request, key, runs);
      else
        from->refused(request, too_few);
    } else if (auto one = all.cut(1); one.count > 0) {
      from->minted(request, one.first);
    } else {
      from->refused(request, too_few);
    }
  }
  settle(batch);
}

void front_end_state::refuse(const waiters& batch, const error& reason) {
  for (const auto& x : batch)
    x.from->refused(x.request, reason);
  settle(batch);
}

void front_end_state::settle(const waiters& batch) {
  for (const auto& x : batch)
    x.from->settle();
}

caf::result<caf::ok_atom> front_end_state::drain() {
  draining_ = true;
  listener_->stop();
  drained_ = self_->make_response_promise<caf::ok_atom>();
  auto promise = *drained_;
  for (const auto& x :
       std::vector<client_ptr>(clients_.begin(), clients_.end()))
    x->drain();
  schedule_flush();
  return promise;
}

void front_end_state::finish_drain() {
  if (!draining_ || !clients_.empty() || !drained_)
    return;
  drained_->deliver(caf::ok_atom_v);
  drained_.reset();
}

void front_end_state::sweep() {
  auto now = self_->clock().now();
  for (const auto& x :
       std::vector<client_ptr>(clients_.begin(), clients_.end()))
    if (draining_ && x->lingering())
      x->close();
    else
      x->sweep(now);
  sweeping_ = !clients_.empty();
  if (sweeping_)
    self_->delayed_send(self_, sweep_period, sweep_atom_v);
}

front_end_actor::behavior_type front_end(front_end_state::pointer self,
                                         front_end_options options,
                                         listener source, client_factory make,
                                         router_actor router,
                                         cluster_actor cluster) {
  self->state.init(std::move(options), std::move(source), std::move(make),
                   std::move(router), std::move(cluster));
  return self->state.make_behavior();
}

} // namespace intd
