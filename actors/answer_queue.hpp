// Keeps the answers of one connection in the order of its requests, however
// they come in: pipelining's rule (RFC 9112, section 9.3.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace intd {

class answer_queue {
public:
  /// Opens the next request and returns its number.
  uint64_t open() {
    return next_++;
  }

  /// Has `write` append the answer of request `number` to `out`, as soon as
  /// all before it are there. Each number is answered once.
  template <class Write>
  void answer(uint64_t number, std::string& out, Write write) {
    if (number != first_) {
      auto& early = early_[number];
      write(early);
      early_size_ += early.size();
      return;
    }
    write(out);
    ++first_;
    while (!early_.empty() && early_.begin()->first == first_) {
      out += early_.begin()->second;
      early_size_ -= early_.begin()->second.size();
      early_.erase(early_.begin());
      ++first_;
    }
  }

  /// Requests whose answers are not in the output yet.
  [[nodiscard]] uint64_t waiting() const {
    return next_ - first_;
  }

  /// Bytes of answers that wait for those before them.
  [[nodiscard]] size_t early_size() const {
    return early_size_;
  }

  /// Requests opened so far.
  [[nodiscard]] uint64_t opened() const {
    return next_;
  }

private:
  uint64_t first_ = 0;
  uint64_t next_ = 0;
  std::map<uint64_t, std::string> early_;
  size_t early_size_ = 0;
};

} // namespace intd
