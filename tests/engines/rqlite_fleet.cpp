#include "tests/engines/rqlite_fleet.hpp"

#include "engines/registry.hpp"
#include "engines/rqlite/rqlite_protocol.hpp"

#include <algorithm>
#include <utility>

namespace intd::test {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

namespace {

store_options quick() {
  store_options options;
  options.connect_timeout = 500ms;
  options.answer_timeout = 1s;
  return options;
}

} // namespace

void fleet::member::note(const intd::run& x) {
  const auto now = clock::now();
  if (last != clock::time_point{})
    pause = std::max(pause, std::chrono::ceil<milliseconds>(now - last));
  last = now;
  given.push_back(x);
  ++answers;
}

fleet::fleet(std::string dsn) : dsn_{std::move(dsn)} {
}

fleet::~fleet() {
  stop();
}

void fleet::add_engine(const sequence& what, int64_t count) {
  auto made = std::make_unique<member>();
  made->is_engine = true;
  made->stripe = what.stripe;
  made->work = [this, what, count](member& me) {
    mint(me, what, count);
  };
  members_.push_back(std::move(made));
}

void fleet::add_old_client() {
  auto made = std::make_unique<member>();
  made->work = [this](member& me) {
    mint_as_old(me);
  };
  members_.push_back(std::move(made));
}

void fleet::start() {
  for (const auto& x : members_)
    threads_.emplace_back([&me = *x] {
      me.work(me);
    });
}

void fleet::stop() {
  stopping_ = true;
  for (auto& x : threads_)
    x.join();
  threads_.clear();
}

void fleet::run_until(size_t total, std::chrono::seconds bound) {
  const auto end = clock::now() + bound;
  start();
  while ((total_ < total || least() < 100) && clock::now() < end)
    std::this_thread::yield();
  stop();
}

bool fleet::each_goes_on(size_t more, std::chrono::seconds bound) {
  const auto end = clock::now() + bound;
  for (const auto& x : members_) {
    const auto goal = x->answers + more;
    while (x->answers < goal) {
      if (clock::now() > end)
        return false;
      std::this_thread::yield();
    }
  }
  return true;
}

size_t fleet::total() const {
  return total_;
}

size_t fleet::least() const {
  size_t fewest = SIZE_MAX;
  for (const auto& x : members_)
    fewest = std::min<size_t>(fewest, x->answers);
  return fewest;
}

size_t fleet::duplicates() const {
  std::vector<int64_t> seen;
  for (const auto& x : members_)
    for (auto rest : x->given)
      while (rest.count > 0)
        seen.push_back(cut_front(rest, 1).first);
  const auto all = seen.size();
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  return all - seen.size();
}

size_t fleet::misaligned() const {
  size_t found = 0;
  for (const auto& x : members_)
    for (const auto& y : x->given)
      if (!contains(x->stripe, y.first) || y.increment != x->stripe.increment)
        ++found;
  return found;
}

milliseconds fleet::longest_pause_of_engines() const {
  return longest_pause(true);
}

milliseconds fleet::longest_pause_of_old() const {
  return longest_pause(false);
}

milliseconds fleet::longest_pause(bool engines) const {
  milliseconds longest{0};
  for (const auto& x : members_)
    if (x->is_engine == engines)
      longest = std::max(longest, x->pause);
  return longest;
}

void fleet::mint(member& me, const sequence& what, int64_t count) {
  while (!stopping_) {
    const auto engine = make_engine("rqlite", dsn_, quick());
    while (engine && !stopping_) {
      const auto given = (*engine)->reserve(what, count);
      if (!given)
        break;
      me.note(*given);
      total_ += static_cast<size_t>(given->count);
    }
  }
}

void fleet::mint_as_old(member& me) {
  const auto nodes = *parse_rqlite_dsn(dsn_);
  const http_request replace{
    http_method::post, "/db/execute",
    rqlite_protocol::body_of({"REPLACE INTO integers (stub) VALUES ('a')"})};
  http_connection by{http_login::basic, quick()};
  auto at = nodes.front();
  for (size_t i = 0; !stopping_;) {
    const auto answer = by.send(at, replace, "application/json");
    const auto done = answer && answer->status == 200
      ? rqlite_protocol::parse_written(answer->body, 1)
      : fail(ec::unavailable, "");
    if (done && done->rows_affected == 1) {
      me.note({done->last_insert_id, 1, 1});
      ++total_;
    } else if (answer && !answer->location.empty()) {
      const auto to = server_of_url(answer->location);
      at.host = to ? to->host : at.host;
      at.port = to ? to->port : at.port;
    } else {
      at = nodes[++i % nodes.size()];
    }
  }
}

} // namespace intd::test
