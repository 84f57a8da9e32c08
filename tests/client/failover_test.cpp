// A mint client of two real nodes, with actors that want integers without a
// pause, while the nodes are killed, frozen and stopped: every request is
// answered with an integer, and no integer comes twice.
#include "actors/mint_client/mint_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

constexpr auto bound = 30s;
constexpr size_t askers = 4;
constexpr size_t flight = 8;

struct client_config : caf::actor_system_config {
  client_config() {
    load_mint_client(*this);
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

// What one asker was answered.
struct record {
  std::vector<int64_t> integers;
  std::vector<std::string> failures;
};

class progress {
public:
  void count() {
    {
      std::lock_guard lock{mutex_};
      ++answered_;
    }
    changed_.notify_one();
  }

  size_t answered() {
    std::lock_guard lock{mutex_};
    return answered_;
  }

  // Waits until so many were answered; false where that takes too long.
  bool wait_for(size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, bound, [this, count] {
      return answered_ >= count;
    });
  }

  std::atomic<bool> stopping{false};

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t answered_ = 0;
};

void keep_asking(caf::event_based_actor* self, const mint_client_actor& mint,
                 record* into, progress* seen) {
  self->request(mint, caf::infinite, next_atom_v, "orders")
    .then(
      [self, mint, into, seen](int64_t integer) {
        into->integers.push_back(integer);
        seen->count();
        if (!seen->stopping)
          keep_asking(self, mint, into, seen);
      },
      [into](const caf::error& reason) {
        into->failures.push_back(to_string(from_caf(reason)));
      });
}

struct fixture {
  fixture() {
    for (int64_t i = 0; i < 2; ++i) {
      server_options x;
      x.name = "n" + std::to_string(i + 1);
      x.state = dir.path() / x.name;
      x.stripe = {i + 1, 2};
      x.protocols = {"http"};
      x.actors = true;
      nodes.push_back(std::make_unique<server>(x, book));
      nodes.back()->start();
      // Restarted, it is where its clients look for it.
      auto port = nodes.back()->port("actor");
      nodes.back()->options().actor_port = port;
      options.nodes.push_back("127.0.0.1:" + std::to_string(port));
    }
    options.request_timeout = 20s;
    options.node_timeout = 300ms;
    mint = spawn_mint_client(sys, options).value();
    records.resize(askers);
    for (auto& into : records)
      all.push_back(sys.spawn([this, &into](caf::event_based_actor* self) {
        for (size_t n = 0; n < flight; ++n)
          keep_asking(self, mint, &into, &seen);
      }));
  }

  ~fixture() {
    caf::anon_send_exit(mint, caf::exit_reason::user_shutdown);
  }

  // Waits until so many more requests were answered.
  void wait_for(size_t count) {
    BOOST_REQUIRE(seen.wait_for(seen.answered() + count));
  }

  void judge() {
    seen.stopping = true;
    caf::scoped_actor self{sys};
    for (const auto& x : all)
      self->wait_for(x);
    std::vector<int64_t> integers;
    for (const auto& x : records) {
      for (const auto& failure : x.failures)
        BOOST_TEST(failure == "");
      integers.insert(integers.end(), x.integers.begin(), x.integers.end());
    }
    std::sort(integers.begin(), integers.end());
    BOOST_TEST(integers.size() == seen.answered());
    BOOST_TEST(
      (std::adjacent_find(integers.begin(), integers.end()) == integers.end()));
    BOOST_TEST(integers.front() >= 1);
  }

  temp_dir dir;
  address_book book;
  std::vector<std::unique_ptr<server>> nodes;
  mint_client_options options;
  progress seen;
  std::vector<record> records;
  client_config cfg;
  caf::actor_system sys{cfg};
  mint_client_actor mint;
  std::vector<caf::actor> all;
};

constexpr size_t plenty = 2'000;

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_client_of_two_nodes, fixture)

BOOST_AUTO_TEST_CASE(mints_on_while_one_is_killed_and_comes_back) {
  wait_for(plenty);
  for (int round = 0; round < 3; ++round)
    for (auto& node : nodes) {
      node->kill();
      wait_for(plenty);
      node->start();
      wait_for(plenty);
    }
  judge();
}

BOOST_AUTO_TEST_CASE(waits_while_both_are_gone) {
  wait_for(plenty);
  for (auto& node : nodes)
    node->kill();
  for (auto& node : nodes)
    node->start();
  wait_for(plenty);
  judge();
}

BOOST_AUTO_TEST_CASE(mints_on_while_one_is_frozen) {
  wait_for(plenty);
  for (auto& node : nodes) {
    node->child().signal(SIGSTOP);
    wait_for(plenty);
    node->child().signal(SIGCONT);
    wait_for(plenty);
  }
  judge();
}

BOOST_AUTO_TEST_CASE(mints_on_while_they_are_restarted_in_turn) {
  wait_for(plenty);
  for (auto& node : nodes) {
    BOOST_TEST((node->stop(bound) == ending{0, 0}), node->log());
    wait_for(plenty);
    node->start();
    wait_for(plenty);
  }
  judge();
}

BOOST_AUTO_TEST_SUITE_END()
