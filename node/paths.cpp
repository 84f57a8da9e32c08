#include "node/paths.hpp"

#include "node/defaults.hpp"

#include <cstdlib>
#include <system_error>

namespace intd {

namespace fs = std::filesystem;

namespace {

fs::path variable(const char* name) {
  const auto* value = std::getenv(name);
  return value == nullptr ? fs::path{} : fs::path{value};
}

} // namespace

result<fs::path> default_state_dir() {
  // The XDG base directory specification ignores relative paths.
  if (auto base = variable("XDG_STATE_HOME"); base.is_absolute())
    return base / "intd";
  if (auto home = variable("HOME"); home.is_absolute())
    return home / ".local" / "state" / "intd";
  return fail(ec::unavailable,
              "no place for the state: neither XDG_STATE_HOME "
              "nor HOME is an absolute path; give -state-dir");
}

std::string default_dsn(std::string_view engine, const fs::path& state_dir) {
  // The stores' own ports; a database has a name that only its user knows.
  if (engine == "redis")
    return "redis://localhost:6379";
  if (engine == "rqlite")
    return "http://localhost:4001";
  if (engine == "summitdb")
    return "redis://localhost:7481";
  if (engine != "sqlite")
    return {};
  std::error_code code;
  auto absolute = fs::absolute(state_dir, code);
  auto file = (code ? state_dir : absolute) / defaults::database;
  std::string dsn = "sqlite://";
  for (char c : file.lexically_normal().string()) {
    // What means something in a URL; engines/dsn.hpp decodes it.
    if (c == '%')
      dsn += "%25";
    else if (c == '?')
      dsn += "%3F";
    else if (c == '#')
      dsn += "%23";
    else
      dsn += c;
  }
  return dsn;
}

} // namespace intd
