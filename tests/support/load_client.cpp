#include "tests/support/load_client.hpp"

#include "tests/support/server.hpp"

#include <algorithm>
#include <chrono>

namespace intd::test {

using checker::outcome;
using std::chrono::milliseconds;

namespace {

// Every so many operations of an HTTP client are pipelined.
constexpr int64_t pipeline_period = 8;

bool digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c >= '0' && c <= '9';
  });
}

// What kind of request the answer belongs to.
std::string kind_of(const http_answer& x) {
  if (x.status != 200)
    return "status " + std::to_string(x.status);
  return digits(x.body) ? "integer" : x.body;
}

} // namespace

load_client::load_client(size_t index, const load_options& options,
                         address_book& book, const std::atomic<bool>& stopping,
                         std::atomic<size_t>& answered)
  : options_(options),
    book_(book),
    stopping_(stopping),
    answered_(answered),
    name_(options.name + std::to_string(index)),
    front_end_(options.front_ends[index % options.front_ends.size()]),
    next_node_(index) {
  // nop
}

void load_client::run() {
  while (!stopping_.load())
    operate();
}

std::vector<checker::call> load_client::calls() {
  return std::move(calls_);
}

void load_client::operate() {
  ++operation_;
  auto deadline = in(options_.budget);
  auto first = calls_.size();
  do {
    for (size_t i = 0; i < options_.nodes.size(); ++i)
      if (attempt(options_.nodes[next_node_++ % options_.nodes.size()]))
        return;
    book_.wait_for_change(std::min(deadline, in(look_again)));
  } while (!stopping_.load() && std::chrono::steady_clock::now() < deadline);
  // Given up early, it says nothing of availability.
  if (std::chrono::steady_clock::now() < deadline)
    for (auto i = first; i < calls_.size(); ++i)
      calls_[i].operation = 0;
}

bool load_client::attempt(const std::string& node) {
  auto port = book_.port(node, front_end_);
  if (port == 0)
    return false;
  return front_end_ == "tcp" ? attempt_tcp(node, port)
                             : attempt_http(node, port);
}

checker::call load_client::begin(const std::string& node,
                                 const std::string& connection) {
  checker::call x;
  x.client = name_;
  x.number = ++number_;
  x.operation = operation_;
  x.connection = connection;
  x.key = options_.key;
  x.front_end = front_end_;
  x.node = node;
  x.begin = now_ns();
  return x;
}

bool load_client::end(checker::call& x, outcome result) {
  x.end = now_ns();
  x.result = result;
  bool fine = result == outcome::ok;
  calls_.push_back(std::move(x));
  if (fine)
    ++answered_;
  return fine;
}

// One connection, one integer, and the server ends it.
bool load_client::attempt_tcp(const std::string& node, uint16_t port) {
  auto deadline = in(options_.attempt_bound);
  auto x = begin(node, name_ + "." + std::to_string(++connections_));
  auto socket = client_socket::connect(book_.address(node), port, deadline);
  if (!socket)
    return end(x, outcome::failed);
  std::string text;
  auto last = socket->receive_all(text, deadline);
  if (text.ends_with('\n')) {
    text.pop_back();
    x.values = {text};
    return end(x, outcome::ok);
  }
  bool refused = text.empty() && last == client_socket::event::end;
  return end(x, refused ? outcome::failed : outcome::unknown);
}

load_client::kept* load_client::connection(const std::string& node,
                                           uint16_t port, time_point deadline) {
  auto found = kept_.find(node);
  if (found != kept_.end() && found->second.port == port)
    return &found->second;
  kept_.erase(node);
  auto made = http_client::connect(book_.address(node), port, deadline);
  // Struck out meanwhile: whoever answers there may be somebody else.
  if (!made || book_.port(node, front_end_) != port)
    return nullptr;
  auto name = name_ + "." + std::to_string(++connections_);
  return &kept_.emplace(node, kept{std::move(*made), port, name}).first->second;
}

bool load_client::attempt_http(const std::string& node, uint16_t port) {
  auto deadline = in(options_.attempt_bound);
  auto started = now_ns();
  auto* at = connection(node, port, deadline);
  if (at == nullptr) {
    auto x = begin(node, name_ + ".none");
    x.begin = started;
    return end(x, outcome::failed);
  }
  bool fine = false;
  if (operation_ % pipeline_period == 0) {
    fine = pipeline(*at, node, deadline);
  } else {
    auto x = begin(node, at->name);
    fine = end(x, at->client.get("/", deadline));
  }
  if (!fine)
    kept_.erase(node);
  return fine;
}

bool load_client::end(checker::call& x,
                      const std::optional<http_answer>& answer) {
  if (!answer)
    return end(x, outcome::unknown);
  x.tag = "integer";
  x.reply_tag = kind_of(*answer);
  // An error is no integer; should it look like one, the checker must see it.
  if (answer->status != 200) {
    if (digits(answer->body))
      x.values = {answer->body};
    return end(x, outcome::failed);
  }
  x.values = {answer->body};
  return end(x, outcome::ok);
}

// Four requests at once, so that an answer in another's place is seen.
bool load_client::pipeline(kept& at, const std::string& node,
                           time_point deadline) {
  auto requests = http_request("GET /") + http_request("GET /ping")
    + http_request("GET /") + http_request("GET /no-such-page");
  auto first = begin(node, at.name);
  auto second = begin(node, at.name);
  if (!at.client.socket().send(requests, deadline)) {
    end(first, outcome::unknown);
    return end(second, outcome::unknown);
  }
  bool fine = end(first, at.client.answer(deadline));
  auto ping = at.client.answer(deadline);
  fine = end(second, at.client.answer(deadline)) && fine;
  auto none = at.client.answer(deadline);
  if (fine && ping && none && (ping->body != "pong" || none->status != 404))
    calls_.back().reply_tag
      = "between " + ping->body + " and " + std::to_string(none->status);
  return fine && ping && none;
}

} // namespace intd::test
