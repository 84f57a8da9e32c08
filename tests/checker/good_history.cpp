#include "tests/checker/good_history.hpp"

#include "tests/checker/view.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace intd::checker {

namespace {

constexpr int64_t ms = 1'000'000;
constexpr int64_t block = 50;
constexpr int64_t whole = 2'000 * ms;
constexpr int64_t raised_to = 40'000;

struct interval {
  int64_t begin = 0;
  int64_t end = 0;
};

// An attempt, and when its node mints for it; 0 where it never does.
struct attempt {
  call what;
  int64_t minted_at = 0;
};

struct node {
  std::string name;
  std::string engine;
  progression stripe;
  std::vector<interval> down;
  int64_t last = 0;
  int64_t ceiling = 0;
  size_t boot = 0;
};

class simulation {
public:
  explicit simulation(uint64_t seed) : random_(seed) {
  }

  history run() {
    nodes_ = {{"n1", "sqlite", {1, 2, 0}, {}, 0, 0, 0},
              {"n2", "memory", {2, 2, 0}, {}, 0, 0, 0}};
    kill(nodes_[0], 300 * ms);
    kill(nodes_[1], 700 * ms);
    kill(nodes_[0], 1'100 * ms);
    kill(nodes_[1], 1'500 * ms);
    for (int i = 0; i < 4; ++i)
      live(i);
    set_last();
    mint();
    finish();
    return std::move(out_);
  }

private:
  int64_t pick(int64_t from, int64_t to) {
    return std::uniform_int_distribution<int64_t>{from, to}(random_);
  }

  void kill(node& n, int64_t around) {
    auto at = around + pick(0, 50 * ms);
    n.down.push_back({at, at + pick(10 * ms, 100 * ms)});
    out_.faults.push_back(
      {"kill", n.name, at, n.down.back().end, true, "signal 9"});
  }

  // One client: operation after operation, at one node and, where that fails,
  // at the other.
  void live(int client) {
    int64_t number = 0;
    int64_t operation = 0;
    for (auto t = pick(0, ms); t < whole; t += pick(1'000, ms)) {
      ++operation;
      auto first = static_cast<size_t>(pick(0, 1));
      for (size_t i = 0; i < 2; ++i) {
        auto& n = nodes_[(first + i) % 2];
        auto& a = attempts_.emplace_back(begin(client, ++number, t, n));
        a.what.operation = operation;
        t = a.what.end + pick(1, 1'000);
        if (a.what.result == outcome::ok)
          break;
      }
    }
  }

  attempt begin(int client, int64_t number, int64_t t, const node& n) {
    attempt a;
    auto& c = a.what;
    c.client = "c" + std::to_string(client);
    c.number = number;
    c.connection = c.client + "." + std::to_string(number / 10);
    c.key = "integers";
    c.front_end = pick(0, 1) == 0 ? "http" : "tcp";
    c.node = n.name;
    c.count = c.front_end == "http" && pick(0, 9) == 0 ? 5 : 1;
    c.tag = c.reply_tag = c.client + "-" + std::to_string(number);
    c.begin = t;
    a.minted_at = t + pick(1'000, 3 * ms);
    c.end = a.minted_at + pick(1'000, ms);
    c.result = outcome::ok;
    for (auto& down : n.down)
      cut_off(a, down);
    return a;
  }

  // What a kill between the call's begin and end leaves of it.
  static void cut_off(attempt& a, const interval& down) {
    if (down.end <= a.what.begin || down.begin >= a.what.end)
      return;
    bool refused = down.begin <= a.what.begin;
    a.what.result = refused ? outcome::failed : outcome::unknown;
    a.what.end = refused ? a.what.begin + 10 : down.begin;
    if (down.begin <= a.minted_at)
      a.minted_at = 0;
  }

  // An operator raises n1, then tries to lower it.
  void set_last() {
    for (int64_t i = 0; i < 2; ++i) {
      attempt a;
      auto& c = a.what;
      c.client = "operator";
      c.number = c.operation = i + 1;
      c.connection = "operator.0";
      c.kind = call_kind::set_last;
      c.key = "integers";
      c.front_end = "http";
      c.node = "n1";
      c.begin = (500 + i * 400) * ms;
      a.minted_at = c.begin + 1'000;
      c.end = c.begin + 2'000;
      c.result = i == 0 ? outcome::ok : outcome::failed;
      c.argument = i == 0 ? raised_to : 10;
      attempts_.push_back(a);
    }
  }

  // Serves every attempt in the order of its minting.
  void mint() {
    std::ranges::stable_sort(attempts_, {}, &attempt::minted_at);
    for (auto& a : attempts_) {
      auto& n = a.what.node == "n1" ? nodes_[0] : nodes_[1];
      if (a.minted_at != 0)
        serve(a, n);
      out_.calls.push_back(std::move(a.what));
    }
  }

  void serve(attempt& a, node& n) {
    restart(n, a.minted_at);
    if (a.what.kind == call_kind::set_last) {
      if (a.what.result == outcome::ok)
        n.last = n.ceiling = a.what.argument;
      return;
    }
    for (int64_t i = 0; i < a.what.count; ++i) {
      auto value = n.last == 0 ? n.stripe.offset : n.last + n.stripe.increment;
      if (n.last % n.stripe.increment != n.stripe.offset % n.stripe.increment)
        value = n.last + 1;
      if (value > n.ceiling)
        raise(n, value, a.minted_at);
      n.last = value;
      if (a.what.result != outcome::ok)
        continue;
      a.what.values.push_back(std::to_string(value));
      out_.sends.push_back({n.name, "integers", value, a.minted_at});
    }
  }

  void raise(node& n, int64_t value, int64_t at) {
    n.ceiling = value + (block - 1) * n.stripe.increment;
    out_.segments.push_back(
      {n.name, id(n), "integers", n.stripe, value, n.ceiling, at});
    out_.bounds.push_back(
      {n.name, "guard", "integers", n.stripe, n.ceiling, at, true});
  }

  static std::string id(const node& n) {
    return n.name + "-" + std::to_string(n.boot);
  }

  // Brings the node to the boot it is in at `at`: above its ceiling.
  void restart(node& n, int64_t at) {
    while (n.boot < n.down.size() && n.down[n.boot].end <= at) {
      out_.bounds.push_back({n.name, "disk", "integers", n.stripe, n.ceiling,
                             n.down[n.boot].end, false});
      n.last = n.ceiling;
      ++n.boot;
    }
  }

  void finish() {
    for (auto& n : nodes_) {
      int64_t from = 1;
      for (size_t i = 0; i <= n.down.size(); ++i) {
        n.boot = i;
        auto until = i < n.down.size() ? n.down[i].begin : 0;
        out_.boots.push_back(
          {n.name, id(n), n.engine, {n.stripe}, from, until});
        if (until != 0)
          from = n.down[i].end;
      }
    }
    auto& p = out_.promised;
    p.budget = 50 * ms;
    p.recovery = 200 * ms;
    p.block = block;
    p.faults = {"kill"};
    p.minimum = {{"node", "n1", 20},        {"node", "n2", 20},
                 {"front_end", "http", 20}, {"front_end", "tcp", 20},
                 {"engine", "sqlite", 20},  {"engine", "memory", 20}};
  }

  std::mt19937_64 random_;
  std::vector<node> nodes_;
  std::vector<attempt> attempts_;
  history out_;
};

} // namespace

history good_history(uint64_t seed) {
  return simulation{seed}.run();
}

} // namespace intd::checker
