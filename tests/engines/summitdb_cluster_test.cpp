// SummitDB's three nodes, and the loss of the one that leads: the engine ends,
// the next one finds who leads then, and nothing comes twice.
#include "engines/registry.hpp"
#include "tests/engines/resp_fleet.hpp"
#include "tests/servers/redis_client.hpp"
#include "tests/servers/summitdb.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

using namespace intd;
using namespace intd::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const sequence all{"integers", {1, 1}};

store_options hasty() {
  store_options options;
  options.connect_timeout = milliseconds{500};
  options.answer_timeout = milliseconds{1'000};
  options.spin = milliseconds{1};
  return options;
}

opening nodes(const summitdb_cluster& x) {
  return [dsn = x.dsn()] {
    return make_engine("summitdb", dsn, hasty());
  };
}

/// Goes round the nodes with INCRBY, as a plain client does.
void go_round(summitdb_cluster& x, fleet::member& me) {
  for (size_t i = 0; me.goes_on(); ++i)
    try {
      old_client client{x.node(i % x.size()).port()};
      while (me.goes_on())
        me.keep({client.next("integers", 2), 1, 1});
    } catch (const std::runtime_error&) {
      std::this_thread::yield();
    }
}

/// Two engines and a plain client mint while the leader is struck.
void strike_leader(summitdb_cluster& x, const char* name,
                   const std::function<void(store_server&)>& strike) {
  fleet load;
  load.add_engine(nodes(x), {1, 1}, 3);
  load.add_engine(nodes(x), {1, 1}, 3);
  load.add_client([&x](fleet::member& me) {
    go_round(x, me);
  });
  load.start();
  BOOST_REQUIRE(load.each_goes_on(20));
  strike(x.node(x.leader()));
  BOOST_TEST(load.each_goes_on(20));
  load.stop();
  load.judge();
  BOOST_TEST_MESSAGE(name << ": longest pause of two engines "
                          << load.longest_pause_of_engines().count()
                          << " ms, of a plain client "
                          << load.longest_pause_of_clients().count()
                          << " ms; minted " << load.total());
  // An engine is not slower than the store itself, but for its deadlines.
  BOOST_TEST((load.longest_pause_of_engines()
              < load.longest_pause_of_clients() + milliseconds{2'000}));
}

} // namespace

BOOST_AUTO_TEST_CASE(any_node_leads_to_the_leader) {
  summitdb_cluster x;
  x.start();
  const auto leader = x.leader();
  for (size_t i = 0; i < x.size(); ++i) {
    const auto engine = must(make_engine("summitdb", x.node(i).dsn(), hasty()));
    const auto given = must(engine->reserve(all, 10));
    BOOST_TEST(given.count == 10);
    BOOST_TEST((engine->durable() == durability::durable));
  }
  // One that is dead or frozen costs nothing while others answer.
  const auto other = (leader + 1) % x.size();
  x.node(other).freeze();
  const auto begin = steady_clock::now();
  must(make_engine("summitdb", x.dsn()));
  BOOST_TEST((steady_clock::now() - begin < milliseconds{900}));
  x.node(other).thaw();
  // Without a majority nobody leads; the answer comes in time.
  x.node(other).kill();
  x.node(leader).kill();
  const auto alone = make_engine("summitdb", x.dsn(), hasty());
  BOOST_TEST(code_of(alone) == ec::unavailable);
  BOOST_TEST(says(alone, "no node leads"));
}

BOOST_AUTO_TEST_CASE(minting_goes_on_when_the_leader_goes) {
  summitdb_cluster x;
  x.start();
  strike_leader(x, "SIGKILL", [](store_server& leader) {
    leader.kill();
  });
  x.start();
  strike_leader(x, "SIGTERM", [](store_server& leader) {
    leader.stop();
  });
  x.start();
  size_t frozen = 0;
  strike_leader(x, "SIGSTOP", [&](store_server& leader) {
    leader.freeze();
    for (size_t i = 0; i < x.size(); ++i)
      if (&x.node(i) == &leader)
        frozen = i;
  });
  x.node(frozen).thaw();
}

BOOST_AUTO_TEST_CASE(a_new_leader_is_followed_and_told_of) {
  summitdb_cluster x;
  x.start();
  std::string warnings;
  auto options = hasty();
  options.warn = [&warnings](std::string_view text) {
    warnings.append(text).append("\n");
  };
  const auto old = x.leader();
  auto engine = must(make_engine("summitdb", x.dsn(), options));
  const auto before = last_of(must(engine->reserve(all, 10)));
  // It comes back as a follower, on connections that it kept.
  x.node(old).freeze();
  const auto next
    = "127.0.0.1:" + std::to_string(x.node(x.leader_other_than(old)).port());
  x.node(old).thaw();
  const auto give_up = steady_clock::now() + std::chrono::seconds{30};
  while (x.summitdb(old).leads()
         || x.summitdb(old).command({"RAFTLEADER"}) != next)
    BOOST_REQUIRE(steady_clock::now() < give_up);
  const auto given = must(engine->reserve(all, 10));
  BOOST_TEST(given.first > before);
  BOOST_TEST(warnings.find("does not lead") != std::string::npos, warnings);
}
