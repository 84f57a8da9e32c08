// A Redis that loses what it answered: integers come again without a guard, and
// do not with one. And connections that break, hang or speak nonsense.
#include "engines/guard/guard.hpp"
#include "engines/registry.hpp"
#include "tests/engines/persistent_minter.hpp"
#include "tests/servers/redis.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <thread>

using namespace intd;
using namespace intd::test;

namespace data = boost::unit_test::data;
namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using how = redis_persistence;

const sequence all{"integers", {1, 1}};

/// Two servers, of which `serving` is the one in use; the other is its replica
/// where a scene needs one.
struct stage {
  explicit stage(how persistence) {
    first.options().persistence = persistence;
    second.options().persistence = persistence;
    first.start();
  }

  redis_server first;
  redis_server second;
  redis_server* serving = &first;
  temp_dir files;
};

struct disaster {
  std::string name;
  how persistence;
  /// After the first third of the integers, and after the second one.
  void (*prepare)(stage&);
  void (*strike)(stage&);

  friend std::ostream& operator<<(std::ostream& out, const disaster& x) {
    return out << x.name;
  }
};

void nothing(stage&) {
}

void restart(stage& x) {
  x.first.restart();
}

// The end of the log is what a machine loses that dies before a sync.
void cut_log(stage& x) {
  x.first.kill();
  for (const auto& part : fs::directory_iterator{x.first.aof_directory()})
    if (part.path().string().ends_with(".incr.aof"))
      fs::resize_file(part.path(), fs::file_size(part.path()) * 3 / 4);
  x.first.start();
}

void flush(stage& x) {
  x.first.command({"FLUSHALL"});
}

void remove_key(stage& x) {
  x.first.command({"DEL", "integers"});
}

// Short of memory, all keys go.
void evict(stage& x) {
  x.first.command({"CONFIG", "SET", "maxmemory-policy", "allkeys-random"});
  x.first.command({"CONFIG", "SET", "maxmemory", "1"});
  const auto give_up = steady_clock::now() + std::chrono::seconds{20};
  while (x.first.command({"EXISTS", "integers"}) != "0")
    if (steady_clock::now() > give_up)
      throw std::runtime_error("the counter is not evicted");
  x.first.command({"CONFIG", "SET", "maxmemory", "0"});
}

void back_up(stage& x) {
  x.first.snapshot(x.files.path() / "backup");
}

void restore(stage& x) {
  x.first.restore(x.files.path() / "backup");
}

// The replica lags from here on, since nobody is at that port.
void replicate_until_now(stage& x) {
  x.second.start();
  x.second.replica_of(x.first);
  const auto wanted = x.first.command({"GET", "integers"});
  const auto give_up = steady_clock::now() + std::chrono::seconds{20};
  while (x.second.command({"GET", "integers"}) != wanted)
    if (steady_clock::now() > give_up)
      throw std::runtime_error("the replica does not follow");
  x.second.command({"REPLICAOF", "127.0.0.1", "1"});
}

void promote_replica(stage& x) {
  x.first.kill();
  x.second.promote();
  x.serving = &x.second;
}

const std::vector<disaster> disasters{
  {"killed without persistence", how::none, nothing, restart},
  {"killed with snapshots only", how::rdb, nothing, restart},
  {"the log's end cut", how::aof_always, nothing, cut_log},
  {"FLUSHALL", how::aof_always, nothing, flush},
  {"DEL", how::aof_always, nothing, remove_key},
  {"evicted", how::none, nothing, evict},
  {"an old backup restored", how::aof_always, back_up, restore},
  {"a lagging replica promoted", how::none, replicate_until_now,
   promote_replica},
};

