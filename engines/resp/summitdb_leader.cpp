#include "engines/resp/summitdb_leader.hpp"

#include "engines/resp/resp_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace intd {

namespace {

using std::chrono::steady_clock;

// Peers are asked for in full, so this bounds what a broken node can cause.
constexpr size_t max_nodes = 64;

// A node knows its leader at once, and its peers some seconds after its start.
constexpr const char* questions[] = {"RAFTSTATE", "RAFTPEERS", "RAFTLEADER"};

/// One address of one node, while it is asked.
struct inquiry {
  server at;
  resp_connection connection;
  bool connected = false;
  /// To `questions`.
  std::vector<resp_value> answers;
  std::string failure;

  [[nodiscard]] bool ended() const {
    return answers.size() == std::size(questions) || !failure.empty();
  }
};

/// What a round of questions brought.
struct findings {
  std::optional<summitdb_leader> leader;
  std::vector<server> peers;
  std::string said;
};

std::string name_of(const server& x) {
  return host_and_port(x.host, x.port);
}

void begin(const server& at, deadline until, std::vector<inquiry>& all,
           findings& found) {
  const auto addresses = resolve(at.host, at.port, until);
  if (!addresses) {
    found.said += name_of(at) + ": " + addresses.error().context + "; ";
    return;
  }
  for (const auto& to : *addresses) {
    auto socket = begin_connect(to);
    if (!socket) {
      found.said += name_of(at) + ": " + socket.error().context + "; ";
      continue;
    }
    auto& x = all.emplace_back(inquiry{
      at, {name_of(at), std::move(*socket), store_options{}}, false, {}, {}});
    for (const auto* question : questions)
      x.connection.queue({question});
  }
}

void fail_with(inquiry& x, const std::string& why) {
  x.failure = why;
  x.connection.close({ec::unavailable, why});
}

// Goes on with one node as far as its socket goes.
void proceed(inquiry& x) {
  if (!x.connected) {
    if (const int failure = connect_failure(x.connection.socket());
        failure != 0)
      return fail_with(x, std::generic_category().message(failure));
    x.connected = true;
  }
  if (const auto sent = x.connection.write_some(); !sent)
    return fail_with(x, sent.error().context);
  while (!x.ended()) {
    auto answer = x.connection.read_some();
    if (!answer)
      return fail_with(x, answer.error().context);
    if (!*answer)
      return;
    x.answers.push_back(std::move(**answer));
  }
}

bool leads(const inquiry& x) {
  return x.answers.size() == std::size(questions)
    && x.answers[0].text == "Leader";
}

// Until one says that it leads, all have answered, or the time is over.
void converse(std::vector<inquiry>& all, deadline until) {
  const auto open = [](const inquiry& x) {
    return !x.ended();
  };
  while (std::any_of(all.begin(), all.end(), open)) {
    std::vector<pollfd> polled;
    std::vector<inquiry*> waiting;
    polled.reserve(all.size());
    waiting.reserve(all.size());
    for (auto& x : all) {
      if (!open(x))
        continue;
      const auto events = static_cast<short>(x.connected ? POLLIN : POLLOUT);
      polled.push_back({x.connection.socket().get(), events, 0});
      waiting.push_back(&x);
    }
    const auto left = milliseconds_until(until);
    if (poll(polled.data(), polled.size(), left) < 0 && errno != EINTR)
      return;
    for (size_t i = 0; i < polled.size(); ++i)
      if (polled[i].revents != 0)
        proceed(*waiting[i]);
    if (left == 0 || std::any_of(all.begin(), all.end(), leads))
      return;
  }
}

void add_peer(const std::string& address, findings& found) {
  if (auto at = parse_summitdb_dsn("redis://" + address); at)
    found.peers.push_back(std::move(at->front()));
}

// The leader comes first, so that no long list hides it.
void read_peers(const inquiry& x, findings& found) {
  if (x.answers[2].is == resp_value::kind::text)
    add_peer(x.answers[2].text, found);
  const auto& peers = x.answers[1].items;
  for (size_t i = 0; i + 1 < peers.size(); i += 2)
    add_peer(peers[i].text, found);
}

void conclude(const inquiry& x, findings& found) {
  found.said += name_of(x.at) + ": ";
  if (!x.failure.empty()) {
    found.said += x.failure;
  } else if (x.answers.size() < std::size(questions)) {
    found.said += "no answer";
  } else if (x.answers[0].fails_with("ERR unknown command")) {
    found.said += "no SummitDB";
    if (!found.leader)
      found.leader = summitdb_leader{x.at, false};
  } else {
    found.said += x.answers[0].text.substr(0, 100);
    if (leads(x))
      found.leader = summitdb_leader{x.at, true};
    read_peers(x, found);
  }
  found.said += "; ";
}

findings ask(const std::vector<server>& nodes, deadline until) {
  findings found;
  std::vector<inquiry> all;
  for (const auto& at : nodes)
    begin(at, until, all, found);
  converse(all, until);
  for (const auto& x : all)
    conclude(x, found);
  return found;
}

} // namespace

result<summitdb_leader> find_summitdb_leader(const std::vector<server>& nodes,
                                             const store_options& options) {
  auto found = ask(nodes, steady_clock::now() + options.connect_timeout);
  std::vector<server> others;
  for (const auto& x : found.peers)
    if (others.size() < max_nodes
        && std::find(nodes.begin(), nodes.end(), x) == nodes.end()
        && std::find(others.begin(), others.end(), x) == others.end())
      others.push_back(x);
  if (!found.leader && !others.empty()) {
    auto more = ask(others, steady_clock::now() + options.connect_timeout);
    found.leader = std::move(more.leader);
    found.said += more.said;
  }
  if (!found.leader || (!found.leader->raft && nodes.size() > 1))
    return fail(ec::unavailable,
                "summitdb: no node leads; " + found.said
                  + "an election may be under way, or most nodes are down");
  return *found.leader;
}

} // namespace intd
