#include "engines/minter.hpp"

#include "engines/memory.hpp"
#include "engines/registry.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

using namespace intd;
using namespace intd::test;

BOOST_AUTO_TEST_CASE(a_minter_counts_up_from_one) {
  minter x{make_memory()};
  BOOST_TEST(must(x.last_int()) == 0);
  BOOST_TEST(must(x.next_int()) == 1);
  BOOST_TEST(must(x.next_int()) == 2);
  BOOST_TEST(must(x.last_int()) == 2);
  must(x.close());
  BOOST_TEST(code_of(x.next_int()) == ec::unavailable);
}

BOOST_AUTO_TEST_CASE(offset_and_increment_may_be_set_in_any_order) {
  minter x{make_memory()};
  x.set_offset(2);
  x.set_increment(5);
  BOOST_TEST(must(x.next_int()) == 2);
  BOOST_TEST(must(x.next_int()) == 7);
  x.set_increment(1);
  BOOST_TEST(code_of(x.next_int()) == ec::invalid_stripe);
  x.set_offset(1);
  BOOST_TEST(must(x.next_int()) == 8);
}

BOOST_AUTO_TEST_CASE(each_key_counts_for_itself) {
  minter x{make_memory()};
  must(x.set_last_int(100));
  BOOST_TEST(must(x.next_int()) == 101);
  x.set_key("others");
  BOOST_TEST(must(x.next_int()) == 1);
  x.set_key("no key");
  BOOST_TEST(code_of(x.next_int()) == ec::invalid_key);
  BOOST_TEST(code_of(x.set_last_int(5)) == ec::invalid_key);
}

BOOST_AUTO_TEST_CASE(the_last_integer_is_only_raised) {
  minter x{make_memory()};
  must(x.set_last_int(100));
  must(x.set_last_int(100));
  BOOST_TEST(code_of(x.set_last_int(99)) == ec::too_small);
  BOOST_TEST(must(x.last_int()) == 100);
}

BOOST_AUTO_TEST_CASE(the_registry_opens_by_name_and_names_what_it_knows) {
  BOOST_TEST(must(make_engine("memory", ""))->name() == "memory");
  BOOST_TEST(code_of(make_engine("memory", "x")) == ec::invalid_dsn);
  BOOST_TEST(code_of(make_engine("sqlite", "")) == ec::invalid_dsn);
  const auto unknown = make_engine("oracle", "");
  BOOST_TEST(code_of(unknown) == ec::unknown_engine);
  for (const auto name : engine_names())
    BOOST_TEST(says(unknown, name));
}