/// Mints, harms the server in between, and counts what came twice.
size_t duplicates_after(const disaster& x, const opening& open, stage& on) {
  persistent_minter minter{open};
  const auto mint = [&minter] {
    BOOST_REQUIRE_MESSAGE(minter.mint(all, 1'000, 7), minter.trouble());
  };
  mint();
  x.prepare(on);
  mint();
  x.strike(on);
  mint();
  return minter.duplicates();
}

opening unguarded(stage& on) {
  return [&on] {
    return make_engine("redis", on.serving->dsn());
  };
}

opening guarded(stage& on, std::shared_ptr<guard_counters> counters) {
  return [&on, counters] {
    return make_engine("redis", on.serving->dsn())
      .and_then([&on, &counters](engine_ptr store) {
        return state_directory::open(on.files.path() / "state", {})
          .and_then([&](const auto& state) {
            guard_options options;
            options.block = 100;
            options.counters = counters;
            return make_guard(std::move(store), state, std::move(options));
          });
      });
  };
}

void harm(proxy& x, int how_it_is_done) {
  switch (how_it_is_done) {
    case 0:
      return x.drop_answers();
    case 1:
      return x.truncate_answers(2);
    case 2:
      return x.stall();
    case 3:
      return x.cut();
    default:
      return x.delay(milliseconds{400});
  }
}

} // namespace

BOOST_DATA_TEST_CASE(without_a_guard_integers_come_again, data::make(disasters),
                     x) {
  stage on{x.persistence};
  BOOST_TEST(duplicates_after(x, unguarded(on), on) > 0u);
}

BOOST_DATA_TEST_CASE(with_a_guard_none_does, data::make(disasters), x) {
  stage on{x.persistence};
  const auto counters = std::make_shared<guard_counters>();
  BOOST_TEST(duplicates_after(x, guarded(on, counters), on) == 0u);
  BOOST_TEST(counters->regressions >= 1u);
  BOOST_TEST(counters->raises >= 1u);
}

BOOST_AUTO_TEST_CASE(a_counter_that_goes_back_on_an_open_engine_is_refused) {
  stage on{how::none};
  const auto engine = must(unguarded(on)());
  must(engine->reserve(all, 100));
  on.first.command({"SET", "integers", "50"});
  const auto refused = engine->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::corrupt);
  BOOST_TEST(says(refused, "went back from 100 to 50"));
  BOOST_TEST(code_of(engine->last(all)) == ec::corrupt);
}

BOOST_AUTO_TEST_CASE(a_killed_connection_ends_the_engine_and_no_stripe) {
  stage on{how::none};
  const sequence odd{"integers", {1, 2}};
  persistent_minter minter{unguarded(on)};
  for (int i = 0; i < 20; ++i) {
    BOOST_REQUIRE(minter.mint(odd, 10, 3));
    on.first.command({"CLIENT", "KILL", "TYPE", "normal"});
  }
  BOOST_TEST(minter.duplicates() == 0u);
  for (const auto x : minter.minted())
    BOOST_TEST_REQUIRE(contains(odd.stripe, x));
  BOOST_TEST(minter.trouble().find("closed the connection")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(
  a_frozen_server_ends_by_timeout_and_no_late_answer_counts) {
  stage on{how::none};
  store_options options;
  options.connect_timeout = milliseconds{300};
  options.answer_timeout = milliseconds{200};
  options.spin = milliseconds{1};
  const auto open = [&] {
    return make_engine("redis", on.first.dsn(), options);
  };
  const auto engine = must(open());
  const auto before = last_of(must(engine->reserve(all, 5)));
  on.first.freeze();
  const auto begin = steady_clock::now();
  const auto late = engine->reserve(all, 5);
  BOOST_TEST(code_of(late) == ec::timeout);
  BOOST_TEST((steady_clock::now() - begin < milliseconds{1'000}));
  // It is accepted by the kernel, but nobody answers.
  BOOST_TEST(code_of(open()) == ec::timeout);
  BOOST_TEST((steady_clock::now() - begin < milliseconds{2'000}));
  on.first.thaw();
  for (const int64_t count : {1, 5})
    BOOST_TEST(text_of(engine->reserve(all, count)) == text_of(late));
  BOOST_TEST(code_of(engine->last(all)) == ec::timeout);
  const auto again = must(open());
  const auto given = must(again->reserve(all, 1));
  // The server carried the late command out: its integers are a gap.
  BOOST_TEST(given.first == before + 6);
}

BOOST_AUTO_TEST_CASE(a_server_that_dies_is_found_again_when_it_is_back) {
  stage on{how::aof_always};
  persistent_minter minter{unguarded(on)};
  for (int i = 0; i < 5; ++i) {
    BOOST_REQUIRE(minter.mint(all, 200, 9));
    on.first.restart();
  }
  BOOST_TEST(minter.duplicates() == 0u);
  on.first.kill();
  const auto refused = make_engine("redis", on.first.dsn());
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(says(refused, "is it running"));
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_lost_is_never_guessed) {
  stage on{how::none};
  proxy between{on.first.port()};
  store_options options;
  options.answer_timeout = milliseconds{150};
  persistent_minter minter{[&] {
    return make_engine(
      "redis", "redis://127.0.0.1:" + std::to_string(between.port()), options);
  }};
  for (int i = 0; i < 10; ++i) {
    BOOST_REQUIRE_MESSAGE(minter.mint(all, 20, 3), minter.trouble());
    harm(between, i % 5);
    std::thread healing{[&between] {
      std::this_thread::sleep_for(milliseconds{500});
      between.forward();
    }};
    const bool goes_on = minter.mint(all, 20, 3);
    healing.join();
    BOOST_REQUIRE_MESSAGE(goes_on, minter.trouble());
  }
  BOOST_TEST(minter.duplicates() == 0u);
  BOOST_TEST(between.swallowed() > 0u);
  // What was carried out and not answered is a gap.
  BOOST_TEST(std::stoull(on.first.command({"GET", "integers"}))
             > minter.minted().size());
}
