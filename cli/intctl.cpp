// intctl: shows the state of a cluster, and orders what changes it, over the
// HTTP API of its nodes.

#include "cli/admin_client.hpp"
#include "cli/cluster_view.hpp"
#include "cli/printable.hpp"
#include "engines/sequence.hpp"
#include "node/defaults.hpp"
#include "node/flags.hpp"
#include "node/nearest.hpp"

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace intd;
using std::chrono::milliseconds;
using clock_type = std::chrono::steady_clock;

constexpr const char* examples = R"(Commands:
  status [-json] [-watch]   nodes, stripes, health, last integers, rates
  last [KEY]                the last integer of a sequence
  set-last [KEY] N          raise it; it is never lowered
  join ADDRESS              have the node meet another one's host:port
  leave [-to NODE]          hand its stripes to a peer; it mints no more
  split [ENGINE]            keep half of its stripe for the next that joins
  adopt NODE... -dead -above N
                            keep the stripes of nodes that never come back,
                            which gave no integer above N
  claim -without ADDRESS    do without that peer's consent to its stripe
  drain [-off]              have /readyz send clients to other nodes

All but status and last need the admin token, and all but those and set-last
are about the one node that -url names. A NODE is a name or an id of status.

Examples:
  intctl status -watch
  intctl -url http://n1:8080,http://n2:8080 status
  INTD_ADMIN_TOKEN=... intctl set-last orders 50000000
  INTD_ADMIN_TOKEN=... intctl -url http://n3:8080 leave -to n1

Exit codes: 0 fine, 1 failed, 2 usage.
)";

struct wanted {
  std::vector<std::string> words;
  std::vector<std::string> urls;
  std::string token;
  int64_t timeout_ms = 0;
  int64_t interval_ms = defaults::interval.count();
  bool json = false;
  bool watch = false;
  std::string to;
  bool dead = false;
  int64_t above = -1;
  std::string without;
  bool off = false;

  // Whatever follows the command, empty where there is nothing.
  [[nodiscard]] std::string argument() const {
    return words.size() > 1 ? words[1] : "";
  }
};

int failed(const std::string& text) {
  std::cerr << "intctl: " << text << "\n";
  return exit_failed;
}

int failed(const error& reason) {
  return failed(reason.code == ec::none ? reason.context : to_string(reason));
}

int print(const std::string& text) {
  if (std::cout << text << std::flush)
    return exit_fine;
  return failed("cannot write to standard output");
}

// What one look at the cluster gave.
struct reading {
  std::string body;
  cluster_view view;
  clock_type::time_point at;
};

result<reading> look(admin_client& site) {
  auto body = site.get("/v1/cluster");
  if (!body)
    return tl::unexpected{body.error()};
  auto view = parse_cluster(*body);
  if (!view)
    return fail(ec::none,
                site.name() + " does not tell the state of a cluster but '"
                  + printable(body->substr(0, 80))
                  + "'; is it an intd-server, of this release?");
  return reading{std::move(*body), std::move(*view), clock_type::now()};
}

std::string shown(const wanted& x, const reading& now,
                  const std::optional<reading>& before) {
  if (x.json)
    return now.body + "\n";
  return before ? lay_out(now.view, &before->view, now.at - before->at)
                : lay_out(now.view, nullptr, {});
}

// Shows reading after reading; one that fails is told and tried again. A signal
// ends it, for there is nothing to put in order.
int watch(const wanted& x, admin_client& site) {
  constexpr const char* clear = "\x1b[H\x1b[J";
  bool on_terminal = ::isatty(STDOUT_FILENO) == 1;
  milliseconds between{x.interval_ms > 0 ? milliseconds{x.interval_ms}
                                         : defaults::interval};
  std::optional<reading> before;
  for (;;) {
    if (auto now = look(site)) {
      auto text = shown(x, *now, before);
      before = std::move(*now);
      if (!x.json && on_terminal)
        text.insert(0, clear);
      else if (!x.json)
        text += '\n';
      if (!(std::cout << text << std::flush))
        return exit_fine; // The reader has enough.
    } else {
      failed(now.error());
    }
    std::this_thread::sleep_for(between);
  }
}

