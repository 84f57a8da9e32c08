// Places for what is in flight, found again by their number in no time. The
// router keeps a request in one from its arrival to its answer.
#pragma once

#include <cstddef>
#include <vector>

namespace intd {

template <class T>
class slots {
public:
  /// Returns the number of a free slot, which holds a fresh `T` or what `free`
  /// left there.
  [[nodiscard]] size_t take() {
    if (free_.empty()) {
      all_.emplace_back();
      return all_.size() - 1;
    }
    auto slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void free(size_t slot) {
    free_.push_back(slot);
  }

  /// Counts the slots that are taken.
  [[nodiscard]] size_t taken() const {
    return all_.size() - free_.size();
  }

  /// Counts all slots: their numbers are below.
  [[nodiscard]] size_t size() const {
    return all_.size();
  }

  /// Gives back the memory of a burst. Nothing may be taken.
  void clear() {
    all_ = {};
    free_ = {};
  }

  [[nodiscard]] T& operator[](size_t slot) {
    return all_[slot];
  }

  [[nodiscard]] const T& operator[](size_t slot) const {
    return all_[slot];
  }

private:
  std::vector<T> all_;
  std::vector<size_t> free_;
};

} // namespace intd
