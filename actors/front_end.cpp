#include "actors/front_end.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace intd {

namespace {

// How often quiet clients are looked for, while there are any.
constexpr auto sweep_period = std::chrono::milliseconds{250};

} // namespace

front_end_state::~front_end_state() {
  if (listener_)
    listener_->stop();
  for (const auto& x : std::exchange(clients_, {}))
    x->close();
}

void front_end_state::init(front_end_options options, listener source,
                           client_factory make, router_actor router) {
  options_ = std::move(options);
  listener_ = std::move(source);
  make_client_ = std::move(make);
  router_ = std::move(router);
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

void front_end_state::mint(client_ptr from, ticket request) {
  if (waiting_ >= options_.waiting_max) {
    from->refused(request, {ec::overloaded, "too many requests are waiting"});
    return;
  }
  ++waiting_;
  gathered_.push_back({std::move(from), request});
  schedule_flush();
}

void front_end_state::report(client_ptr from, ticket request) {
  asking_status_.push_back({std::move(from), request});
  schedule_flush();
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
  if (!gathered_.empty())
    ask_for_integers(std::exchange(gathered_, {}));
  if (!asking_status_.empty())
    ask_for_status(std::exchange(asking_status_, {}));
  finish_drain();
}

// The router answers before its own deadline, which it keeps for a whole batch
// without a timer for each; hence no timeout here.
void front_end_state::ask_for_integers(waiters batch) {
  auto count = static_cast<int64_t>(batch.size());
  auto shared = std::make_shared<waiters>(std::move(batch));
  self_->request(router_, caf::infinite, reserve_atom_v, options_.key, count)
    .then(
      [this, shared](const reserved& given) {
        waiting_ -= shared->size();
        answer(*shared, given);
      },
      [this, shared](const caf::error& reason) {
        waiting_ -= shared->size();
        refuse(*shared, from_caf(reason));
      });
}

void front_end_state::ask_for_status(waiters batch) {
  auto shared = std::make_shared<waiters>(std::move(batch));
  self_->request(router_, caf::infinite, status_atom_v)
    .then(
      [this, shared](const router_status& status) {
        for (const auto& x : *shared)
          x.from->reported(x.request, status);
        settle(*shared);
      },
      [this, shared](const caf::error& reason) {
        refuse(*shared, from_caf(reason));
      });
}

void front_end_state::answer(const waiters& batch, const reserved& given) {
  auto next = batch.begin();
  for (auto rest : given.runs)
    for (; rest.count > 0 && next != batch.end(); ++next)
      next->from->minted(next->request, cut_front(rest, 1).first);
  // A router never gives less; should it, nobody is left without an answer.
  for (; next != batch.end(); ++next)
    next->from->refused(next->request, {ec::unavailable, "short answer"});
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
                                         router_actor router) {
  self->state.init(std::move(options), std::move(source), std::move(make),
                   std::move(router));
  return self->state.make_behavior();
}

} // namespace intd
