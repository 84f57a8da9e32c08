#include "engines/sticky_engine.hpp"

namespace intd {

result<run> sticky_engine::reserve(const sequence& what, int64_t count) {
  if (auto fine = check(what, count); !fine)
    return tl::unexpected{std::move(fine.error())};
  return unless_failed([this, &what, count] {
    return mint(what, count);
  });
}

result<int64_t> sticky_engine::last(const sequence& what) {
  if (auto fine = check(what); !fine)
    return tl::unexpected{std::move(fine.error())};
  return unless_failed([this, &what] {
    return highest(what);
  });
}

result<void> sticky_engine::set_last(const sequence& what, int64_t value) {
  if (auto fine = check(what); !fine)
    return fine;
  return unless_failed([this, &what, value] {
    return raise(what, value);
  });
}

result<std::string> sticky_engine::identity() {
  return unless_failed([this] {
    return read_identity();
  });
}

result<std::string> sticky_engine::claim(const std::string& owner,
                                         claim_mode how) {
  return unless_failed([this, &owner, how] {
    return record_owner(owner, how);
  });
}

result<std::optional<store_record>> sticky_engine::held() {
  return unless_failed([this] {
    return read_held();
  });
}

result<void> sticky_engine::hold(const store_record& x) {
  return unless_failed([this, &x] {
    return write_held(x);
  });
}

result<void> sticky_engine::close() {
  end({ec::unavailable, "the engine was closed"});
  return {};
}

void sticky_engine::end(const error& why) {
  if (!fault_)
    fault_ = why;
  hang_up(*fault_);
}

result<std::string> sticky_engine::record_owner(const std::string& owner,
                                                claim_mode how) {
  return engine::claim(owner, how);
}

result<std::optional<store_record>> sticky_engine::read_held() {
  return engine::held();
}

result<void> sticky_engine::write_held(const store_record& x) {
  return engine::hold(x);
}

void sticky_engine::hang_up(const error&) {
}

} // namespace intd
