#include "engines/guard/guard.hpp"

#include "engines/assert.hpp"
#include "engines/guard/ceiling_file.hpp"
#include "engines/guard/watched.hpp"
#include "engines/sticky_engine.hpp"
#include "engines/store_owner.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

namespace intd {

namespace {

class guard final : public sticky_engine {
public:
  guard(engine_ptr store, std::unique_ptr<ceiling_file> file,
        std::string node_id, guard_options options)
    : store_{std::move(store)},
      file_{std::move(file)},
      node_id_{std::move(node_id)},
      options_{std::move(options)} {
    if (!options_.counters)
      options_.counters = std::make_shared<guard_counters>();
  }

  result<void> start();

  result<std::vector<key_mark>> marks(marks_of which) override;

  result<void> close() override;

  std::string_view name() const override {
    return store_->name();
  }

  durability durable() const override {
    return durability::durable;
  }

private:
  /// A key and one of its stripes, found and compared with the store.
  struct place {
    watched_key* all;
    watched* mine;
  };

  result<run> mint(const sequence& what, int64_t count) override;
  result<int64_t> highest(const sequence& what) override;
  result<void> raise(const sequence& what, int64_t value) override;

  result<std::string> read_identity() override {
    return store_->identity();
  }

  result<std::optional<store_record>> read_held() override {
    return store_->held();
  }

  result<void> write_held(const store_record& x) override {
    return store_->hold(x);
  }

  [[nodiscard]] result<std::vector<key_mark>> all_marks();
  result<place> find(const sequence& what);
  result<place> find_first(const sequence& what);
  result<void> compare(const sequence& what, int64_t floor);
  result<void> raise_store(const sequence& what, int64_t floor);
  result<run> mint_again(const sequence& what, int64_t count, int64_t floor);
  result<run> reserve_checked(const sequence& what, int64_t count);
  result<void> cover(const sequence& what, watched& mine, int64_t last,
                     int64_t block);
  result<void> check_identity();
  result<void> check_held();
  void warn(const std::string& text) const;