int status(const wanted& x, admin_client& site) {
  if (x.watch)
    return watch(x, site);
  auto now = look(site);
  std::optional<reading> before;
  if (now && !x.json && x.interval_ms > 0) {
    before = std::move(*now);
    std::this_thread::sleep_for(milliseconds{x.interval_ms});
    now = look(site);
  }
  return now ? print(shown(x, *now, before)) : failed(now.error());
}

std::string path_of_last(const std::string& key) {
  return "/v1/" + key + "/last";
}

int last(const wanted& x, admin_client& site) {
  auto key = x.words.size() > 1 ? x.words[1] : std::string{defaults::key};
  auto value = site.get(path_of_last(key));
  return value ? print(printable(*value) + "\n") : failed(value.error());
}

int set_last(const wanted& x, admin_client& site) {
  auto key = x.words.size() > 2 ? x.words[1] : std::string{defaults::key};
  auto done = site.change({http_method::put, path_of_last(key), x.words.back()},
                          "text/plain");
  return done ? exit_fine : failed(done.error());
}

int order(admin_client& site, const std::string& what,
          const nlohmann::json& body) {
  auto text
    = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto done = site.change({http_method::post, "/v1/cluster/" + what, text},
                          "application/json");
  return done ? exit_fine : failed(done.error());
}

int join(const wanted& x, admin_client& site) {
  return order(site, "join", {{"address", x.argument()}});
}

int leave(const wanted& x, admin_client& site) {
  return order(site, "leave", {{"to", x.to}});
}

int split(const wanted& x, admin_client& site) {
  return order(site, "split", {{"engine", x.argument()}});
}

int adopt(const wanted& x, admin_client& site) {
  const std::vector<std::string> nodes{x.words.begin() + 1, x.words.end()};
  return order(site, "adopt", {{"nodes", nodes}, {"above", x.above}});
}

int claim(const wanted& x, admin_client& site) {
  return order(site, "waive", {{"address", x.without}});
}

int drain(const wanted& x, admin_client& site) {
  return order(site, "drain", {{"on", !x.off}});
}

struct command {
  std::string name;
  // How many words follow it.
  size_t least = 0;
  size_t most = 0;
  // Flags that only some commands have, and this one does.
  std::vector<std::string> own;
  // It needs the admin token, which goes nowhere else.
  bool changes = false;
  // It is about the very node that is asked.
  bool one_node = false;
  int (*run)(const wanted& x, admin_client& site) = nullptr;
};

const std::vector<command>& commands() {
  static const std::vector<command> all{
    {"status", 0, 0, {"json", "watch", "interval-ms"}, false, false, status},
    {"last", 0, 1, {}, false, false, last},
    {"set-last", 1, 2, {}, true, false, set_last},
    {"join", 1, 1, {}, true, true, join},
    {"leave", 0, 0, {"to"}, true, true, leave},
    {"split", 0, 1, {}, true, true, split},
    {"adopt", 1, SIZE_MAX, {"dead", "above"}, true, true, adopt},
    {"claim", 0, 0, {"without"}, true, true, claim},
    {"drain", 0, 0, {"off"}, true, true, drain},
  };
  return all;
}

// None where there is no such command: then `problem` says so.
const command* find_command(const wanted& x, std::string& problem) {
  std::vector<std::string> names;
  for (const auto& one : commands()) {
    if (!x.words.empty() && one.name == x.words[0])
      return &one;
    names.push_back(one.name);
  }
  if (x.words.empty()) {
    problem = "which command?";
    return nullptr;
  }
  auto meant = nearest(x.words[0], names);
  problem = "there is no command " + x.words[0]
    + (meant.empty() ? "" : "; did you mean " + meant + "?");
  return nullptr;
}

// What is wrong with the words of a command, empty where nothing is.
std::string misuse_of_words(const command& which, const wanted& x) {
  auto words = x.words.size() - 1;
  if (words < which.least)
    return which.name + " needs "
      + (which.name == "set-last" ? "an integer"
           : which.name == "join" ? "an address, host:port"
                                  : "a node");
  if (words > which.most)
    return which.name + ": what is " + x.words[which.most + 1] + "?";
  bool has_key = (which.name == "last" && words == 1)
    || (which.name == "set-last" && words == 2);
  if (has_key && !valid_key(x.words[1]))
    return std::string{describe(ec::invalid_key)} + " Found '" + x.words[1]
      + "'";
  if (which.name != "set-last")
    return {};
  auto value = parse_integer(x.words.back());
  return value && *value >= 0 ? ""
                              : "set-last: '" + x.words.back()
      + "' is not an integer from 0 to " + std::to_string(max_integer);
}

