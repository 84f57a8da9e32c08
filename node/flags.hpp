// The command line of all programs: the original's flags with one dash
// or two, strict numbers, and errors that say what to do. Each program's main
// names its flags here and gets its variables filled.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace intd {

/// What the programs exit with.
enum exit_code : int {
  exit_fine = 0,
  exit_failed = 1,
  exit_usage = 2,
};

/// Opens /dev/null for each of the descriptors 0, 1, 2 that the caller closed,
/// such that writing to it fails: else the next file that is opened, perhaps
/// the one that keeps the integers, would receive the output.
void claim_standard_descriptors();

/// Reads all of `text` as a decimal integer: no blanks, no other base, no
/// overflow.
[[nodiscard]] std::optional<int64_t> parse_integer(std::string_view text);

class flags {
public:
  struct description {
    /// The program's name.
    std::string program;
    /// What it does, in a sentence.
    std::string purpose;
    /// Lines that end the help.
    std::string examples;
  };

  explicit flags(description what);
  flags(const flags&) = delete;
  flags& operator=(const flags&) = delete;
  ~flags();

  /// Adds -name TEXT. What `target` holds is the default, and what `shown`
  /// says is what the help calls it (the value itself where empty). All
  /// targets must live until `parse` is over.
  void add_text(const std::string& name, std::string& target,
                const std::string& help, const std::string& shown = {});

  /// Adds -name TEXT that may be repeated or take a comma-separated list.
  void add_texts(const std::string& name, std::vector<std::string>& target,
                 const std::string& help, const std::string& shown);

  /// Adds -name N, an integer from `min` to `max`.
  void add_integer(const std::string& name, int64_t& target, int64_t min,
                   int64_t max, const std::string& help,
                   const std::string& shown = {});

  /// Adds -name, which needs no value: -name=false is possible.
  void add_switch(const std::string& name, bool& target,
                  const std::string& help);

  /// Takes what is no flag, in its order; the help calls it `shown`, e.g.
  /// "COMMAND [KEY]". Without this it is misuse.
  void add_words(std::vector<std::string>& target, const std::string& shown);

  /// Fills the targets, or writes the help or the version to `out`, or what is
  /// wrong to `err`. Returns the code to exit with, nothing to go on.
  [[nodiscard]] std::optional<exit_code> parse(int argc,
                                               const char* const* argv,
                                               std::ostream& out,
                                               std::ostream& err);

  /// Tells whether the last `parse` saw -name.
  [[nodiscard]] bool given(const std::string& name) const;

  /// Writes what is wrong with the usage to `err`; returns `exit_usage`.
  [[nodiscard]] exit_code misused(const std::string& what,
                                  std::ostream& err) const;

private:
  struct impl;

  std::unique_ptr<impl> impl_;
};

} // namespace intd
