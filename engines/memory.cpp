#include "engines/memory.hpp"

#include "engines/file.hpp"
#include "engines/marked_engine.hpp"

namespace intd {

namespace {

// The marks that its base remembers are all there is.
class memory final : public marked_engine {
public:
  memory() : marked_engine{random_hex(16)} {
  }

  std::string_view name() const override {
    return "memory";
  }

  durability durable() const override {
    return durability::forgets;
  }

private:
  result<std::optional<int64_t>> load(const std::string&) override {
    return std::nullopt;
  }

  result<void> record(const std::string&, std::optional<int64_t>,
                      int64_t) override {
    return {};
  }

  result<void> release(bool) override {
    return {};
  }
};

} // namespace

engine_ptr make_memory() {
  return std::make_unique<memory>();
}

} // namespace intd
