#include "actors/survey.hpp"

#include <algorithm>
#include <utility>

namespace intd {

bool survey::answered(int64_t last) {
  ++succeeded_;
  greatest_ = std::max(greatest_, last);
  return --unanswered_ == 0;
}

bool survey::failed(error reason) {
  (reason.code == ec::too_small ? too_small_ : failure_) = std::move(reason);
  return --unanswered_ == 0;
}

result<int64_t> survey::greatest() const {
  if (succeeded_ > 0)
    return greatest_;
  return tl::unexpected<error>{failure_};
}

result<void> survey::raised() const {
  if (failure_.code != ec::none)
    return tl::unexpected<error>{failure_};
  if (succeeded_ > 0)
    return {};
  return tl::unexpected<error>{too_small_};
}

} // namespace intd
