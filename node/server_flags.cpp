#include "node/server_flags.hpp"

#include "node/config_file.hpp"
#include "node/config_keys.hpp"
#include "node/paths.hpp"

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace intd {

namespace {

constexpr const char* examples = R"(Examples:
  intd-server
      the embedded database (sqlite) on http://localhost:8080
  intd-server -engine memory -port 9090
      from memory, made durable by the guard in the state directory
  intd-server -protocol http,tcp -port 8080,8081
      two protocols; ports in the same order, or as -protocol tcp:8081; one
      that is not given is the one before it plus 1
  intd-server -set-offset 2 -set-increment 2
      even integers only; another node mints the odd ones
  intd-server -config intd.toml -log-level debug
      from a file; flags win over it

SIGTERM or Ctrl-C stops it cleanly. Exit codes: 0 fine, 1 failed, 2 usage.
)";

// What the flags say; empty or 0 where they say nothing.
struct said {
  std::string config;
  std::vector<std::string> protocols;
  std::string host;
  std::vector<std::string> ports;
  std::string engine;
  std::string dsn;
  std::string key;
  int64_t last = 0;
  int64_t offset = 0;
  int64_t increment = 0;
  bool shared = false;
  bool take_over = false;
  bool restored = false;
  std::string state_dir;
  std::string log_level;
  std::string log_format;
};

std::string engine_list() {
  std::string all;
  for (const auto& section : config_sections())
    for (const auto& key : section.keys)
      if (section.name == "engine" && key.name == "engine")
        all = key.expected;
  return all;
}

std::string word(std::string_view value) {
  return std::string{value};
}

void add_engine_flags(flags& from, said& x) {
  from.add_text("engine", x.engine, "the store: " + engine_list(),
                word(defaults::engine));
  from.add_text("dsn", x.dsn,
                "its data source name, as sqlite:///path/file.db, "
                "user:pass@tcp(host)/db, redis://host, http://host",
                "integers.db in the state directory; for redis, rqlite and "
                "summitdb, their ports of localhost");
  from.add_text("key", x.key, "the sequence to mint", word(defaults::key));
  from.add_integer("set-last-int", x.last, 0, max_integer,
                   "raise the last integer to N; 0: as it is");
  from.add_integer("set-offset", x.offset, 0, max_integer,
                   "mint integers equal to N modulo the increment",
                   "none is fixed");
  from.add_integer("set-increment", x.increment, 0, max_integer,
                   "the step between integers", "none is fixed");
  from.add_switch("shared", x.shared,
                  "other nodes mint from the store too, and say so as well");
  from.add_switch("take-over", x.take_over,
                  "take the store over from the node that it belongs to, which "
                  "must never mint from it again");
  from.add_switch("restored", x.restored,
                  "the state directory is from a backup: first hear all other "
                  "nodes of the cluster");
}

void add_flags(flags& from, said& x) {
  from.add_text("config", x.config, "a TOML file; see configs/intd.toml",
                "none");
  from.add_texts("protocol", x.protocols,
                 "http or tcp, with a port as tcp:8081; several: repeat it, or "
                 "commas",
                 word(defaults::protocol));
  from.add_text("host", x.host, "the name or address to listen on",
                word(defaults::host));
  from.add_texts("port", x.ports, "a port for each protocol, 0: a free one",
                 std::to_string(defaults::port));
  add_engine_flags(from, x);
  from.add_text("state-dir", x.state_dir, "where the node keeps its state",
                "${XDG_STATE_HOME:-~/.local/state}/intd");
  from.add_text("log-level", x.log_level, "debug, info, warn or error",
                word(defaults::log_level));
  from.add_text("log-format", x.log_format, "text or json",
                word(defaults::log_format));
}

// Puts a value where the file would put it, by the same rules. Returns what is
// wrong with it.
std::string keep(const char* section, const char* key, const char* flag,
                 const config_value& value, node_config& into) {
  for (const auto& s : config_sections())
    for (const auto& k : s.keys)
      if (s.name == section && k.name == key && !k.keep(value, into))
        return std::string{"-"} + flag + ": found '"
          + (value.index() == 3 ? std::get<3>(value) : "") + "', expected "
          + k.expected;
  return {};
}

// Without a port of its own, it takes the one after that of the one before.
std::string port_after(const node_config& x) {
  auto port = x.listens.empty() ? defaults::port - 1 : x.listens.back().port;
  return std::to_string(!x.listens.empty() && port == 0 ? 0 : port + 1);
}

std::string apply_listen(const std::string& protocol, const std::string& port,
                         const said& x, node_config& into) {
  into.listens.emplace_back();
  auto wrong = keep("listen", "protocol", "protocol", protocol, into);
  if (wrong.empty() && !x.host.empty())
    wrong = keep("listen", "host", "host", x.host, into);
  if (!wrong.empty())
    return wrong;
  auto number = parse_integer(port);
  if (!number || *number < 0 || *number > 65'535)
    return "-port: found '" + port + "', expected an integer from 0 to 65535";
  into.listens.back().port = *number;
  return {};
}

// -protocol makes the list anew. Without it, -host and -port change the list
// that the file made.
std::string apply_listens(const said& x, node_config& into) {
  auto protocols = x.protocols;
  auto ports = x.ports;
  if (protocols.empty()) {
    if (x.host.empty() && ports.empty())
      return {};
    auto file = into.listens;
    for (size_t i = 0; i < file.size(); ++i) {
      protocols.push_back(file[i].protocol);
      if (i >= ports.size())
        ports.push_back(std::to_string(file[i].port));
    }
  }
  if (ports.size() > protocols.size())
    return "there are " + std::to_string(ports.size()) + " ports for "
      + std::to_string(protocols.size())
      + " protocols; give a -protocol for each, as -protocol http,tcp";
  into.listens.clear();
  for (size_t i = 0; i < protocols.size(); ++i) {
    auto colon = protocols[i].find(':');
    auto port = i < ports.size() ? ports[i] : port_after(into);
    if (colon != std::string::npos)
      port = protocols[i].substr(colon + 1);
    auto wrong = apply_listen(protocols[i].substr(0, colon), port, x, into);
    if (!wrong.empty())
      return wrong;
  }
  return {};
}

std::string apply_engine(const said& x, node_config& into) {
  bool any = !x.engine.empty() || !x.dsn.empty() || x.offset != 0
    || x.increment != 0 || x.shared;
  if (any && into.engines.size() != 1)
    return "-engine, -dsn, -set-offset, -set-increment and -shared are for "
           "one engine, "
           "and the file has "
      + std::to_string(into.engines.size()) + "; change the file instead";
  std::string wrong;
  if (!x.engine.empty()) {
    wrong = keep("engine", "engine", "engine", x.engine, into);
    // The file's DSN is of the file's engine.
    into.engines.back().dsn.clear();
  }
  if (!x.dsn.empty() && wrong.empty())
    wrong = keep("engine", "dsn", "dsn", x.dsn, into);
  if (x.shared)
    into.engines.back().shared = true;
  if (x.offset != 0)
    into.engines.back().offset = x.offset;
  if (x.increment != 0)
    into.engines.back().increment = x.increment;
  return wrong;
}

std::string apply(const said& x, node_config& into) {
  auto wrong = apply_listens(x, into);
  if (wrong.empty())
    wrong = apply_engine(x, into);
  struct text {
    const char* section;
    const char* key;
    const char* flag;
    const std::string& value;
  };
  for (const auto& it : {text{"node", "key", "key", x.key},
                         text{"node", "state_dir", "state-dir", x.state_dir},
                         text{"log", "level", "log-level", x.log_level},
                         text{"log", "format", "log-format", x.log_format}})
    if (wrong.empty() && !it.value.empty())
      wrong = keep(it.section, it.key, it.flag, it.value, into);
  if (wrong.empty())
    for (const auto& conflict : check(into))
      wrong
        += (wrong.empty() ? "" : "\n") + conflict.where + ": " + conflict.text;
  return wrong;
}

} // namespace

tl::expected<server_command, exit_code>
read_server_command(int argc, const char* const* argv, std::ostream& out,
                    std::ostream& err) {
  flags all{{"intd-server", "mints unique integers for clients", examples}};
  said x;
  add_flags(all, x);
  if (auto code = all.parse(argc, argv, out, err))
    return tl::unexpected{*code};
  server_command command;
  command.orders = {x.last, x.take_over, x.restored};
  if (!x.config.empty()) {
    auto loaded = load_config(x.config);
    if (!loaded) {
      for (const auto& problem : loaded.error())
        err << "intd-server: " << to_string(problem) << "\n";
      return tl::unexpected{exit_usage};
    }
    command.config = std::move(*loaded);
  }
  if (auto wrong = apply(x, command.config); !wrong.empty())
    return tl::unexpected{all.misused(wrong, err)};
  auto complete_config = complete(std::move(command.config));
  if (!complete_config)
    return tl::unexpected{all.misused(complete_config.error().context, err)};
  command.config = std::move(*complete_config);
  return command;
}

} // namespace intd
