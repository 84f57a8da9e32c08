// A guard over a store that does as it is told: loses what it held, answers
// what it must not, or nothing at all.
#pragma once

#include "engines/guard/guard.hpp"
#include "tests/support/disk.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace intd::test {

/// What a scripted store is told to do, and what it was asked; the test holds
/// it while the guard holds the store.
struct script {
  std::map<std::string, int64_t> marks;
  std::string identity = "first";
  /// On its record; empty: nobody.
  std::string owner;
  std::optional<store_record> held;
  durability kind = durability::durable;
  std::optional<run> wrong_run;
  std::optional<error> failure;
  bool ignores_set_last = false;
  int reserves = 0;
  int closes = 0;
};

class scripted_store final : public engine {
public:
  explicit scripted_store(std::shared_ptr<script> x) : script_{std::move(x)} {
  }

  result<run> reserve(const sequence& what, int64_t count) override {
    ++script_->reserves;
    if (script_->failure)
      return tl::unexpected{*script_->failure};
    if (script_->wrong_run)
      return *script_->wrong_run;
    auto& mark = script_->marks[what.key];
    const auto given = take(what.stripe, mark, count);
    if (!given)
      return fail(ec::exhausted, "");
    mark = last_of(*given);
    return *given;
  }

  result<int64_t> last(const sequence& what) override {
    if (script_->failure)
      return tl::unexpected{*script_->failure};
    return last_within(what.stripe, script_->marks[what.key]);
  }

  result<void> set_last(const sequence& what, int64_t value) override {
    auto& mark = script_->marks[what.key];
    if (value < last_within(what.stripe, mark))
      return too_small(what, value, mark);
    if (!script_->ignores_set_last)
      mark = std::max(mark, value);
    return {};
  }

  result<std::string> identity() override {
    return script_->identity;
  }

  result<std::string> claim(const std::string& owner, claim_mode how) override {
    if (script_->owner.empty() || how == claim_mode::take_over)
      script_->owner = owner;
    return script_->owner;
  }

  result<std::optional<store_record>> held() override {
    return script_->held;
  }

  result<void> hold(const store_record& x) override {
    script_->held = x;
    return {};
  }

  result<void> close() override {
    ++script_->closes;
    return {};
  }

  std::string_view name() const override {
    return "scripted";
  }

  durability durable() const override {
    return script_->kind;
  }

private:
  std::shared_ptr<script> script_;
};

struct guard_scene {
  temp_dir dir;
  std::filesystem::path path = dir.path() / "state";
  std::shared_ptr<script> store = std::make_shared<script>();
  std::shared_ptr<guard_counters> counted = std::make_shared<guard_counters>();
  std::vector<std::string> warnings;
  int64_t block = 100;
  stripe opened_for{1, 1};
  bool shared = false;
  claim_mode claim = claim_mode::if_free;
  uint64_t epoch = 0;
  int64_t above = 0;
  const sequence all{"integers", {1, 1}};
  const sequence odd{"integers", {1, 2}};
  const sequence even{"integers", {2, 2}};

  guard_scene() {
    disk::reset();
  }

  ~guard_scene() {
    disk::reset();
  }

  result<engine_ptr> open() {
    return state_directory::open(path, {}).and_then([this](const auto& state) {
      guard_options options;
      options.stripe = opened_for;
      options.block = block;
      options.shared = shared;
      options.claim = claim;
      options.epoch = epoch;
      options.above = above;
      options.alone = true;
      options.warn = [this](std::string_view text) {
        warnings.emplace_back(text);
      };
      options.counters = counted;
      return make_guard(std::make_unique<scripted_store>(store), state,
                        options);
    });
  }

  // What a store is after it lost everything.
  void lose_all() {
    store->marks.clear();
  }

  // A crash of the machine: the exact integers are gone.
  void lose_marks() {
    std::filesystem::remove(path / "main.marks");
  }

  int64_t next(const engine_ptr& x, const sequence& what) {
    return must(x->reserve(what, 1)).first;
  }
};

} // namespace intd::test
