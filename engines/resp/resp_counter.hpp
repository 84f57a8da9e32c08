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

#include "engines/resp/resp_connection.hpp"
#include "engines/sticky_engine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace intd {

/// Its identity is in the key `intd:store`, what else is on its record in
/// `intd:store:owner` and `intd:store:held`.
class resp_counter : public sticky_engine {
protected:
  /// Sends a command and answers what the store says, failures included.
  [[nodiscard]] virtual result<resp_value> ask(const resp_command& command) = 0;

  /// Adds `width` (1 or more) to a key that holds `known` or more and answers
  /// the sum, or nothing where that would pass `max_integer`.
  [[nodiscard]] virtual result<std::optional<int64_t>>
  add(const std::string& key, int64_t known, int64_t width) = 0;

  /// Sets a key to `value` where it holds less, in one step that no other
  /// client can get between; answers what it held before.
  [[nodiscard]] virtual result<int64_t> raise_key(const std::string& key,
                                                  int64_t value)
    = 0;

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

  result<run> mint(const sequence& what, int64_t count) final;
  result<int64_t> highest(const sequence& what) final;
  result<void> raise(const sequence& what, int64_t value) final;
  result<std::string> read_identity() final;
  result<std::string> record_owner(const std::string& owner,
                                   claim_mode how) final;
  result<std::optional<store_record>> read_held() final;
  result<void> write_held(const store_record& x) final;
  [[nodiscard]] result<int64_t> look(const std::string& key);
  [[nodiscard]] result<void> see(const std::string& key, int64_t value);
  [[nodiscard]] result<std::string> text_of(const char* key);

  std::unordered_map<std::string, known_mark> marks_;
};

} // namespace intd