std::string misuse_of_flags(const command& which, const wanted& x,
                            const flags& given) {
  for (const auto& other : commands())
    for (const auto& name : other.own)
      if (given.given(name)
          && std::find(which.own.begin(), which.own.end(), name)
            == which.own.end())
        return "-" + name + " is for " + other.name + ", not for " + which.name;
  if (which.one_node && x.urls.size() > 1)
    return which.name + " is about one node: give its -url alone";
  if (which.name == "adopt" && !x.dead)
    return "adopt: its stripes go to others, so that the node must never come "
           "back; say so with -dead";
  if (which.name == "adopt" && x.above < 0)
    return "adopt: nobody heard the last that it gave; say with -above which "
           "integer none exceeds that you find in your data, of any key";
  if (which.name == "claim" && x.without.empty())
    return "claim needs -without and the address of the peer";
  return {};
}

void add_flags(flags& from, wanted& x) {
  from.add_words(x.words, "COMMAND [ARGUMENT]");
  from.add_texts("url", x.urls,
                 "a node; of several the first that answers is asked",
                 "http://localhost:" + std::to_string(defaults::port));
  from.add_text("token", x.token,
                "the admin token; ps shows it: better in the environment",
                std::string{defaults::token_variable});
  from.add_integer("timeout-ms", x.timeout_ms, 1, 3'600'000,
                   "milliseconds for an answer",
                   std::to_string(defaults::client.count()) + ", for orders "
                     + std::to_string(defaults::order.count()));
  from.add_switch("json", x.json, "status: as the node answers it");
  from.add_switch("watch", x.watch, "status: again and again");
  from.add_integer("interval-ms", x.interval_ms, 0, 3'600'000,
                   "status: milliseconds between two readings, for the rates; "
                   "0: read once");
  from.add_text("to", x.to, "leave: who gets the stripes", "any peer");
  from.add_switch("dead", x.dead, "adopt: the nodes never come back");
  from.add_integer("above", x.above, 0, max_integer,
                   "adopt: no integer that the nodes gave, of any key, is "
                   "greater");
  from.add_text("without", x.without, "claim: the peer's host:port");
  from.add_switch("off", x.off, "drain: take clients again");
}

// The sites, each with the token where it is needed, unless it names its own.
result<std::vector<server>> sites_of(const wanted& x, bool with_token) {
  auto urls = x.urls;
  if (urls.empty())
    urls.push_back(std::string{defaults::host} + ":"
                   + std::to_string(defaults::port));
  const char* variable = std::getenv(defaults::token_variable);
  std::vector<server> sites;
  for (const auto& url : urls) {
    auto site = parse_site(url);
    if (!site)
      return tl::unexpected{site.error()};
    if (with_token && !x.token.empty())
      site->password = x.token;
    else if (with_token && site->password.empty() && variable != nullptr)
      site->password = variable;
    sites.push_back(std::move(*site));
  }
  return sites;
}

} // namespace

int main(int argc, char** argv) {
  claim_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN); // A reader that is gone is an error.
  flags all{{"intctl", "shows and changes a cluster of intd nodes", examples}};
  wanted x;
  add_flags(all, x);
  if (auto code = all.parse(argc, argv, std::cout, std::cerr))
    return *code;
  std::string problem;
  const auto* which = find_command(x, problem);
  if (which != nullptr)
    problem = misuse_of_words(*which, x);
  if (which != nullptr && problem.empty())
    problem = misuse_of_flags(*which, x, all);
  if (which == nullptr || !problem.empty())
    return all.misused(problem, std::cerr);
  auto sites = sites_of(x, which->changes);
  if (!sites)
    return all.misused("-url: " + sites.error().context, std::cerr);
  store_options timeouts;
  timeouts.answer_timeout
    = which->one_node ? defaults::order : defaults::client;
  if (x.timeout_ms > 0)
    timeouts.answer_timeout = milliseconds{x.timeout_ms};
  timeouts.connect_timeout
    = std::min(timeouts.answer_timeout, defaults::client);
  admin_client site{std::move(*sites), timeouts};
  return which->run(x, site);
}
