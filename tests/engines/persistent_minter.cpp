#include "tests/engines/persistent_minter.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

namespace intd::test {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds patience{30};

} // namespace

persistent_minter::persistent_minter(opening open) : open_{std::move(open)} {
}

result<intd::run> persistent_minter::try_once(const sequence& what,
                                              int64_t count) {
  const auto failed = [this](const error& reason) {
    trouble_ = to_string(reason);
    engine_.reset();
    // A server that comes back wants the processor.
    std::this_thread::yield();
    return tl::unexpected{reason};
  };
  if (!engine_) {
    auto made = open_();
    if (!made)
      return failed(made.error());
    engine_ = std::move(*made);
  }
  const auto given = engine_->reserve(what, count);
  if (!given)
    return failed(given.error());
  return *given;
}

bool persistent_minter::mint(const sequence& what, int64_t count,
                             int64_t batch) {
  auto give_up = steady_clock::now() + patience;
  while (count > 0) {
    auto given = try_once(what, std::min(count, batch));
    if (given)
      give_up = steady_clock::now() + patience;
    else if (steady_clock::now() > give_up)
      return false;
    for (; given && given->count > 0; --count)
      minted_.push_back(cut_front(*given, 1).first);
  }
  return true;
}

size_t persistent_minter::duplicates() const {
  return test::duplicates(minted_);
}

size_t duplicates(std::vector<int64_t> all) {
  std::sort(all.begin(), all.end());
  const auto end = std::unique(all.begin(), all.end());
  return static_cast<size_t>(all.end() - end);
}

} // namespace intd::test
