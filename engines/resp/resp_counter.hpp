// What stores have in common that speak Redis's protocol and can only add: a
// key holds the last integer given, of any stripe, and INCRBY takes a window
// of consecutive integers above it. All arithmetic is done here; redis and
// summitdb say how to add, how to raise, and whom they ask.
//
// Others may add to the same key at the same time: the windows of a key never
// overlap, and a window that is a whole number of increments wide holds as many
// integers of any stripe. Who is alone takes narrower ones, up to the integer
// it needs, and so leaves none out.
#pragma once

#include "engines/engine.hpp"
#include "engines/resp/resp_connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace intd {

class resp_counter : public engine {
public:
  result<run> reserve(const sequence& what, int64_t count) final;
  result<int64_t> last(const sequence& what) final;
  result<void> set_last(const sequence& what, int64_t value) final;

  /// Kept in the key `intd:store`, and the owner in `intd:store:owner`.
  result<std::string> identity() final;
  result<std::string> claim(const std::string& owner, claim_mode how) final;

  result<void> close() final;

protected:
  /// Sends a command and answers what the store says, failures included.
  [[nodiscard]] virtual result<resp_value> ask(const resp_command& command) = 0;

  /// Adds `width` (1 or more) to a key that holds `known` or more and answers
  /// the sum, or nothing where that would pass `max_integer`.
  [[nodiscard]] virtual result<std::optional<int64_t>>
  add(const std::string& key, int64_t known, int64_t width) = 0;

  /// Sets a key to `value` where it holds less, in one step that no other
  /// client can get between; answers what it held before.
  [[nodiscard]] virtual result<int64_t> raise(const std::string& key,
                                              int64_t value)
    = 0;

  /// Lets go of the store.
  virtual void hang_up(const error& why) = 0;

  /// Names the store in messages.
  [[nodiscard]] virtual std::string where() const = 0;

  /// As `ask`, but a failure of the store's is one of the call.
  [[nodiscard]] result<resp_value> demand(const resp_command& command);

  /// Adds by INCRBY; answers nothing where the store refuses to overflow.
  [[nodiscard]] result<std::optional<int64_t>> increment(const std::string& key,
                                                         int64_t width);

  /// Raises by a script of the store's own language, which answers what the
  /// key (its first) held before it set it to the first argument.
  [[nodiscard]] result<int64_t> raise_by(std::string_view script,
                                         const std::string& key, int64_t value);

  /// Reads a mark: 0 for nothing, else 0 to `max_integer` in decimal.
  [[nodiscard]] result<int64_t> mark_in(const std::string& key,
                                        const resp_value& value) const;

  [[nodiscard]] result<int64_t> load(const std::string& key);

private:
  struct known_mark {
    /// What the key held when it was last seen.
    std::optional<int64_t> last;
    /// Somebody else adds to it, too.
    bool shared = false;
  };

  template <class T>
  result<T> keep_fault(result<T> outcome);
  [[nodiscard]] result<run> mint(const sequence& what, int64_t count);
  [[nodiscard]] result<int64_t> look(const std::string& key);
  [[nodiscard]] result<void> raise_last(const sequence& what, int64_t value);
  [[nodiscard]] result<void> see(const std::string& key, int64_t value);
  [[nodiscard]] result<std::string> text_of(const char* key);
  [[nodiscard]] result<std::string> read_identity();
  [[nodiscard]] result<std::string> record_owner(const std::string& owner,
                                                 claim_mode how);

  std::unordered_map<std::string, known_mark> marks_;
  /// Why nothing works any more: sticky from the first failed call on.
  std::optional<error> fault_;
  bool closed_ = false;
};

} // namespace intd
