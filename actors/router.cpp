#include "actors/router.hpp"

#include <caf/actor_clock.hpp>
#include <caf/system_messages.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace intd {

namespace {

// CAF's clock is a thread that a request with a timeout wakes twice, to set and
// to cancel it: too dear for each reservation. So reservations are sent without
// one, and a single delayed message looks through them this often, only while
// there are any.
constexpr std::chrono::milliseconds sweep_interval{100};

// Whether another stripe could serve what this one refused.
bool retryable(ec code) {
  return is_fatal(code) || code == ec::exhausted || code == ec::overloaded
    || code == ec::draining;
}

size_t count_open(const std::vector<engine_actor>& xs) {
  return xs.size()
    - static_cast<size_t>(std::count(xs.begin(), xs.end(), nullptr));
}

std::string ms(std::chrono::milliseconds x) {
  return std::to_string(x.count()) + " ms";
}

} // namespace

router_state::~router_state() {
  error reason{ec::unavailable, "the router was stopped"};
  for (size_t slot = 0; slot < slots_.size(); ++slot)
    slots_[slot].promise.deliver(to_caf(reason)); // If it is taken.
  for (auto& [id, s] : surveys_) {
    s.last.deliver(to_caf(reason));
    s.raised.deliver(to_caf(reason));
  }
}

void router_state::init(router_options options) {
  options_ = std::move(options);
  ring_ = stripe_ring{
    {options_.strategy, options_.set_aside_min, options_.set_aside_max}};
  for (const auto& x : options_.stripes)
    ring_.know(x.name, x.stripe, "not open yet");
  engines_.resize(ring_.entries().size());
  self_->set_down_handler([this](const caf::down_msg& msg) {
    lost(msg.source, msg.reason);
  });
}

router_actor::behavior_type router_state::make_behavior() {
  return {
    [this](reserve_atom, std::string& key, int64_t count) {
      return reserve(key, count);
    },
    [this](last_atom, const std::string& key) {
      return last(key);
    },
    [this](raise_atom, const std::string& key, int64_t value) {
      return raise(key, value);
    },
    [this](up_atom, const std::string& engine, const stripe& x,
           const engine_actor& handle) {
      up(engine, x, handle);
    },
    [this](down_atom, const std::string& engine, const std::string& reason) {
      down(engine, reason);
    },
    [this](status_atom) {
      return status();
    },
    [this](sweep_atom) {
      sweep();
    },
  };
}

// -- reservations -------------------------------------------------------------

caf::result<reserved> router_state::reserve(std::string& key, int64_t count) {
  if (slots_.taken() >= options_.waiting_max)
    return to_caf(
      {ec::overloaded,
       std::to_string(options_.waiting_max) + " requests are in flight"});
  auto now = self_->clock().now();
  auto chosen = ring_.next(now, {});
  if (!chosen)
    return to_caf({ec::unavailable, "no engine can mint: " + ring_.reasons()});
  auto slot = slots_.take();
  auto& w = slots_[slot];
  w.serial = ++last_serial_;
  w.promise = self_->make_response_promise<reserved>();
  w.key = std::move(key);
  w.count = count;
  w.deadline = now + options_.request_timeout;
  attempt(slot, *chosen, now);
  arm_sweep();
  return caf::delegated<reserved>{}; // By the promise.
}

void router_state::attempt(size_t slot, const stripe_ring::pick& x,
                           time_point now) {
  auto& w = slots_[slot];
  w.attempt = x;
  w.sent = now;
  ticket t{slot, w.serial, x};
  self_
    ->request(engines_[x.index], caf::infinite, reserve_atom_v, w.key, w.count)
    .then(
      [this, t](reserved& integers) {
        answered(t, integers);
      },
      [this, t](const caf::error& reason) {
        refused(t, reason);
      });
}

void router_state::answered(const ticket& t, reserved& integers) {
  bring_back(t.attempt);
  if (!still_waits(t))
    return; // The deadline has passed: the integers are a gap.
  slots_[t.slot].promise.deliver(std::move(integers));
  release(t.slot);
}

void router_state::refused(const ticket& t, const caf::error& reason) {
  auto x = from_caf(reason);
  auto now = self_->clock().now();
  if (is_fatal(x.code))
    set_aside(t.attempt, now, to_string(x));
  else
    bring_back(t.attempt);
  if (!still_waits(t))
    return;
  auto& w = slots_[t.slot];
  if (!w.attempt || w.attempt->turn != t.attempt.turn)
    return; // Another attempt is on its way.
  if (retryable(x.code))
    fail_over(t.slot, std::move(x), now);
  else
    finish(t.slot, x);
}

