#include "actors/engine_actor.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace intd {

namespace {

// Engines answer errors as values, yet even one that throws must leave nobody
// without an answer. After an exception the store is in doubt.
template <class F>
auto guarded(const std::string& name, const F& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& e) {
    return fail(ec::unavailable, "engine " + name + " threw: " + e.what());
  } catch (...) {
    return fail(ec::unavailable, "engine " + name + " threw");
  }
}

// An engine that answers anything else than it was asked for is broken, and
// what it answers next may be a duplicate.
bool answers(const run& given, const stripe& x, int64_t asked) {
  return given.count >= 1 && given.count <= asked
    && given.increment == x.increment && given.first >= 1
    && contains(x, given.first)
    && (max_integer - given.first) / x.increment >= given.count - 1;
}

} // namespace

engine_actor_state::engine_actor_state(pointer self) : self_(self) {
  // nop
}

engine_actor_state::~engine_actor_state() {
  refuse(batch_.refuse_all(),
         {ec::unavailable, "engine " + options_.name + " was stopped"});
}

void engine_actor_state::init(engine_actor_options options,
                              supervisor_actor supervisor) {
  options_ = std::move(options);
  supervisor_ = std::move(supervisor);
  batch_ = batch{options_.waiting_max};
  lookout_ = lookout{options_.spin};
  auto opened = guarded(options_.name, options_.open);
  if (!opened) {
    self_->quit(to_caf(opened.error()));
    return;
  }
  engine_ = std::move(*opened);
  self_->send(supervisor_, opened_atom_v);
}

owner_actor::behavior_type engine_actor_state::make_behavior() {
  return {
    [this](reserve_atom, std::string& key, int64_t count) {
      return reserve(key, count);
    },
    [this](last_atom, std::string& key) {
      return last(key);
    },
    [this](raise_atom, std::string& key, int64_t value) {
      return raise(key, value);
    },
    [this](flush_atom) {
      const bool alone = promises_.size() == 1;
      flush();
      // A client that asks alone may ask again before this thread sleeps.
      if (alone)
        static_cast<void>(lookout_.sees([this] {
          return !self_->mailbox().empty();
        }));
    },
    [this](drain_atom) {
      return drain();
    },
    [this](marks_atom) {
      return marks();
    },
    [this](split_atom, const split_request& to) {
      return cede(to, true);
    },
    [this](leave_atom, const split_request& to) {
      return cede(to, false);
    },
  };
}

caf::result<reserved> engine_actor_state::reserve(std::string& key,
                                                  int64_t count) {
  // A bad count must not spoil the sum that is asked for all.
  if (count < 1 || count > max_count)
    return to_caf({ec::invalid_count, "asked for " + std::to_string(count)});
  auto first = batch_.empty();
  lookout_.came();
  if (!batch_.add(std::move(key), count))
    return to_caf({ec::overloaded,
                   "engine " + options_.name + ": "
                     + std::to_string(options_.waiting_max)
                     + " requests wait"});
  promises_.push_back(self_->make_response_promise<reserved>());
  // The mailbox is first in, first out: whatever is in it already joins this
  // round trip, and a lone request leaves at once.
  if (first)
    self_->send(self_, flush_atom_v);
  return caf::delegated<reserved>{}; // By the promise.
}

caf::result<int64_t> engine_actor_state::last(std::string& key) {
  // The integer before the first that is kept was given.
  if (auto kept = prefetched_.find(key); kept != prefetched_.end())
    return kept->second.first - kept->second.increment;
  auto answer = guarded(options_.name, [this, &key] {
    return engine_->last({std::move(key), options_.stripe});
  });
  if (answer)
    return *answer;
  quit_if_fatal(answer.error());
  return to_caf(answer.error());
}

caf::result<caf::ok_atom> engine_actor_state::raise(std::string& key,
                                                    int64_t value) {
  // Even where the store is above `value` already, what is kept may be below.
  prefetched_.erase(key);
  auto done = guarded(options_.name, [this, &key, value] {
    return engine_->set_last({std::move(key), options_.stripe}, value);
  });
  if (done)
    return caf::ok_atom_v;
  quit_if_fatal(done.error());
  return to_caf(done.error());
}

void engine_actor_state::flush() {
  while (auto want = batch_.next()) {
    auto given = take(*want);
    if (given) {
      hand_out(want->key, *given);
      continue;
    }
    refuse(batch_.refuse_key(), given.error());
    quit_if_fatal(given.error());
  }
  promises_.clear();
}

