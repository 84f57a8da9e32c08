// Who waits for integers of one key while a reservation is under way. The desk
// has a line per key in front of the router, a mint client one in front of its
// node: what gathers in the meantime leaves as the next reservation, and the
// runs that come back are cut among those who stand in the line, in order.
// Plain: a `Promise` is whatever takes `reserved` or a `caf::error`.
#pragma once

#include "actors/batch.hpp"
#include "actors/messages.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace intd {

template <class Promise>
class mint_line {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds who wants `count` (1 to `max_count`) integers before `deadline`,
  /// which is not before that of who was added last.
  void add(int64_t count, Promise who, time_point deadline) {
    waiting_.emplace_back(count, deadline, std::move(who));
  }

  /// Returns how many stand in the line and were answered nothing.
  [[nodiscard]] size_t size() const {
    return waiting_.size() + unanswered_;
  }

  /// Whether a reservation that `ask` began has not ended.
  [[nodiscard]] bool under_way() const {
    return under_way_;
  }

  /// Begins a reservation: returns how many integers to ask for, at most
  /// `most`. Returns 0 where one is under way or nobody waits.
  [[nodiscard]] int64_t ask(int64_t most) {
    if (under_way_)
      return 0;
    if (unanswered_ == 0)
      call_up();
    auto want = asked_.next();
    if (!want)
      return 0;
    under_way_ = true;
    return std::min(want->count, most);
  }

  /// Ends a reservation that brought integers. Those that nobody waits for any
  /// more are given to nobody: they are a gap.
  void give(const std::vector<run>& runs) {
    under_way_ = false;
    for (auto x : runs)
      while (auto served = asked_.cut(x))
        answer(served->ticket, reserved{std::move(served->runs)});
  }

  /// Ends a reservation that failed. Those it was for still wait: `ask` begins
  /// another one, which brings other integers.
  void fail_over() {
    under_way_ = false;
  }

  /// Ends a reservation that failed, and tells those it was for.
  void refuse(const error& reason) {
    under_way_ = false;
    for (auto ticket : asked_.refuse_all())
      answer(ticket, to_caf(reason));
  }

  /// Tells everybody.
  void refuse_all(const error& reason) {
    refuse(reason);
    for (auto& x : std::exchange(waiting_, {}))
      x.who->deliver(to_caf(reason));
  }

  /// Tells those whose deadline is `now` or before.
  void expire(time_point now, const error& reason) {
    for (; !waiting_.empty() && waiting_.front().deadline <= now;
         waiting_.pop_front())
      waiting_.front().who->deliver(to_caf(reason));
    for (size_t i = 0; i < called_.size() && called_[i].deadline <= now; ++i)
      answer(i, to_caf(reason));
    // One that is under way ends first: its integers belong to this batch.
    if (unanswered_ == 0 && !under_way_)
      (void)asked_.refuse_all();
  }

private:
  struct request {
    int64_t count = 0;
    time_point deadline;
    std::optional<Promise> who;

    request(int64_t n, time_point until, Promise x)
      : count(n), deadline(until), who(std::move(x)) {
      // nop
    }
  };

  // Everybody who waits is served by the next reservation.
  void call_up() {
    (void)asked_.refuse_all();
    called_.clear();
    for (auto& x : waiting_) {
      std::ignore = asked_.add({}, x.count);
      called_.push_back(std::move(x));
    }
    waiting_.clear();
    unanswered_ = called_.size();
  }

  // Only once: who was told of a timeout hears no more.
  template <class Answer>
  void answer(size_t ticket, Answer x) {
    auto& who = called_[ticket].who;
    if (!who)
      return;
    who->deliver(std::move(x));
    who.reset();
    --unanswered_;
  }

  std::deque<request> waiting_;
  // What the reservation is for; by the batch's tickets.
  batch asked_{std::numeric_limits<size_t>::max()};
  std::vector<request> called_;
  size_t unanswered_ = 0;
  bool under_way_ = false;
};

} // namespace intd
