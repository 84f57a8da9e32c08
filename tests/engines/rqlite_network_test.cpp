// rqlite behind a network that loses, delays, cuts and swallows: a call ends
// in time, an answer that did not come is never guessed, and a late one is
// never read as another's.
#include "engines/http/http_connection.hpp"
#include "engines/registry.hpp"
#include "tests/servers/rqlite.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

using clock = std::chrono::steady_clock;

const sequence all{"integers", {1, 1}};

/// A server, the way to it, and an engine at the other end.
struct scene {
  scene() {
    server.start();
    way = std::make_unique<proxy>(server.port());
    engine = must(open());
    BOOST_TEST(next() == 1);
  }

  [[nodiscard]] result<engine_ptr> open() const {
    store_options options;
    options.connect_timeout = 400ms;
    options.answer_timeout = 400ms;
    return make_engine(
      "rqlite", "http://127.0.0.1:" + std::to_string(way->port()), options);
  }

  int64_t next() {
    return must(engine->reserve(all, 1)).first;
  }

  /// The last that the store gave, whoever knows of it.
  int64_t mark() {
    return std::stoll(server.ask("SELECT MAX(id) FROM integers"));
  }

  rqlite_server server;
  std::unique_ptr<proxy> way;
  engine_ptr engine;
};

} // namespace

BOOST_AUTO_TEST_CASE(integers_whose_answer_was_lost_are_skipped) {
  scene at;
  at.way->drop_answers();
  const auto begin = clock::now();
  BOOST_TEST(code_of(at.engine->reserve(all, 10)) == ec::timeout);
  BOOST_TEST((clock::now() - begin < 1500ms));
  BOOST_TEST(at.mark() == 11); // carried out, once
  at.way->forward();
  // Sticky: whatever still comes on the old connection is nobody's.
  BOOST_TEST(code_of(at.engine->reserve(all, 1)) == ec::timeout);
  at.engine = must(at.open());
  BOOST_TEST(at.next() == 12);
}

BOOST_AUTO_TEST_CASE(a_late_answer_is_not_the_next_ones) {
  scene at;
  at.way->delay(600ms);
  BOOST_TEST(code_of(at.engine->reserve(all, 10)) == ec::timeout);
  at.way->forward();
  at.engine = must(at.open());
  const auto first = at.next();
  BOOST_TEST(first > 1);
  BOOST_TEST(first == at.mark());
}

BOOST_AUTO_TEST_CASE(a_black_hole_costs_one_timeout) {
  scene at;
  at.way->stall();
  const auto begin = clock::now();
  BOOST_TEST(code_of(at.engine->reserve(all, 10)) == ec::timeout);
  BOOST_TEST(code_of(at.engine->last(all)) == ec::timeout);
  BOOST_TEST((clock::now() - begin < 1s));
  BOOST_TEST(code_of(at.open()) == ec::timeout);
  BOOST_TEST((clock::now() - begin < 3s));
  at.way->forward();
  at.engine = must(at.open());
  BOOST_TEST(at.next() > 1);
}

BOOST_AUTO_TEST_CASE(half_an_answer_is_none) {
  for (const size_t bytes : {1u, 20u, 60u, 100u, 150u}) {
    scene at;
    const auto before = at.mark();
    at.way->cut(); // so that the count begins with the next answer
    at.way->truncate_answers(bytes);
    const auto given = at.engine->reserve(all, 10);
    BOOST_TEST(is_fatal(code_of(given)), bytes);
    at.way->forward();
    at.engine = must(at.open());
    BOOST_TEST(at.next() > before);
  }
}

BOOST_AUTO_TEST_CASE(a_connection_is_kept_until_it_is_closed) {
  const scene at;
  http_connection connection{http_login::basic, {}};
  const auto ask = [&at, &connection] {
    server to;
    to.host = "127.0.0.1";
    to.port = at.way->port();
    BOOST_TEST(
      must(connection.send(to, {http_method::get, "/status", ""}, "")).status
      == 200);
    return at.way->connections();
  };
  const auto first = ask();
  BOOST_TEST(ask() == first);
  connection.close();
  BOOST_TEST(ask() == first + 1);
  BOOST_TEST(ask() == first + 1);
}

BOOST_AUTO_TEST_CASE(a_connection_closed_while_idle_costs_nothing) {
  scene at;
  at.way->cut();
  // libcurl sees it closed, or sends the statement once more: either way what
  // is answered is this engine's alone.
  const auto given = at.engine->reserve(all, 1);
  if (!given)
    at.engine = must(at.open());
  BOOST_TEST(at.next() > (given ? given->first : 1));
}

BOOST_AUTO_TEST_CASE(nobody_on_the_way_is_told_at_once) {
  scene at;
  at.way->refuse();
  at.way->cut();
  at.way->refuse();
  const auto begin = clock::now();
  BOOST_TEST(code_of(at.open()) == ec::unavailable);
  BOOST_TEST((clock::now() - begin < 1s));
}
