#include "node/open_engine.hpp"

#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace intd;
using namespace intd::test;

namespace {

engine_settings memory(std::shared_ptr<state_directory> state) {
  engine_settings x;
  x.name = "main";
  x.engine = "memory";
  x.guard_block = 100;
  x.state = std::move(state);
  return x;
}

int64_t mint(const engine_settings& x) {
  auto store = must(open_engine(x));
  auto given = must(store->reserve({}, 1));
  must(store->close());
  return given.first;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_state_directory_puts_a_guard_around_the_engine) {
  temp_dir dir;
  auto state = must(state_directory::open(dir.path(), {}));
  BOOST_TEST(mint(memory(state)) == 1);
  BOOST_TEST(mint(memory(state)) == 2);
  BOOST_TEST(state->knows_guard("main"));
}

BOOST_AUTO_TEST_CASE(without_one_the_engine_is_as_it_is) {
  BOOST_TEST(mint(memory(nullptr)) == 1);
  BOOST_TEST(mint(memory(nullptr)) == 1);
}

BOOST_AUTO_TEST_CASE(the_guard_is_of_the_stripe_and_warns) {
  temp_dir dir;
  std::vector<std::string> warnings;
  engine_settings x;
  x.name = "a";
  x.engine = "sqlite";
  x.stripe = {2, 2};
  x.guard_block = 100;
  x.state = must(state_directory::open(dir.path(), {}));
  x.warn = [&warnings](std::string_view text) {
    warnings.emplace_back(text);
  };
  for (const auto* file : {"/a.db", "/b.db"}) {
    x.dsn = dir.path().string() + file;
    auto store = must(open_engine(x));
    BOOST_TEST((code_of(store->reserve({}, 1)) == ec::invalid_stripe));
    must(store->reserve({"integers", {2, 2}}, 1));
    must(store->close());
  }
  BOOST_TEST(!warnings.empty());
}

BOOST_AUTO_TEST_CASE(errors_of_the_store_come_through) {
  auto x = memory(nullptr);
  x.engine = "abacus";
  BOOST_TEST((code_of(open_engine(x)) == ec::unknown_engine));
  x.engine = "sqlite";
  x.dsn = "redis://localhost";
  BOOST_TEST((code_of(open_engine(x)) == ec::invalid_dsn));
}
