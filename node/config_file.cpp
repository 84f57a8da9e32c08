#include "node/config_file.hpp"

#include "engines/file.hpp"
#include "node/config_keys.hpp"
#include "node/nearest.hpp"

#include <toml++/toml.h>

#include <fcntl.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <tuple>
#include <utility>

namespace intd {

namespace {

config_value value_of(const toml::node& node) {
  if (auto found = node.value_exact<bool>())
    return *found;
  if (auto found = node.value_exact<int64_t>())
    return *found;
  if (auto found = node.value_exact<std::string>())
    return *found;
  const auto* array = node.as_array();
  if (array == nullptr || array->is_array_of_tables())
    return {};
  std::vector<std::string> texts;
  for (const auto& element : *array) {
    auto text = element.value_exact<std::string>();
    if (!text)
      return {};
    texts.push_back(std::move(*text));
  }
  return texts;
}

// Says what stands in the file, e.g. `the string "x"`.
std::string describe(const toml::node& node) {
  if (node.is_table())
    return "a table";
  if (node.is_array_of_tables())
    return "an array of tables";
  if (node.is_array())
    return "an array";
  std::ostringstream text;
  text << toml::node_view<const toml::node>{node};
  auto value = text.str();
  if (value.size() > 60)
    value = value.substr(0, 57) + "...";
  if (node.is_string())
    return "the string " + value;
  if (node.is_integer())
    return "the integer " + value;
  return value;
}

std::string did_you_mean(std::string_view word,
                         const std::vector<std::string>& known) {
  auto meant = nearest(word, known);
  if (!meant.empty())
    return "did you mean \"" + meant + "\"?";
  std::string all;
  for (const auto& x : known)
    all += (all.empty() ? "" : ", ") + x;
  return "expected one of " + all;
}

template <class Named>
std::vector<std::string> names(const std::vector<Named>& from) {
  std::vector<std::string> found;
  found.reserve(from.size());
  for (const auto& x : from)
    found.push_back(x.name);
  return found;
}

template <class Named>
const Named* find(const std::vector<Named>& in, std::string_view name) {
  auto at = std::find_if(in.begin(), in.end(), [name](const Named& x) {
    return x.name == name;
  });
  return at == in.end() ? nullptr : &*at;
}

class reader {
public:
  explicit reader(std::string file) : file_(std::move(file)) {
    // nop
  }

  config_result read(const toml::table& root) {
    for (const auto& [key, node] : root)
      read_section(key, node);
    for (const auto& x : check(config_))
      blame(position_of(x.where), x.where + ": " + x.text);
    if (errors_.empty())
      return config_;
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const config_error& a, const config_error& b) {
                       return std::tie(a.line, a.column)
                         < std::tie(b.line, b.column);
                     });
    return tl::unexpected{errors_};
  }

private:
  void blame(toml::source_position at, std::string text) {
    errors_.push_back({file_, at.line, at.column, std::move(text)});
  }

  // Falls back from a key that is not in the file to its table.
  toml::source_position position_of(const std::string& where) const {
    auto at = positions_.find(where);
    if (at == positions_.end())
      at = positions_.find(where.substr(0, where.rfind('.')));
    return at == positions_.end() ? toml::source_position{} : at->second;
  }

  void read_section(const toml::key& key, const toml::node& node) {
    const auto& sections = config_sections();
    const auto* section = find(sections, key.str());
    auto at = key.source().begin;
    if (section == nullptr)
      return blame(at,
                   "unknown section \"" + std::string{key.str()} + "\"; "
                     + did_you_mean(key.str(), names(sections)));
    if (section->repeated())
      return read_tables(*section, at, node);
    if (const auto* table = node.as_table())
      return read_table(*section, section->name, *table);
    blame(at,
          section->name + ": found " + describe(node) + "; expected a table: ["
            + section->name + "]");
  }

  void read_tables(const config_section& section, toml::source_position at,
                   const toml::node& node) {
    const auto* tables = node.as_array();
    if (tables == nullptr || !tables->is_array_of_tables())
      return blame(at,
                   section.name + ": found " + describe(node)
                     + "; expected an array of tables: [[" + section.name
                     + "]]");
    section.clear(config_);
    for (size_t i = 0; i < tables->size(); ++i) {
      section.add(config_);
      read_table(section, section.name + "[" + std::to_string(i) + "]",
                 *tables->get_as<toml::table>(i));
    }
  }

  void read_table(const config_section& section, const std::string& path,
                  const toml::table& table) {
    positions_[path] = table.source().begin;
    for (const auto& [key, node] : table) {
      auto at = key.source().begin;
      auto full = path + "." + std::string{key.str()};
      positions_[full] = node.source().begin;
      if (const auto* known = find(section.keys, key.str()); known == nullptr)
        blame(at,
              "unknown key \"" + std::string{key.str()} + "\" in ["
                + section.name + "]; "
                + did_you_mean(key.str(), names(section.keys)));
      else if (!known->keep(value_of(node), config_))
        blame(node.source().begin,
              full + ": found "
                + (known->secret && node.is_string()
                     ? "a text that is not shown"
                     : describe(node))
                + "; expected " + known->expected);
    }
  }

  std::string file_;
  node_config config_;
  std::vector<config_error> errors_;
  std::map<std::string, toml::source_position> positions_;
};

} // namespace

std::string to_string(const config_error& x) {
  auto where = x.line == 0
    ? x.file
    : x.file + ":" + std::to_string(x.line) + ":" + std::to_string(x.column);
  return where + ": " + x.text;
}

config_result parse_config(std::string_view text, const std::string& file) {
  try {
    return reader{file}.read(toml::parse(text, file));
  } catch (const toml::parse_error& problem) {
    auto at = problem.source().begin;
    return tl::unexpected{std::vector{
      config_error{file, at.line, at.column,
                   "not TOML: " + std::string{problem.description()}}}};
  }
}

config_result load_config(const std::string& path) {
  auto text = open_file(path, O_RDONLY).and_then([&path](const auto& file) {
    return read_all(file, path);
  });
  if (text)
    return parse_config(*text, path);
  return tl::unexpected{
    std::vector{config_error{path, 0, 0, text.error().context}}};
}

} // namespace intd
