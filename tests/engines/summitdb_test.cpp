// What is special about the engine summitdb: a store that wraps, a leader that
// changes, and settings that cannot be asked for.
#include "engines/guard/guard.hpp"
#include "engines/registry.hpp"
#include "tests/engines/resp_fleet.hpp"
#include "tests/servers/summitdb.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <csignal>
#include <thread>

using namespace intd;
using namespace intd::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

const sequence all{"integers", {1, 1}};

/// Most tests share a server, which each of them empties.
summitdb_server& emptied() {
  static const auto server = [] {
    auto made = std::make_unique<summitdb_server>();
    made->start();
    return made;
  }();
  server->command({"FLUSHALL"});
  return *server;
}

result<engine_ptr> open(const std::string& dsn, std::string* warnings) {
  store_options options;
  options.spin = std::chrono::milliseconds{1};
  options.warn = [warnings](std::string_view text) {
    warnings->append(text).append("\n");
  };
  return make_engine("summitdb", dsn, options);
}

opening unguarded(const std::string& dsn) {
  return [dsn] {
    return make_engine("summitdb", dsn);
  };
}

opening guarded(const std::string& dsn, const std::filesystem::path& state) {
  return [dsn, state] {
    return make_engine("summitdb", dsn).and_then([&state](engine_ptr store) {
      return state_directory::open(state, {}).and_then(
        [&store](const auto& directory) {
          return make_guard(std::move(store), directory, {});
        });
    });
  };
}

} // namespace

BOOST_AUTO_TEST_CASE(old_clients_and_engines_never_share_an_integer) {
  const auto& server = emptied();
  run_mixed_fleet(unguarded(server.dsn()), server.port());
}

