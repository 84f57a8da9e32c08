#include "engines/minter.hpp"

#include "engines/assert.hpp"

#include <utility>

namespace intd {

minter::minter(engine_ptr store) : store_{std::move(store)} {
  INTD_ASSERT(store_ != nullptr);
}

result<int64_t> minter::next_int() {
  return store_->reserve(what_, 1).map(last_of);
}

result<int64_t> minter::last_int() {
  return store_->last(what_);
}

result<void> minter::set_last_int(int64_t value) {
  return store_->set_last(what_, value);
}

void minter::set_key(std::string key) {
  what_.key = std::move(key);
}

void minter::set_offset(int64_t offset) {
  what_.stripe.offset = offset;
}

void minter::set_increment(int64_t increment) {
  what_.stripe.increment = increment;
}

result<void> minter::close() {
  return store_->close();
}

} // namespace intd
