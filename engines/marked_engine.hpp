// What stores have in common that keep one number a key, the mark: the last
// integer given, of any stripe. All arithmetic is done here; memory and sqlite
// only say where the mark is kept.
//
// The owner of the engine is the only writer of its store, so the mark of a
// key is read once and then known; a store that shows another one has been
// changed behind the engine's back.
#pragma once

#include "engines/sticky_engine.hpp"

#include <optional>
#include <string>
#include <unordered_map>

namespace intd {

class marked_engine : public sticky_engine {
public:
  result<void> close() final;

protected:
  explicit marked_engine(std::string identity);

  /// Reads the mark of a key, or nothing where it has none yet.
  [[nodiscard]] virtual result<std::optional<int64_t>>
  load(const std::string& key) = 0;

  /// Moves the mark of a key up, `from` being nothing for a key's first;
  /// durable, as far as the store is, when it returns.
  [[nodiscard]] virtual result<void>
  record(const std::string& key, std::optional<int64_t> from, int64_t to) = 0;

  /// Lets go of the store; `failed` tells that a call went wrong before.
  [[nodiscard]] virtual result<void> release(bool failed) = 0;

private:
  result<run> mint(const sequence& what, int64_t count) final;
  result<int64_t> highest(const sequence& what) final;
  result<void> raise(const sequence& what, int64_t value) final;
  result<std::string> read_identity() final;
  [[nodiscard]] result<std::optional<int64_t>> mark_of(const std::string& key);
  [[nodiscard]] result<void> move(const std::string& key,
                                  std::optional<int64_t> from, int64_t to);

  std::string identity_;
  std::unordered_map<std::string, int64_t> marks_;
  bool closed_ = false;
};

} // namespace intd
