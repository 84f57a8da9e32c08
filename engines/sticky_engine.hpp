// What engines have in common: arguments are checked before a store hears of
// them, and whatever leaves a store in doubt is the last thing that is done
// with it. Every later call fails as that one did; opening anew begins afresh.
#pragma once

#include "engines/engine.hpp"

#include <optional>
#include <string>
#include <utility>

namespace intd {

class sticky_engine : public engine {
public:
  result<run> reserve(const sequence& what, int64_t count) final;
  result<int64_t> last(const sequence& what) final;
  result<void> set_last(const sequence& what, int64_t value) final;
  result<std::string> identity() final;
  result<std::string> claim(const std::string& owner, claim_mode how) final;
  result<std::optional<store_record>> held() final;
  result<void> hold(const store_record& x) final;
  result<void> close() override;

protected:
  /// Calls, unless a call failed before in a way that lasts.
  template <class F>
  auto unless_failed(F call) -> decltype(call()) {
    if (fault_)
      return tl::unexpected{*fault_};
    auto outcome = call();
    if (!outcome && is_fatal(outcome.error().code))
      end(outcome.error());
    return outcome;
  }

  [[nodiscard]] bool failed() const {
    return fault_.has_value();
  }

  /// Lets go of the store; later calls fail with `why`, or as before.
  void end(const error& why);

private:
  // As the public ones of `engine`, with arguments that are fine.
  [[nodiscard]] virtual result<run> mint(const sequence& what, int64_t count)
    = 0;
  [[nodiscard]] virtual result<int64_t> highest(const sequence& what) = 0;
  [[nodiscard]] virtual result<void> raise(const sequence& what, int64_t value)
    = 0;
  [[nodiscard]] virtual result<std::string> read_identity() = 0;
  [[nodiscard]] virtual result<std::string>
  record_owner(const std::string& owner, claim_mode how);
  [[nodiscard]] virtual result<std::optional<store_record>> read_held();
  [[nodiscard]] virtual result<void> write_held(const store_record& x);

  /// Ends the connection, so that a late answer is never read as the next one.
  /// May come twice.
  virtual void hang_up(const error& why);

  std::optional<error> fault_;
};

} // namespace intd
