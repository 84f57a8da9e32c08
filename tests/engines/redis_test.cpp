// What is special about the engine redis: who else mints from a key, what the
// server's settings are worth, and what each of its errors becomes.
#include "engines/registry.hpp"
#include "tests/engines/resp_fleet.hpp"
#include "tests/servers/redis.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace intd;
using namespace intd::test;

namespace {

using std::chrono::milliseconds;
using how = redis_persistence;

const sequence all{"integers", {1, 1}};
const sequence odd{"integers", {1, 2}};

std::unique_ptr<redis_server> started(redis_options options = {}) {
  auto server = std::make_unique<redis_server>(std::move(options));
  server->start();
  return server;
}

redis_options with(how persistence, std::vector<std::string> flags = {}) {
  redis_options options;
  options.persistence = persistence;
  options.flags = std::move(flags);
  return options;
}

std::string at(const redis_server& x, const std::string& login = "") {
  return "redis://" + login + "127.0.0.1:" + std::to_string(x.port());
}

/// Opens it, and keeps what it warned of.
struct opened {
  explicit opened(const std::string& dsn) {
    store_options options;
    options.spin = std::chrono::milliseconds{1};
    options.warn = [this](std::string_view text) {
      warnings += text;
      warnings += '\n';
    };
    engine = must(make_engine("redis", dsn, options));
  }

  [[nodiscard]] bool warned_of(std::string_view piece) const {
    return warnings.find(piece) != std::string::npos;
  }

  std::string warnings;
  engine_ptr engine;
};

/// What a first reservation fails with, on an engine that is open before.
template <class Harm>
result<intd::run> after(redis_server& server, const Harm& harm) {
  opened x{server.dsn()};
  harm();
  auto failed = x.engine->reserve(all, 1);
  if (failed || is_fatal(failed.error().code))
    BOOST_TEST(text_of(x.engine->reserve(all, 1)) == text_of(failed));
  return failed;
}

} // namespace

BOOST_AUTO_TEST_CASE(old_clients_and_engines_never_share_an_integer) {
  for (const auto persistence : {how::none, how::aof_always}) {
    const auto server = started(with(persistence));
    run_mixed_fleet(
      [&server] {
        return make_engine("redis", server->dsn());
      },
      server->port());
  }
}

BOOST_AUTO_TEST_CASE(what_old_clients_took_is_left_out_and_nothing_else) {
  const auto server = started();
  opened x{server->dsn()};
  BOOST_TEST(must(x.engine->reserve(odd, 2)).first == 1);
  old_client old{server->port()};
  BOOST_TEST(old.next("integers", 2) == 5);
  const auto given = must(x.engine->reserve(odd, 2));
  BOOST_TEST(given.first > 5);
  BOOST_TEST(old.next("integers", 2) > last_of(given));
}

BOOST_AUTO_TEST_CASE(raising_is_exact_past_what_a_double_holds) {
  const auto server = started(with(how::none));
  opened x{server->dsn()};
  for (const int64_t to :
       {int64_t{9}, int64_t{10}, (int64_t{1} << 53) + 1, (int64_t{1} << 62) + 1,
        max_integer - 1, max_integer}) {
    must(x.engine->set_last(all, to));
    BOOST_TEST(server->command({"GET", "integers"}) == std::to_string(to));
  }
}

BOOST_AUTO_TEST_CASE(raising_never_lowers_what_others_reached) {
  const auto server = started(with(how::none));
  fleet others;
  for (int i = 0; i < 2; ++i)
    add_old_client(others, server->port(), 1);
  others.start();
  opened x{server->dsn()};
  // One above the present: others get there at the same time.
  for (int i = 0; i < 5'000; ++i) {
    const auto raised = x.engine->set_last(all, must(x.engine->last(all)) + 1);
    if (!raised)
      BOOST_TEST_REQUIRE(code_of(raised) == ec::too_small);
  }
  others.stop();
  others.judge();
}