  engine_ptr store_;
  std::unique_ptr<ceiling_file> file_;
  std::string node_id_;
  guard_options options_;
  std::unordered_map<std::string, watched_key> keys_;
  // Of those that changed since `marks`, and their keys.
  std::vector<std::pair<const std::string*, watched*>> changed_;
  size_t known_ = 0;
};

result<void> guard::start() {
  const auto& slots = file_->slots();
  for (size_t i = 0; i < slots.size(); ++i)
    keys_[slots[i].key].push_back(
      {slots[i].stripe, i, slots[i].highest, slots[i].last, false, false});
  known_ = slots.size();
  if (!file_->exact())
    warn("the machine stopped before the last integers were written; every "
         "sequence goes on above its ceiling, up to "
         + std::to_string(options_.block) + " integers further");
  const auto& x = options_;
  return check_owner(*store_, node_id_, x.shared, x.claim)
    .and_then([this] {
      return check_identity();
    })
    .and_then([this, &x] {
      return x.epoch == 0 || x.shared ? result<void>{} : check_held();
    });
}

result<run> guard::mint(const sequence& what, int64_t count) {
  const auto at = find(what);
  if (!at)
    return tl::unexpected{at.error()};
  const auto floor = std::max(floor_of(*at->all, what.stripe), options_.above);
  auto given = reserve_checked(what, count);
  if (given && given->first <= floor)
    given = mint_again(what, count, std::max(floor, last_of(*given)));
  if (!given)
    return given;
  if (auto done = cover(what, *at->mine, last_of(*given), options_.block);
      !done)
    return tl::unexpected{std::move(done.error())};
  return given;
}

// Asked for a key that was never minted, it keeps nothing.
result<int64_t> guard::highest(const sequence& what) {
  auto stored = store_->last(what);
  if (!stored)
    return stored;
  const auto known = keys_.find(what.key);
  if (known == keys_.end())
    return stored;
  const auto floor = floor_of(known->second, what.stripe);
  return std::max(*stored, last_within(what.stripe, floor));
}

result<void> guard::raise(const sequence& what, int64_t value) {
  const auto at = find(what);
  if (!at)
    return tl::unexpected{at.error()};
  const auto floor = floor_of(*at->all, what.stripe);
  if (const auto present = last_within(what.stripe, floor); value < present)
    return too_small(what, value, present);
  // The store is above what it was told at first already.
  const auto least = std::max({value, floor, options_.above});
  if (auto done = store_->set_last(what, least); !done)
    return done;
  return cover(what, *at->mine, least, 0);
}

result<void> guard::close() {
  auto stopped = store_->close();
  auto written = file_->close();
  return stopped ? written : stopped;
}

result<guard::place> guard::find(const sequence& what) {
  const auto known = keys_.find(what.key);
  if (known != keys_.end())
    for (auto& x : known->second)
      if (x.compared && x.stripe == what.stripe)
        return place{&known->second, &x};
  return find_first(what);
}

// The first use of a key and stripe in this process.
result<guard::place> guard::find_first(const sequence& what) {
  if (!within(what.stripe, options_.stripe))
    return fail(ec::invalid_stripe,
                to_string(what.stripe) + " is not within "
                  + to_string(options_.stripe) + ", the stripe of this engine");
  const auto known = keys_.find(what.key);
  watched* mine = nullptr;
  int64_t floor = 0;
  if (known != keys_.end()) {
    floor = floor_of(known->second, what.stripe);
    for (auto& x : known->second)
      if (x.stripe == what.stripe)
        mine = &x;
  }
  if (mine == nullptr && known_ >= ceiling_file::max_slots)
    return fail(ec::invalid_key,
                "this node keeps at most "
                  + std::to_string(ceiling_file::max_slots)
                  + " keys and stripes");
  if (auto done = compare(what, floor); !done)
    return tl::unexpected{std::move(done.error())};
  auto& all = keys_[what.key];
  if (mine == nullptr) {
    mine = &all.emplace_back(
      watched{what.stripe, std::nullopt, 0, 0, false, false});
    ++known_;
  }
  mine->compared = true;
  return place{&all, mine};
}

// A store that forgets is expected to be empty; one that keeps was restored
// from a backup, or lost its last writes, or only a ceiling is known.
result<void> guard::compare(const sequence& what, int64_t floor) {
  const auto stored = store_->last(what);
  if (!stored)
    return tl::unexpected{stored.error()};
  const auto least = std::max(floor, options_.above);
  if (*stored >= last_within(what.stripe, least))
    return {};
  if (*stored < last_within(what.stripe, floor)
      && store_->durable() != durability::forgets && file_->exact()) {
    ++options_.counters->regressions;
    if (options_.shared)
      return shared_store_went_back(what);
    warn("the store went back: the last of " + what.key + " is "
         + std::to_string(*stored) + " there, but up to "
         + std::to_string(floor) + " was given; it is raised");
  }
  return raise_store(what, least);
}

result<void> guard::raise_store(const sequence& what, int64_t floor) {
  auto done = store_->set_last(what, floor);
  if (done)
    ++options_.counters->raises;
  return done;
}

// The run just taken may reach over the floor, so the store is raised past
// both.
result<run> guard::mint_again(const sequence& what, int64_t count,
                              int64_t floor) {
  ++options_.counters->regressions;
  if (options_.shared)
    return shared_store_went_back(what);
  warn("the store went back while in use: it minted " + what.key
       + " again; it is raised to " + std::to_string(floor));
  if (auto done = raise_store(what, floor); !done)
    return fail(ec::corrupt,
                "the store went back and cannot be raised; "
                  + to_string(done.error()));
  auto given = reserve_checked(what, count);
  if (given && given->first <= floor)
    return fail(ec::corrupt,
                "the store mints " + what.key
                  + " at or below what it was raised to");
  return given;
}

result<run> guard::reserve_checked(const sequence& what, int64_t count) {
  auto given = store_->reserve(what, count);
  if (!given
      || (given->count >= 1 && given->count <= count
          && given->increment == what.stripe.increment
          && contains(what.stripe, given->first)
          && given->count <= count_above(what.stripe, given->first - 1)))
    return given;
  return fail(ec::corrupt,
              "the store " + std::string{store_->name()}
                + " answered a run that is not of " + to_string(what.stripe));
}

// Durable before visible: the ceiling first, then the mark, then the answer.
result<void> guard::cover(const sequence& what, watched& mine, int64_t last,
                          int64_t block) {
  if (!mine.slot || last > mine.ceiling) {
    const auto ceiling = ceiling_above(mine.stripe, last, block);
    if (mine.slot) {
      if (auto done = file_->raise(*mine.slot, ceiling); !done)
        return done;
    } else {
      const auto slot = file_->add(what.key, mine.stripe, ceiling);
      if (!slot)
        return tl::unexpected{slot.error()};
      mine.slot = *slot;
    }
    mine.ceiling = ceiling;
    ++options_.counters->ceilings;
  }
  mine.last = std::max(mine.last, last);
  file_->note(*mine.slot, mine.last);
  if (!std::exchange(mine.changed, true))
    changed_.emplace_back(&keys_.find(what.key)->first, &mine);
  return {};
}

result<std::vector<key_mark>> guard::marks(marks_of which) {
  return unless_failed([this, which]() -> result<std::vector<key_mark>> {
    if (which == marks_of::every_key)
      return all_marks();
    std::vector<key_mark> told;
    for (auto& [key, x] : std::exchange(changed_, {})) {
      x->changed = false;
      told.push_back({*key, x->last, std::max(x->last, x->ceiling)});
    }
    return told;
  });
}

result<std::vector<key_mark>> guard::all_marks() {
  std::vector<key_mark> told;
  for (const auto& [key, all] : keys_) {
    // As far as the store knows of others who minted from it.
    const auto stored = store_->last({key, options_.stripe});
    if (!stored)
      return tl::unexpected{stored.error()};
    key_mark mark{key, *stored, *stored};
    for (const auto& x : all) {
      mark.last = std::max(mark.last, x.last);
      mark.bound = std::max({mark.bound, x.last, x.ceiling});
    }
    told.push_back(std::move(mark));
  }
  return told;
}

result<void> guard::check_identity() {
  if (store_->durable() == durability::forgets)
    return {};
  const auto identity = store_->identity();
  if (!identity)
    return tl::unexpected{identity.error()};
  const auto seen = file_->identity();
  if (*identity == seen)
    return {};
  if (!seen.empty()) {
    ++options_.counters->identity_changes;
    if (options_.shared && options_.claim == claim_mode::if_free)
      return shared_store_changed(*identity, seen);
    warn("the store is another one than before (its identity is " + *identity
         + ", it was " + seen
         + "); it is raised above everything that was given");
  }
  return file_->set_identity(*identity);
}

result<void> guard::check_held() {
  const store_record mine{options_.stripe, options_.epoch, options_.alone};
  return check_record(*store_, mine, options_.claim);
}

void guard::warn(const std::string& text) const {
  if (options_.warn)
    options_.warn(options_.name + ": " + text);
}

} // namespace

result<engine_ptr> make_guard(engine_ptr store,
                              std::shared_ptr<state_directory> state,
                              guard_options options) {
  INTD_ASSERT(store != nullptr && options.block >= 1);
  if (!valid(options.stripe))
    return fail(ec::invalid_stripe,
                to_string(options.stripe)
                  + " is none: 1 <= offset <= increment");
  auto node_id = state->node_id();
  auto file
    = ceiling_file::open(std::move(state), options.name, options.stripe);
  if (!file)
    return tl::unexpected{std::move(file.error())};
  auto made = std::make_unique<guard>(std::move(store), std::move(*file),
                                      std::move(node_id), std::move(options));
  if (auto done = made->start(); !done)
    return tl::unexpected{std::move(done.error())};
  return made;
}

} // namespace intd
