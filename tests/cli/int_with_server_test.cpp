// The real `int` and intd-server on one store: whoever comes second waits or is
// refused, and no integer is given twice.
#include "tests/cli/programs.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/server.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

using namespace intd::test;
using namespace std::chrono_literals;
namespace data = boost::unit_test::data;

namespace {

struct fixture : programs {
  server_options options(const std::string& engine) const {
    server_options x;
    x.state = state();
    x.engine = engine;
    x.protocols = {"http"};
    return x;
  }

  static int64_t next(const server& from) {
    auto client = http_client::connect(from.port("http"), in(30s));
    auto answer = client ? client->get("/", in(30s)) : std::nullopt;
    BOOST_TEST_REQUIRE(answer.has_value());
    return std::stoll(answer->body);
  }

  address_book book;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(int_and_server, fixture)

BOOST_DATA_TEST_CASE_F(fixture, take_turns_without_a_gap,
                       data::make({"memory", "sqlite"}), engine) {
  BOOST_TEST(mint({"-engine", engine}) == "1\n");
  server s{options(engine), book};
  for (int i = 2; i < 8; i += 2) {
    s.start();
    BOOST_TEST(next(s) == i);
    BOOST_TEST(s.stop(30s).has_value());
    BOOST_TEST(mint({"-engine", engine}) == std::to_string(i + 1) + "\n");
  }
}

BOOST_DATA_TEST_CASE_F(fixture, do_not_share_a_store,
                       data::make({"memory", "sqlite"}), engine) {
  server s{options(engine), book};
  s.start();
  auto x = run("int", {"-engine", engine});
  BOOST_TEST(x.status == 1);
  BOOST_TEST(x.out == "");
  BOOST_TEST(has(x.err, "int: in_use: "), x.err);
  BOOST_TEST(has(x.err, "ask it for integers: intd-client"), x.err);
  BOOST_TEST(next(s) == 1);
}

BOOST_DATA_TEST_CASE_F(fixture, repeat_nothing_after_a_crash,
                       data::make({"memory", "sqlite"}), engine) {
  server s{options(engine), book};
  int64_t last = 0;
  for (int round = 0; round < 3; ++round) {
    s.start();
    auto value = next(s);
    BOOST_TEST(value > last);
    s.kill();
    last = std::stoll(mint({"-engine", engine}));
    BOOST_TEST(last > value);
  }
}

BOOST_AUTO_TEST_CASE(repeat_nothing_from_an_old_backup_of_the_database) {
  server s{options("sqlite"), book};
  s.start();
  BOOST_TEST(next(s) == 1);
  BOOST_TEST(s.stop(30s).has_value());
  auto backup = home.path() / "backup.db";
  std::filesystem::copy_file(state() / "integers.db", backup);
  BOOST_TEST(mint({"-count", "3"}) == "2\n3\n4\n");
  auto restore = [&] {
    std::filesystem::copy_file(
      backup, state() / "integers.db",
      std::filesystem::copy_options::overwrite_existing);
  };
  restore();
  auto x = run("int");
  BOOST_TEST(x.status == 0);
  BOOST_TEST(x.out == "5\n");
  BOOST_TEST(has(x.err, "the store went back"), x.err);
  restore();
  s.start();
  BOOST_TEST(next(s) == 6);
}

BOOST_AUTO_TEST_CASE(repeat_nothing_on_two_engines_of_one_directory) {
  BOOST_TEST(mint({"-engine", "memory", "-count", "5"}) == "1\n2\n3\n4\n5\n");
  server s{options("sqlite"), book};
  s.start();
  BOOST_TEST(next(s) == 6);
}

BOOST_AUTO_TEST_SUITE_END()
