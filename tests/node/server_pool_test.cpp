// Replicas of one configuration, as containers are scaled: real intd-servers
// that share a place for their state.
#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <string>

using namespace intd::test;
using namespace std::chrono_literals;

namespace {

constexpr auto bound = 30s;

struct fixture {
  server_options options(const std::string& name, int64_t offset) {
    server_options x;
    x.name = name;
    x.state = dir.path() / "pool";
    x.engine = "sqlite";
    x.protocols = {"http"};
    x.stripe = {offset, 2};
    x.config = "[node]\nstate_pool = true\n";
    return x;
  }

  static std::string next(const server& from) {
    auto client = http_client::connect(from.port("http"), in(bound));
    auto answer = client ? client->get("/", in(bound)) : std::nullopt;
    return answer ? answer->body : "";
  }

  temp_dir dir;
  address_book book;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(replicas, fixture)

BOOST_AUTO_TEST_CASE(mint_each_from_a_directory_of_its_own) {
  server a{options("a", 1), book};
  server b{options("b", 2), book};
  a.start();
  b.start();
  BOOST_TEST(next(a) == "1");
  BOOST_TEST(next(b) == "2");
  BOOST_TEST(next(a) == "3");
  for (const char* place : {"1", "2"}) {
    auto database = dir.path() / "pool" / place / "integers.db";
    BOOST_TEST(std::filesystem::exists(database), database.string());
  }
  BOOST_TEST(!std::filesystem::exists(dir.path() / "pool" / "node"));
  BOOST_TEST(b.log().find("state " + (dir.path() / "pool" / "2").string())
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(go_on_where_one_of_them_was_killed) {
  server a{options("a", 1), book};
  server b{options("b", 2), book};
  a.start();
  b.start();
  BOOST_TEST(next(a) == "1");
  a.kill();
  // Whoever comes next takes the place that is free, and what is in it.
  server c{options("c", 1), book};
  c.start();
  BOOST_TEST(next(c) == "3");
}

BOOST_AUTO_TEST_SUITE_END()
