// Which marks are believed, seen through the ceilings that they belong to.
#include "engines/guard/mark_file.hpp"

#include "tests/unit/ceiling_scene.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>

using namespace intd;
using namespace intd::test;

namespace fs = std::filesystem;

namespace {

using scene = ceiling_scene;

// What is found after kill -9 and then some change.
found after(const std::function<void(const scene&)>& change) {
  const scene x;
  x.leave_behind();
  change(x);
  return x.next();
}

const found exactly{17, true};
const found the_ceiling{1001, false};

} // namespace

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_the_exact_integers) {
  const scene x;
  x.leave_behind();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST((x.next() == exactly));
  const auto file = must(x.open());
  BOOST_TEST(file->slots().front().highest == 1001);
  BOOST_TEST(file->identity() == "a store");
}

BOOST_AUTO_TEST_CASE(after_a_crash_of_the_machine_the_ceiling_counts) {
  const scene x;
  x.leave_behind();
  x.change_boot_id();
  BOOST_TEST((x.next() == the_ceiling));
  // What had to be assumed is known from then on.
  BOOST_TEST((x.next() == found{1001, true}));
}

BOOST_AUTO_TEST_CASE(marks_that_are_gone_or_cut_are_not_believed) {
  BOOST_TEST((after([](const scene&) {}) == exactly));
  BOOST_TEST((after([](const scene& x) {
                fs::remove(x.marks);
              })
              == the_ceiling));
  for (const uintmax_t size : {0u, 50u, 96u, 110u, 1000u})
    BOOST_TEST((after([size](const scene& x) {
                  fs::resize_file(x.marks, size);
                })
                == the_ceiling));
}

BOOST_AUTO_TEST_CASE(a_mark_whose_copies_do_not_agree_is_not_believed) {
  const auto with = [](int64_t value, int64_t complement) {
    return after([value, complement](const scene& x) {
      x.set_mark(value, complement);
    });
  };
  BOOST_TEST((with(17, ~17) == exactly));
  // Death between the two stores: the greater was on its way out.
  BOOST_TEST((with(17, ~15) == exactly));
  BOOST_TEST((with(17, ~0) == exactly));
  BOOST_TEST((with(17, ~19) == the_ceiling));
  BOOST_TEST((with(0, 0) == the_ceiling));
  BOOST_TEST((with(17, 0) == the_ceiling));
  BOOST_TEST((with(17, 17) == the_ceiling));
  BOOST_TEST((with(-1, ~-1) == the_ceiling));
  BOOST_TEST((with(max_integer, ~max_integer) == the_ceiling));
  BOOST_TEST((with(1001, ~1001) == found{1001, true}));
  BOOST_TEST((with(1002, ~1002) == the_ceiling));
}

BOOST_AUTO_TEST_CASE(marks_of_an_earlier_opening_are_not_believed) {
  BOOST_TEST((after([](const scene& x) {
                const auto old = read_bytes(x.marks);
                must(x.open())->note(0, 99);
                write_bytes(x.marks, old);
              })
              == the_ceiling));
}

BOOST_AUTO_TEST_CASE(death_while_it_is_opened_loses_nothing) {
  // The marks of the next opening are there, the header still counts this one.
  BOOST_TEST((after([](const scene& x) {
                const auto header = read_bytes(x.ceilings);
                must(x.open());
                write_bytes(x.ceilings, header);
              })
              == exactly));
}

BOOST_AUTO_TEST_CASE(marks_of_another_node_are_not_believed) {
  BOOST_TEST((after([](const scene& x) {
                auto bytes = read_bytes(x.marks);
                bytes[8] = bytes[8] == '0' ? '1' : '0';
                write_bytes(x.marks, bytes);
              })
              == the_ceiling));
}

BOOST_AUTO_TEST_CASE(marks_that_could_not_be_synced_are_not_believed) {
  const scene x;
  x.leave_behind();
  const auto state = must(state_directory::open(x.path, {}));
  disk::fail_after(0);
  BOOST_TEST(code_of(ceiling_file::open(state, "main", {1, 2}))
             == ec::unavailable);
  disk::reset();
  const auto file = must(ceiling_file::open(state, "main", {1, 2}));
  BOOST_TEST(file->slots().front().last == 1001);
}
