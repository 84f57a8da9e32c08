// One line of a stored history: a word and its `name=value` fields. `writer`
// and `reader` are the two directions of one description of a record, which
// history.cpp gives.
#pragma once

#include "tests/checker/history.hpp"

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace intd::checker {

/// Turns fields into a line.
class writer {
public:
  explicit writer(std::string_view word);

  void operator()(std::string_view name, const std::string& x);
  void operator()(std::string_view name, int64_t x);
  void operator()(std::string_view name, bool x);
  void operator()(std::string_view name, call_kind x);
  void operator()(std::string_view name, outcome x);
  void operator()(std::string_view name, const progression& x);
  void operator()(std::string_view name, const std::vector<std::string>& xs);
  void operator()(std::string_view name, const std::vector<progression>& xs);

  /// Returns the line, without its end.
  [[nodiscard]] std::string line();

private:
  void put(std::string_view name, const std::string& text);

  std::string line_;
};

/// Fills fields from a line, which must outlive it. Throws
/// `std::runtime_error` at anything that is not such a line.
class reader {
public:
  explicit reader(std::string_view line);

  /// Sets `x`; a field that is absent keeps its default.
  template <class T>
  void operator()(std::string_view name, T& x) {
    if (auto found = fields_.find(name); found != fields_.end()) {
      parse(found->second, x);
      fields_.erase(found);
    }
  }

  /// Checks that every field of the line was asked for.
  void end() const;

private:
  static void parse(std::string_view text, std::string& x);
  static void parse(std::string_view text, int64_t& x);
  static void parse(std::string_view text, bool& x);
  static void parse(std::string_view text, call_kind& x);
  static void parse(std::string_view text, outcome& x);
  static void parse(std::string_view text, progression& x);
  static void parse(std::string_view text, std::vector<std::string>& xs);
  static void parse(std::string_view text, std::vector<progression>& xs);

  std::map<std::string_view, std::string_view> fields_;
};

} // namespace intd::checker