BOOST_AUTO_TEST_CASE(who_slept_far_from_the_end_does_not_make_it_wrap) {
  auto& server = emptied();
  const auto asleep = must(make_engine("summitdb", server.dsn()));
  BOOST_TEST(must(asleep->reserve(all, 1)).first == 1);
  const auto other = must(make_engine("summitdb", server.dsn()));
  must(other->set_last(all, max_integer - 10));
  // What the sleeper adds by INCRBY passes the end, and is taken back.
  const auto given = must(asleep->reserve(all, 1'000));
  BOOST_TEST(given.first == max_integer - 9);
  BOOST_TEST(given.count == 10);
  BOOST_TEST(server.command({"GET", "integers"})
             == std::to_string(max_integer));
  BOOST_TEST(code_of(asleep->reserve(all, 1)) == ec::exhausted);
  BOOST_TEST(code_of(other->reserve(all, 1)) == ec::exhausted);
}

BOOST_AUTO_TEST_CASE(several_at_the_end_share_what_is_left) {
  auto& server = emptied();
  server.command({"SET", "integers", std::to_string(max_integer - 1'000)});
  fleet several;
  for (int i = 0; i < 4; ++i)
    several.add_engine(all.stripe, [&server](fleet::member& me) {
      persistent_minter minter{unguarded(server.dsn())};
      while (const auto given = minter.try_once(all, 7))
        me.keep(*given);
    });
  several.start();
  several.join();
  several.judge();
  BOOST_TEST(several.total() == 1'000u);
  BOOST_TEST(server.command({"GET", "integers"})
             == std::to_string(max_integer));
}

BOOST_AUTO_TEST_CASE(raising_is_exact_past_what_a_double_holds) {
  auto& server = emptied();
  const auto engine = must(make_engine("summitdb", server.dsn()));
  for (const int64_t to :
       {int64_t{9}, int64_t{10}, (int64_t{1} << 53) + 1, (int64_t{1} << 62) + 1,
        max_integer - 1, max_integer}) {
    must(engine->set_last(all, to));
    BOOST_TEST(server.command({"GET", "integers"}) == std::to_string(to));
  }
  BOOST_TEST(code_of(engine->set_last(all, 10)) == ec::too_small);
}

BOOST_AUTO_TEST_CASE(what_is_no_mark_is_corrupt_and_stays_as_it_is) {
  auto& server = emptied();
  for (const auto* held : {"abc", "-5", "007", "9223372036854775808"}) {
    server.command({"SET", "integers", held});
    for (int call = 0; call < 2; ++call) {
      const auto engine = must(make_engine("summitdb", server.dsn()));
      BOOST_TEST((call == 0 ? code_of(engine->reserve(all, 1))
                            : code_of(engine->set_last(all, 1'000)))
                 == ec::corrupt);
    }
    BOOST_TEST(server.command({"GET", "integers"}) == held);
  }
}

BOOST_AUTO_TEST_CASE(a_key_made_negative_behind_its_back_stays_as_it_was) {
  auto& server = emptied();
  const auto engine = must(make_engine("summitdb", server.dsn()));
  must(engine->reserve(all, 100));
  for (const auto* held : {"-5", "-9223372036854775800"}) {
    server.command({"SET", "integers", held});
    const auto other = must(make_engine("summitdb", server.dsn()));
    BOOST_TEST(code_of(other->reserve(all, 10)) == ec::corrupt);
  }
  BOOST_TEST(code_of(engine->reserve(all, 10)) == ec::corrupt);
  BOOST_TEST(server.command({"GET", "integers"}) == "-9223372036854775800");
}

BOOST_AUTO_TEST_CASE(a_login_is_refused_since_there_is_none) {
  const auto refused
    = make_engine("summitdb", "redis://user:secret@127.0.0.1:7481");
  BOOST_TEST(code_of(refused) == ec::invalid_dsn);
  BOOST_TEST(!says(refused, "secret"));
  BOOST_TEST(code_of(make_engine("summitdb", "redis://127.0.0.1:7481/3"))
             == ec::invalid_dsn);
}

BOOST_AUTO_TEST_CASE(a_server_that_syncs_late_is_told_from_one_that_does_not) {
  std::string warnings;
  const auto high = must(open(emptied().dsn(), &warnings));
  BOOST_TEST((high->durable() == durability::durable));
  BOOST_TEST(warnings.empty(), warnings);
  summitdb_server server{{.low = true, .flags = {}}};
  server.start();
  const auto low = must(open(server.dsn(), &warnings));
  BOOST_TEST((low->durable() == durability::may_forget));
  BOOST_TEST(warnings.find("-low") != std::string::npos, warnings);
}

BOOST_AUTO_TEST_CASE(when_its_log_loses_its_end_it_needs_a_guard) {
  for (const bool safe : {false, true}) {
    temp_dir files;
    summitdb_server server{{.low = true, .flags = {}}};
    server.start();
    const auto dsn = server.dsn();
    persistent_minter minter{safe ? guarded(dsn, files.path() / "state")
                                  : unguarded(dsn)};
    const auto mint = [&minter] {
      BOOST_REQUIRE_MESSAGE(minter.mint(all, 2'000), minter.trouble());
    };
    mint();
    const auto log = server.data() / "raft.db";
    const auto synced = std::filesystem::file_size(log);
    mint();
    // SIGKILL loses nothing, since the kernel has it; this is what a machine
    // loses that dies before a sync.
    server.kill();
    std::filesystem::resize_file(log, synced);
    server.start();
    mint();
    BOOST_TEST((duplicates({minter.minted()}) == 0u) == safe);
  }
}

BOOST_AUTO_TEST_CASE(killed_it_loses_nothing) {
  for (const bool low : {false, true}) {
    summitdb_server server{{.low = low, .flags = {}}};
    server.start();
    persistent_minter minter{unguarded(server.dsn())};
    for (int i = 0; i < 3; ++i) {
      BOOST_REQUIRE_MESSAGE(minter.mint(all, 1'000), minter.trouble());
      server.restart();
    }
    BOOST_REQUIRE_MESSAGE(minter.mint(all, 1'000), minter.trouble());
    BOOST_TEST(duplicates({minter.minted()}) == 0u);
  }
}