result<run> engine_actor_state::take(const batch::demand& want) {
  if (auto kept = prefetched_.extract(want.key))
    return kept.mapped();
  int64_t count = 0;
  if (want.count == 1
      || __builtin_mul_overflow(want.count, options_.prefetch + 1, &count))
    count = want.count;
  return reserve_once(want.key, std::min(count, max_count));
}

result<run> engine_actor_state::reserve_once(const std::string& key,
                                             int64_t count) {
  auto given = guarded(options_.name, [this, &key, count] {
    return engine_->reserve({key, options_.stripe}, count);
  });
  if (given && !answers(*given, options_.stripe, count))
    return fail(
      ec::corrupt,
      "engine " + options_.name + " answered " + std::to_string(given->count)
        + " from " + std::to_string(given->first) + " by "
        + std::to_string(given->increment) + " where " + std::to_string(count)
        + " of " + to_string(options_.stripe) + " were asked");
  return given;
}

void engine_actor_state::hand_out(const std::string& key, run given) {
  while (auto served = batch_.cut(given))
    promises_[served->ticket].deliver(reserved{std::move(served->runs)});
  if (given.count > 0)
    prefetched_.insert_or_assign(key, given);
  if (!proven_) {
    proven_ = true;
    self_->send(supervisor_, proven_atom_v);
  }
}

caf::result<std::vector<key_mark>> engine_actor_state::marks() {
  auto told = guarded(options_.name, [this] {
    return engine_->marks(marks_of::changed);
  });
  if (told)
    return std::move(*told);
  quit_if_fatal(told.error());
  return to_caf(told.error());
}

// Nothing is minted while this runs: what waits in the mailbox is minted on
// what is kept. After an error nobody knows what was recorded, so the engine is
// opened anew, on the stripe that the record then tells.
caf::result<gift> engine_actor_state::cede(const split_request& to,
                                           bool split) {
  if (!options_.cede)
    return to_caf(
      {ec::wrong_owner, "engine " + options_.name + " has no stripe to give"});
  flush();
  if (!engine_)
    return to_caf({ec::unavailable, "engine " + options_.name + " failed"});
  // They may be of the half that is given.
  prefetched_.clear();
  auto done = guarded(options_.name, [this, &to, split] {
    return engine_->marks(marks_of::every_key)
      .and_then([this, &to, split](const std::vector<key_mark>& floors) {
        return options_.cede(to, split, floors);
      })
      .and_then([this](ceded x) -> result<ceded> {
        if (!x.kept)
          return x;
        // Durable already: whatever the store answers, the rest is another's.
        options_.stripe = x.kept->stripe;
        // The store tells those that come straight to it.
        return engine_->hold(*x.kept).map([&x] {
          return std::move(x);
        });
      });
  });
  if (!done) {
    quit_if_fatal(done.error());
    return to_caf(done.error());
  }
  if (!done->kept)
    quit_if_fatal({ec::unavailable, "its stripe was handed over"});
  return std::move(done->given);
}

caf::result<caf::ok_atom> engine_actor_state::drain() {
  flush();
  if (!engine_)
    return to_caf({ec::unavailable,
                   "engine " + options_.name + " failed while it was drained"});
  auto closed = guarded(options_.name, [this] {
    return engine_->close();
  });
  engine_.reset();
  if (!closed) {
    auto reason = to_caf(closed.error());
    self_->quit(reason);
    return reason;
  }
  self_->quit();
  return caf::ok_atom_v;
}

void engine_actor_state::refuse(const std::vector<size_t>& tickets,
                                const error& reason) {
  for (auto ticket : tickets)
    promises_[ticket].deliver(to_caf(reason));
}

void engine_actor_state::quit_if_fatal(const error& reason) {
  if (!is_fatal(reason.code))
    return;
  refuse(batch_.refuse_all(), reason);
  // The connection goes before the news of it, so that the next one finds the
  // store free. Requests that are still in the mailbox are answered by CAF
  // (`sec::request_receiver_down`) when it closes.
  engine_.reset();
  self_->quit(to_caf(reason));
}

owner_actor::behavior_type own_engine(engine_actor_state::pointer self,
                                      engine_actor_options options,
                                      supervisor_actor supervisor) {
  self->state.init(std::move(options), std::move(supervisor));
  return self->state.make_behavior();
}

} // namespace intd