BOOST_AUTO_TEST_CASE(near_the_end_others_cannot_make_it_wrap) {
  const auto server = started();
  opened x{server->dsn()};
  must(x.engine->reserve(all, 1));
  server->command({"SET", "integers", std::to_string(max_integer - 10)});
  const auto given = must(x.engine->reserve(all, 1'000));
  BOOST_TEST(given.first == max_integer - 9);
  BOOST_TEST(given.count == 10);
  BOOST_TEST(code_of(x.engine->reserve(all, 1)) == ec::exhausted);
  BOOST_CHECK_THROW(old_client{server->port()}.next("integers", 2),
                    std::runtime_error);
  BOOST_TEST(must(x.engine->last(all)) == max_integer);
}

BOOST_AUTO_TEST_CASE(it_is_durable_only_where_nothing_can_be_lost) {
  struct setting {
    redis_options options;
    durability worth;
    const char* warning;
  };
  auto evicting = with(how::aof_always, {"--maxmemory", "100mb"});
  evicting.maxmemory_policy = "allkeys-lru";
  auto unlimited = with(how::aof_always);
  unlimited.maxmemory_policy = "allkeys-lru";
  const setting settings[] = {
    {with(how::aof_always), durability::durable, ""},
    {unlimited, durability::durable, ""},
    {with(how::none), durability::may_forget, "appendonly is no"},
    {with(how::rdb), durability::may_forget, "appendonly is no"},
    {with(how::aof_everysec), durability::may_forget,
     "appendfsync is everysec"},
    {with(how::aof_always, {"--no-appendfsync-on-rewrite", "yes"}),
     durability::may_forget, "no-appendfsync-on-rewrite"},
    {evicting, durability::may_forget, "maxmemory-policy is allkeys-lru"},
    {with(how::aof_always, {"--rename-command", "CONFIG", "hidden"}),
     durability::may_forget, "cannot be read"},
  };
  for (const auto& [options, worth, warning] : settings) {
    const auto server = started(options);
    opened x{server->dsn()};
    BOOST_TEST((x.engine->durable() == worth), warning);
    BOOST_TEST(x.warned_of(warning), x.warnings);
    BOOST_TEST(x.warnings.empty() == (worth == durability::durable));
    BOOST_TEST(must(x.engine->reserve(all, 1)).first == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_replica_is_refused_and_its_master_named) {
  const auto master = started(), replica = started();
  replica->replica_of(*master);
  const auto refused = make_engine("redis", replica->dsn());
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(
    says(refused, "replica of 127.0.0.1:" + std::to_string(master->port())));
  opened x{master->dsn()};
  BOOST_TEST((x.engine->durable() == durability::may_forget));
  BOOST_TEST(x.warned_of("1 replicas"));
}

BOOST_AUTO_TEST_CASE(a_login_works_and_a_wrong_one_shows_no_password) {
  auto options = with(how::none);
  options.password = "right";
  const auto server = started(options);
  server->command(
    {"ACL", "SETUSER", "minter", "on", ">p@ss/w%rd", "~*", "+@all"});
  server->command({"ACL", "SETUSER", "reader", "on", ">look", "~*", "+@read"});
  BOOST_TEST(must(make_engine("redis", at(*server, ":right@")))->name()
             == "redis");
  const auto other
    = must(make_engine("redis", at(*server, "minter:p%40ss%2Fw%25rd@") + "/9"));
  BOOST_TEST(must(other->reserve(all, 1)).first == 1);
  BOOST_TEST(server->command({"GET", "integers"}, 9) == "1");
  for (const auto* login : {":sesame@", "minter:sesame@", "sesame:sesame@"}) {
    const auto refused = make_engine("redis", at(*server, login));
    BOOST_TEST(code_of(refused) == ec::unavailable);
    BOOST_TEST(says(refused, "refuses the login: WRONGPASS"));
    BOOST_TEST(!says(refused, "sesame"));
  }
  BOOST_TEST(says(make_engine("redis", at(*server)), "NOAUTH"));
  const auto reader = must(make_engine("redis", at(*server, "reader:look@")));
  const auto refused = reader->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(says(refused, "NOPERM"));
  BOOST_TEST(says(refused, "ACL SETUSER"));
}

BOOST_AUTO_TEST_CASE(a_login_that_is_not_wanted_is_refused) {
  const auto server = started();
  const auto refused = make_engine("redis", at(*server, ":sesame@"));
  BOOST_TEST(says(refused, "without any password configured"));
  BOOST_TEST(!says(refused, "sesame"));
  BOOST_TEST(says(make_engine("redis", at(*server) + "/10000"),
                  "DB index is out of range"));
}

BOOST_AUTO_TEST_CASE(tls_is_refused_with_a_remedy) {
  const auto refused = make_engine("redis", "rediss://:secret@localhost");
  BOOST_TEST(code_of(refused) == ec::invalid_dsn);
  BOOST_TEST(says(refused, "stunnel"));
  BOOST_TEST(!says(refused, "secret"));
}

BOOST_AUTO_TEST_CASE(what_is_no_mark_is_corrupt_and_stays_as_it_is) {
  const auto server = started();
  for (const auto* held : {"abc", "-5", "007", " 7", "", "7.0", "-0",
                           "9223372036854775808", "99999999999999999999"}) {
    server->command({"SET", "integers", held});
    for (const auto& call : std::vector<std::function<ec(engine&)>>{
           [](engine& x) {
             return code_of(x.reserve(all, 1));
           },
           [](engine& x) {
             return code_of(x.last(all));
           },
           [](engine& x) {
             return code_of(x.set_last(all, 1'000));
           }}) {
      opened x{server->dsn()};
      BOOST_TEST(call(*x.engine) == ec::corrupt, held);
      BOOST_TEST(code_of(x.engine->reserve({"other", {1, 1}}, 1))
                 == ec::corrupt);
    }
    BOOST_TEST(server->command({"GET", "integers"}) == held);
  }
  server->command({"DEL", "integers"});
  server->command({"LPUSH", "integers", "1"});
  BOOST_TEST(says(opened{server->dsn()}.engine->reserve(all, 1), "WRONGTYPE"));
}

BOOST_AUTO_TEST_CASE(each_refusal_says_what_to_do) {
  const auto server = started(), master = started();
  const auto full = after(*server, [&] {
    server->command({"CONFIG", "SET", "maxmemory", "1"});
  });
  BOOST_TEST(code_of(full) == ec::unavailable);
  BOOST_TEST(says(full, "OOM"));
  BOOST_TEST(says(full, "free memory"));
  server->command({"CONFIG", "SET", "maxmemory", "0"});
  const auto missing = after(*server, [&] {
    server->command({"CONFIG", "SET", "min-replicas-to-write", "1"});
  });
  BOOST_TEST(says(missing, "NOREPLICAS"));
  server->command({"CONFIG", "SET", "min-replicas-to-write", "0"});
  const auto demoted = after(*server, [&] {
    server->replica_of(*master);
  });
  BOOST_TEST(code_of(demoted) == ec::unavailable);
}

BOOST_AUTO_TEST_CASE(a_node_of_a_cluster_is_told_from_a_lone_redis) {
  const auto server = started(with(how::none, {"--cluster-enabled", "yes"}));
  const auto refused = must(make_engine("redis", at(*server)))->reserve(all, 1);
  BOOST_TEST(code_of(refused) == ec::unavailable);
  BOOST_TEST(says(refused, "CLUSTERDOWN"));
}

BOOST_AUTO_TEST_CASE(the_first_claim_holds_until_it_is_taken_over) {
  const auto server = started();
  opened one{server->dsn()}, two{server->dsn()};
  const auto identity = must(one.engine->identity());
  BOOST_TEST(must(two.engine->identity()) == identity);
  BOOST_TEST(must(one.engine->claim("a", claim_mode::if_free)) == "a");
  BOOST_TEST(must(two.engine->claim("b", claim_mode::if_free)) == "a");
  BOOST_TEST(must(two.engine->claim("b", claim_mode::take_over)) == "b");
  BOOST_TEST(must(one.engine->claim("a", claim_mode::if_free)) == "b");
  BOOST_TEST(must(one.engine->identity()) == identity);
  server->command({"SET", "intd:store", "somebody's"});
  BOOST_TEST(code_of(one.engine->identity()) == ec::corrupt);
}