bool router_state::still_waits(const ticket& t) const {
  return t.slot < slots_.size() && slots_[t.slot].serial == t.serial;
}

// Ends the present attempt with `reason` and begins the next.
void router_state::fail_over(size_t slot, error reason, time_point now) {
  auto& w = slots_[slot];
  w.tried.push_back(w.attempt->index);
  w.attempt.reset();
  if (reason.code != ec::exhausted)
    w.reason = std::move(reason);
  if (now >= w.deadline)
    return expire(slot, now);
  if (auto chosen = ring_.next(now, w.tried))
    return attempt(slot, *chosen, now);
  give_up(slot, now);
}

// Nothing is left to be tried.
void router_state::give_up(size_t slot, time_point now) {
  auto& w = slots_[slot];
  if (w.left_behind && now < w.deadline)
    return; // The slow one may still answer.
  if (w.reason.code != ec::none)
    return finish(slot, w.reason);
  // Whoever was asked is exhausted. A stripe that could not be asked may not
  // be, so only a complete round says so.
  if (w.tried.size() == ring_.entries().size())
    return finish(slot, {ec::exhausted, "no integer is left of " + w.key});
  finish(slot,
         {ec::unavailable,
          "every stripe that could be asked is exhausted, the others: "
            + ring_.reasons()});
}

void router_state::expire(size_t slot, time_point now) {
  auto& w = slots_[slot];
  if (w.attempt)
    set_aside(*w.attempt, now,
              "no answer within " + ms(options_.request_timeout));
  finish(
    slot,
    {ec::timeout, "no engine answered within " + ms(options_.request_timeout)});
}

// A slow attempt is left behind only for something better: the only stripe may
// take its time up to the deadline.
void router_state::check_slow(size_t slot, time_point now) {
  auto& w = slots_[slot];
  if (!w.attempt || now < w.sent + options_.engine_timeout)
    return;
  w.tried.push_back(w.attempt->index);
  auto chosen = ring_.next(now, w.tried);
  if (!chosen) {
    w.tried.pop_back();
    return;
  }
  set_aside(*w.attempt, now, "no answer within " + ms(options_.engine_timeout));
  w.left_behind = true;
  attempt(slot, *chosen, now);
}

void router_state::finish(size_t slot, const error& reason) {
  slots_[slot].promise.deliver(to_caf(reason));
  release(slot);
}

void router_state::release(size_t slot) {
  auto& w = slots_[slot];
  w.serial = 0;
  w.promise = {};
  w.attempt.reset();
  w.left_behind = false;
  w.tried.clear();
  w.reason = {};
  slots_.free(slot);
}

void router_state::arm_sweep() {
  if (sweeping_)
    return;
  sweeping_ = true;
  self_->delayed_send(self_, sweep_interval, sweep_atom_v);
}

void router_state::sweep() {
  sweeping_ = false;
  auto now = self_->clock().now();
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].serial == 0)
      continue;
    if (now >= slots_[slot].deadline)
      expire(slot, now);
    else
      check_slow(slot, now);
  }
  if (slots_.taken() > 0)
    return arm_sweep();
  // At rest nothing is swept, and what a burst took is given back.
  slots_.clear();
}

// -- stripes ------------------------------------------------------------------

void router_state::up(const std::string& engine, const stripe& x,
                      engine_actor handle) {
  auto index = ring_.up(engine, x);
  engines_.resize(ring_.entries().size());
  auto& present = engines_[index];
  if (present == handle)
    return;
  // The predecessor is gone, even if the news of that are still under way.
  auto predecessor = std::exchange(present, std::move(handle));
  self_->monitor(present);
  if (predecessor)
    abandon(index, {ec::unavailable, "engine " + engine + " was replaced"});
}

void router_state::down(const std::string& engine, const std::string& reason) {
  auto index = ring_.know(engine, {}, reason);
  engines_.resize(ring_.entries().size());
  ring_.down(index, reason);
  if (auto handle = std::exchange(engines_[index], nullptr))
    self_->demonitor(handle.address());
  abandon(index, {ec::unavailable, "engine " + engine + ": " + reason});
}

