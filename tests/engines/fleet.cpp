#include "tests/engines/fleet.hpp"

#include "tests/support/results.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace intd::test {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

constexpr std::chrono::seconds run_bound{90};
constexpr std::chrono::seconds go_on_bound{60};

} // namespace

void fleet::member::keep(const intd::run& x) {
  const auto now = clock::now();
  if (last_ != clock::time_point{})
    pause_ = std::max(pause_, std::chrono::ceil<milliseconds>(now - last_));
  last_ = now;
  given_.push_back(x);
  ++answers_;
  all_.total_ += static_cast<size_t>(x.count);
}

fleet::~fleet() {
  stop();
}

void fleet::add_engine(opening open, const stripe& of, int64_t count) {
  add_engine(of, [open = std::move(open), of, count](member& me) {
    persistent_minter minter{open};
    while (me.goes_on())
      if (const auto given = minter.try_once({"integers", of}, count))
        me.keep(*given);
      else
        me.all_.note_trouble(minter.trouble());
  });
}

void fleet::add_engine(const stripe& of, work what) {
  add(true, of, std::move(what));
}

void fleet::add_client(work what) {
  add(false, {1, 1}, std::move(what));
}

void fleet::add(bool is_engine, const stripe& of, work what) {
  members_.emplace_back(new member{*this, is_engine, of});
  members_.back()->work_ = std::move(what);
}

void fleet::start() {
  for (const auto& x : members_)
    threads_.emplace_back([this, &me = *x] {
      run(me);
    });
}

// On a thread of its own, where the framework must not be asked.
void fleet::run(member& x) {
  try {
    x.work_(x);
  } catch (const tl::bad_expected_access<error>& failed) {
    end(to_string(failed.error()));
  } catch (const std::exception& failed) {
    end(failed.what());
  }
}

void fleet::end(const std::string& failure) {
  const std::lock_guard hold{mutex_};
  failure_ = failure;
  stopping_ = true;
}

void fleet::note_trouble(const std::string& text) {
  const std::lock_guard hold{mutex_};
  trouble_ = text;
}

void fleet::stop() {
  stopping_ = true;
  join();
}

void fleet::join() {
  for (auto& x : threads_)
    x.join();
  threads_.clear();
}

void fleet::run_until(size_t total, size_t each) {
  const auto end = clock::now() + run_bound;
  start();
  while (!stopping_ && (total_ < total || least() < each) && clock::now() < end)
    std::this_thread::yield();
  stop();
  BOOST_TEST(total_ >= total);
  BOOST_TEST(least() >= each);
  BOOST_TEST(trouble_ == "");
}

bool fleet::each_goes_on(size_t more) {
  const auto end = clock::now() + go_on_bound;
  for (const auto& x : members_) {
    const auto goal = x->answers_ + more;
    while (x->answers_ < goal) {
      if (stopping_ || clock::now() > end)
        return false;
      std::this_thread::yield();
    }
  }
  return true;
}

size_t fleet::least() const {
  size_t fewest = SIZE_MAX;
  for (const auto& x : members_)
    fewest = std::min<size_t>(fewest, x->answers_);
  return fewest;
}

void fleet::judge() const {
  BOOST_TEST(failure_ == "");
  std::vector<int64_t> all;
  size_t misaligned = 0;
  size_t backwards = 0;
  for (const auto& x : members_) {
    int64_t before = 0;
    for (auto given : x->given_) {
      if (x->is_engine_
          && (!contains(x->of_, given.first)
              || given.increment != x->of_.increment))
        ++misaligned;
      if (x->is_engine_ && given.first <= before)
        ++backwards;
      before = last_of(given);
      while (given.count > 0)
        all.push_back(cut_front(given, 1).first);
    }
  }
  BOOST_TEST(duplicates(std::move(all)) == 0u);
  BOOST_TEST(misaligned == 0u);
  BOOST_TEST(backwards == 0u);
}

milliseconds fleet::longest_pause_of_engines() const {
  return longest_pause(true);
}

milliseconds fleet::longest_pause_of_clients() const {
  return longest_pause(false);
}

milliseconds fleet::longest_pause(bool engines) const {
  milliseconds longest{0};
  for (const auto& x : members_)
    if (x->is_engine_ == engines)
      longest = std::max(longest, x->pause_);
  return longest;
}

} // namespace intd::test
