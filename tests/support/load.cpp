#include "tests/support/load.hpp"

#include "tests/support/load_client.hpp"

#include <iterator>
#include <utility>

namespace intd::test {

namespace {

// Between two looks at what the clients have got.
constexpr std::chrono::milliseconds count_again{1};

} // namespace

load::load(load_options options, address_book& book)
  : options_(std::move(options)), calls_(options_.clients) {
  for (size_t i = 0; i < options_.clients; ++i)
    threads_.emplace_back([this, i, &book] {
      load_client client{i, options_, book, stopping_, answered_};
      client.run();
      calls_[i] = client.calls();
    });
}

load::~load() {
  std::ignore = stop();
}

bool load::wait_for(size_t count, std::chrono::milliseconds bound) {
  auto wanted = answered_.load() + count;
  auto deadline = in(bound);
  while (answered_.load() < wanted) {
    if (std::chrono::steady_clock::now() > deadline)
      return false;
    std::this_thread::sleep_for(count_again);
  }
  return true;
}

std::vector<checker::call> load::stop() {
  stopping_ = true;
  for (auto& thread : std::exchange(threads_, {}))
    thread.join();
  std::vector<checker::call> out;
  for (auto& calls : std::exchange(calls_, {}))
    out.insert(out.end(), std::make_move_iterator(calls.begin()),
               std::make_move_iterator(calls.end()));
  return out;
}

} // namespace intd::test