void router_state::lost(const caf::actor_addr& source,
                        const caf::error& reason) {
  for (size_t i = 0; i < engines_.size(); ++i) {
    if (!engines_[i] || engines_[i].address() != source)
      continue;
    auto engine = ring_.entries()[i].name;
    down(engine, to_string(from_caf(reason)));
  }
}

// Whatever is in flight at a stripe that is gone fails over at once. CAF
// answers what a local actor leaves behind, but not what a lost peer does.
void router_state::abandon(size_t index, const error& reason) {
  auto now = self_->clock().now();
  for (size_t slot = 0; slot < slots_.size(); ++slot)
    if (const auto& x = slots_[slot].attempt; x && x->index == index)
      fail_over(slot, reason, now);
}

void router_state::set_aside(const stripe_ring::pick& x, time_point now,
                             const std::string& reason) {
  if (auto time_aside = ring_.failed(x, now, reason))
    spdlog::warn("router: {} is set aside for {}: {}",
                 ring_.entries()[x.index].name, ms(*time_aside), reason);
}

void router_state::bring_back(const stripe_ring::pick& x) {
  if (ring_.succeeded(x))
    spdlog::info("router: {} serves again", ring_.entries()[x.index].name);
}

router_status router_state::status() const {
  router_status result;
  for (const auto& e : ring_.entries())
    result.stripes.push_back({e.name, e.stripe, e.healthy(), e.reason});
  return result;
}

// -- surveys ------------------------------------------------------------------

caf::result<int64_t> router_state::last(const std::string& key) {
  auto asked = count_open(engines_);
  if (asked == 0)
    return to_caf({ec::unavailable, "no engine can tell: " + ring_.reasons()});
  if (surveys_.size() >= options_.waiting_max)
    return to_caf({ec::overloaded, "too many requests are in flight"});
  auto id = ++last_serial_;
  for (const auto& engine : engines_)
    if (engine)
      self_->request(engine, options_.request_timeout, last_atom_v, key)
        .then(
          [this, id](int64_t value) {
            survey_answered(id, value);
          },
          [this, id](const caf::error& reason) {
            survey_failed(id, reason);
          });
  question q{survey{asked}, self_->make_response_promise<int64_t>(), {}};
  surveys_.emplace(id, std::move(q));
  return caf::delegated<int64_t>{}; // By the promise.
}

caf::result<caf::ok_atom> router_state::raise(const std::string& key,
                                              int64_t value) {
  if (engines_.empty() || count_open(engines_) < engines_.size())
    return to_caf(
      {ec::unavailable,
       "nothing was raised, every stripe is needed: " + ring_.reasons()});
  if (surveys_.size() >= options_.waiting_max)
    return to_caf({ec::overloaded, "too many requests are in flight"});
  auto id = ++last_serial_;
  for (const auto& engine : engines_)
    self_->request(engine, options_.request_timeout, raise_atom_v, key, value)
      .then(
        [this, id](caf::ok_atom) {
          survey_answered(id, 0);
        },
        [this, id](const caf::error& reason) {
          survey_failed(id, reason);
        });
  question q{
    survey{engines_.size()}, {}, self_->make_response_promise<caf::ok_atom>()};
  surveys_.emplace(id, std::move(q));
  return caf::delegated<caf::ok_atom>{}; // By the promise.
}

void router_state::survey_answered(uint64_t id, int64_t last) {
  auto i = surveys_.find(id);
  if (i->second.answers.answered(last))
    finish(i);
}

void router_state::survey_failed(uint64_t id, const caf::error& reason) {
  auto i = surveys_.find(id);
  if (i->second.answers.failed(from_caf(reason)))
    finish(i);
}

void router_state::finish(std::map<uint64_t, question>::iterator i) {
  auto& [answers, last, raised] = i->second;
  if (last.pending()) {
    if (auto greatest = answers.greatest())
      last.deliver(*greatest);
    else
      last.deliver(to_caf(greatest.error()));
  } else if (auto done = answers.raised()) {
    raised.deliver(caf::ok_atom_v);
  } else {
    raised.deliver(to_caf(done.error()));
  }
  surveys_.erase(i);
}

router_actor::behavior_type router(router_state::pointer self,
                                   router_options options) {
  self->state.init(std::move(options));
  return self->state.make_behavior();
}

} // namespace intd
