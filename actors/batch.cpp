#include "actors/batch.hpp"

#include <algorithm>
#include <utility>

namespace intd {

namespace {

// Short runs that follow one another are one run for who asked.
void append(std::vector<run>& runs, const run& part) {
  if (!runs.empty()) {
    auto& back = runs.back();
    if (back.increment == part.increment
        && part.first - last_of(back) == part.increment) {
      back.count += part.count;
      return;
    }
  }
  runs.push_back(part);
}

} // namespace

bool batch::add(std::string key, int64_t count) {
  if (requests_.size() >= waiting_max_)
    return false;
  auto ticket = requests_.size();
  requests_.push_back({std::move(key), count, ticket, {}});
  return true;
}

std::optional<batch::demand> batch::next() {
  if (!sorted_) {
    // Mostly there is one key, and nothing to do.
    auto by_key = [](const request& a, const request& b) {
      return a.key < b.key;
    };
    if (!std::is_sorted(requests_.begin(), requests_.end(), by_key))
      std::stable_sort(requests_.begin(), requests_.end(), by_key);
    sorted_ = true;
  }
  if (first_ == end_)
    group();
  if (first_ < requests_.size())
    return demand{requests_[first_].key, missing_};
  requests_.clear();
  first_ = end_ = 0;
  sorted_ = false;
  return std::nullopt;
}

// Sums are safe: a count is at most 2^32, and memory ends long before 2^31
// requests wait.
void batch::group() {
  missing_ = 0;
  while (end_ < requests_.size()
         && requests_[end_].key == requests_[first_].key)
    missing_ += requests_[end_++].missing;
}

std::optional<batch::served> batch::cut(run& given) {
  while (given.count > 0 && first_ < end_) {
    auto& front = requests_[first_];
    auto part = cut_front(given, front.missing);
    front.missing -= part.count;
    missing_ -= part.count;
    append(front.runs, part);
    if (front.missing == 0) {
      ++first_;
      return served{front.ticket, std::move(front.runs)};
    }
  }
  return std::nullopt;
}

std::vector<size_t> batch::refuse_key() {
  return refuse_until(end_);
}

std::vector<size_t> batch::refuse_all() {
  auto tickets = refuse_until(requests_.size());
  requests_.clear();
  first_ = end_ = 0;
  sorted_ = false;
  return tickets;
}

std::vector<size_t> batch::refuse_until(size_t end) {
  std::vector<size_t> tickets;
  for (; first_ < end; ++first_)
    tickets.push_back(requests_[first_].ticket);
  end_ = end;
  missing_ = 0;
  return tickets;
}

} // namespace intd
