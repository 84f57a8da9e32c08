// An engine that does as the test says: a store in memory that outlives the
// engines opened on it, and a script of what goes wrong.
#pragma once

#include "engines/engine.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace intd::test {

/// What happens at one round trip.
struct scripted_fault {
  ec code = ec::none;
  /// The store does it all the same: only the answer is lost.
  bool applied = false;
  /// The engine throws instead of answering.
  bool throws = false;
};

struct scripted_store {
  // The store.
  std::map<std::string, int64_t> marks;
  std::optional<store_record> held;
  /// The longest run given in one round trip.
  int64_t run_max = std::numeric_limits<int64_t>::max();

  // The script: each call takes the first, if any.
  std::deque<ec> open_faults;
  std::deque<scripted_fault> faults;
  ec close_fault = ec::none;
  /// Called at the beginning of each reservation.
  std::function<void()> on_reserve;
  /// Replaces what a reservation answers.
  std::function<run(run)> forge;

  // The record.
  std::vector<std::pair<std::string, int64_t>> reserves;
  size_t opens = 0;
  size_t closes = 0;
  size_t destroyed = 0;
};

using scripted_store_ptr = std::shared_ptr<scripted_store>;

class scripted_engine : public engine {
public:
  explicit scripted_engine(scripted_store_ptr store)
    : store_(std::move(store)) {
    // nop
  }

  ~scripted_engine() override {
    ++store_->destroyed;
  }

  result<run> reserve(const sequence& what, int64_t count) override {
    if (store_->on_reserve)
      store_->on_reserve();
    store_->reserves.emplace_back(what.key, count);
    auto fault = take_fault();
    if (fault.code != ec::none && !fault.applied)
      return broken(fault);
    if (auto ok = check(what, count); !ok)
      return tl::unexpected<error>{ok.error()};
    auto& mark = store_->marks[what.key];
    auto given = take(what.stripe, mark, std::min(count, store_->run_max));
    if (!given)
      return fail(ec::exhausted, what.key);
    mark = last_of(*given);
    if (fault.code != ec::none)
      return broken(fault);
    return store_->forge ? store_->forge(*given) : *given;
  }

  result<int64_t> last(const sequence& what) override {
    if (auto fault = take_fault(); fault.code != ec::none)
      return tl::unexpected<error>{broken(fault).error()};
    return last_within(what.stripe, store_->marks[what.key]);
  }

  result<void> set_last(const sequence& what, int64_t value) override {
    if (auto fault = take_fault(); fault.code != ec::none)
      return tl::unexpected<error>{broken(fault).error()};
    auto& mark = store_->marks[what.key];
    if (value < mark)
      return fail(ec::too_small, "it is " + std::to_string(mark));
    mark = value;
    return {};
  }

  result<std::string> identity() override {
    return std::string{"scripted"};
  }

  result<std::optional<store_record>> held() override {
    return store_->held;
  }

  result<void> hold(const store_record& x) override {
    if (auto fault = take_fault(); fault.code != ec::none)
      return tl::unexpected<error>{broken(fault).error()};
    store_->held = x;
    return {};
  }

  result<void> close() override {
    ++store_->closes;
    if (store_->close_fault != ec::none)
      return fail(store_->close_fault, "scripted close");
    return {};
  }

  std::string_view name() const override {
    return "scripted";
  }

  durability durable() const override {
    return durability::durable;
  }

private:
  scripted_fault take_fault() {
    if (store_->faults.empty())
      return {};
    auto fault = store_->faults.front();
    store_->faults.pop_front();
    return fault;
  }

  static result<run> broken(const scripted_fault& fault) {
    if (fault.throws)
      throw std::runtime_error("scripted exception");
    return fail(fault.code, "scripted fault");
  }

  scripted_store_ptr store_;
};

/// Makes the `open` of an engine actor on `store`.
inline std::function<result<engine_ptr>()> opener(scripted_store_ptr store) {
  return [store]() -> result<engine_ptr> {
    ++store->opens;
    if (!store->open_faults.empty()) {
      auto code = store->open_faults.front();
      store->open_faults.pop_front();
      if (code != ec::none)
        return fail(code, "scripted open");
    }
    return std::make_unique<scripted_engine>(store);
  };
}

} // namespace intd::test
