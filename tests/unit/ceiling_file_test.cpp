#include "engines/guard/ceiling_file.hpp"

#include "engines/checksum.hpp"
#include "tests/support/seed.hpp"
#include "tests/unit/ceiling_scene.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

using namespace intd;
using namespace intd::test;

namespace fs = std::filesystem;

namespace {

using scene = ceiling_scene;

// Every change of the ceilings is refused, with the file's name and a remedy.
void is_refused(const std::string& bytes, const scene& x, ec code) {
  write_bytes(x.ceilings, bytes);
  const auto opened = x.open();
  BOOST_REQUIRE(code_of(opened) == code);
  BOOST_REQUIRE(says(opened, x.ceilings.string()));
  BOOST_REQUIRE((code != ec::corrupt || says(opened, "begin anew")));
}

void reseal(std::string& bytes, size_t at) {
  const auto crc = checksum(bytes.data() + at, sector - 4);
  std::memcpy(bytes.data() + at + sector - 4, &crc, sizeof crc);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_new_file_is_empty_and_exact) {
  const scene x;
  const auto file = must(x.open());
  BOOST_TEST(file->slots().empty());
  BOOST_TEST(file->exact());
  BOOST_TEST(file->identity() == "");
  BOOST_TEST(fs::file_size(x.ceilings) == file_size);
}

BOOST_AUTO_TEST_CASE(a_closed_file_holds_the_exact_integers) {
  const scene x;
  {
    const auto file = must(x.open());
    const auto one = must(file->add("integers", {1, 2}, 101));
    const auto two = must(file->add("others", {1, 4}, 5));
    file->note(one, 17);
    file->note(two, 1);
    must(file->close());
    BOOST_TEST(code_of(file->raise(one, 200)) == ec::unavailable);
  }
  x.change_boot_id();
  const auto file = must(x.open());
  BOOST_TEST(file->exact());
  BOOST_REQUIRE(file->slots().size() == 2u);
  BOOST_TEST(file->slots()[0].key == "integers");
  BOOST_TEST((file->slots()[0].stripe == stripe{1, 2}));
  BOOST_TEST(file->slots()[0].highest == 17);
  BOOST_TEST(file->slots()[0].last == 17);
  BOOST_TEST(file->slots()[1].key == "others");
  BOOST_TEST(file->slots()[1].last == 1);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_noticed) {
  const scene x;
  x.leave_behind();
  const auto good = read_bytes(x.ceilings);
  auto random = seeded();
  for (size_t i = 0; i < 1200; ++i) {
    // The header and the used slot bit by bit in part, the rest at random.
    const size_t bit = i < 200 ? i * 7
      : i < 600                ? sector * 8 + (i - 200)
                               : random() % (file_size * 8);
    auto bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    is_refused(bad, x, ec::corrupt);
  }
  write_bytes(x.ceilings, good);
  BOOST_TEST(must(x.open())->slots().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_cut_anywhere_is_noticed) {
  const scene x;
  x.leave_behind();
  const auto good = read_bytes(x.ceilings);
  for (size_t size = 0; size < good.size(); size += 171)
    is_refused(good.substr(0, size), x, ec::corrupt);
  is_refused(good.substr(0, good.size() - 1), x, ec::corrupt);
}

BOOST_AUTO_TEST_CASE(zeroed_sectors_are_noticed_used_or_not) {
  const scene x;
  x.leave_behind();
  const auto good = read_bytes(x.ceilings);
  for (size_t at = 0; at < good.size(); at += sector) {
    auto bad = good;
    std::fill_n(bad.begin() + static_cast<long>(at), sector, '\0');
    is_refused(bad, x, ec::corrupt);
  }
}

BOOST_AUTO_TEST_CASE(slots_in_the_wrong_place_are_noticed) {
  const scene x;
  x.leave_behind();
  const auto good = read_bytes(x.ceilings);
  auto doubled = good;
  doubled.replace(2 * sector, sector, good, sector, sector);
  is_refused(doubled, x, ec::corrupt);
  // Even with its number put right, no key and stripe has two ceilings.
  doubled[2 * sector + 8] = 1;
  reseal(doubled, 2 * sector);
  is_refused(doubled, x, ec::corrupt);
  auto gone = good;
  gone.replace(sector, sector, good, 2 * sector, sector);
  is_refused(gone, x, ec::corrupt);
}

BOOST_AUTO_TEST_CASE(a_sealed_slot_that_makes_no_sense_is_noticed) {
  const scene x;
  x.leave_behind();
  const auto good = read_bytes(x.ceilings);
  for (const size_t field : {24u, 88u, 96u, 104u}) { // key, stripe, ceiling
    auto bad = good;
    for (size_t i = 0; i < 8; ++i)
      bad[sector + field + i] = '\xff';
    reseal(bad, sector);
    is_refused(bad, x, ec::corrupt);
  }
}

BOOST_AUTO_TEST_CASE(the_file_of_another_node_or_guard_is_refused) {
  const scene x, other;
  x.leave_behind();
  other.leave_behind();
  is_refused(read_bytes(other.ceilings), x, ec::wrong_owner);
  const scene y;
  y.leave_behind();
  must(y.open({1, 2}, "second"));
  is_refused(read_bytes(y.path / "second.ceilings"), y, ec::wrong_owner);
}

BOOST_AUTO_TEST_CASE(a_stripe_that_shares_no_integer_is_refused) {
  const scene x;
  x.leave_behind();
  const auto opened = x.open({2, 2});
  BOOST_TEST(code_of(opened) == ec::wrong_owner);
  BOOST_TEST(says(opened, "1 mod 2"));
  BOOST_TEST(says(opened, "2 mod 2"));
  // Half of it is the stripe from now on; the half given away is not.
  must(x.open({3, 4}));
  BOOST_TEST(code_of(x.open({1, 4})) == ec::wrong_owner);
  must(x.open({3, 4}));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_removed_is_missed) {
  const scene x;
  x.leave_behind();
  fs::remove(x.ceilings);
  const auto opened = x.open();
  BOOST_TEST(code_of(opened) == ec::corrupt);
  BOOST_TEST(says(opened, "missing"));
  fs::remove(x.marks);
  BOOST_TEST(code_of(x.open()) == ec::corrupt);
}

BOOST_AUTO_TEST_CASE(one_process_opens_it_once) {
  const scene x;
  const auto state = must(state_directory::open(x.path, {}));
  const auto one = must(ceiling_file::open(state, "main", {1, 2}));
  BOOST_TEST(code_of(ceiling_file::open(state, "main", {1, 2})) == ec::in_use);
  must(ceiling_file::open(state, "second", {2, 2}));
}

BOOST_AUTO_TEST_CASE(a_name_that_could_leave_the_directory_is_refused) {
  const scene x;
  for (const auto* name : {"", "../x", "a/b", ".", "a.b", "a b"})
    BOOST_TEST(code_of(x.open({1, 1}, name)) == ec::invalid_key, name);
  BOOST_TEST(code_of(x.open({1, 1}, std::string(65, 'n').c_str()))
             == ec::invalid_key);
}

BOOST_AUTO_TEST_CASE(it_grows_and_keeps_what_it_holds) {
  const scene x;
  constexpr int64_t keys = 300;
  disk::pretend();
  {
    const auto file = must(x.open());
    for (int64_t i = 0; i < keys; ++i) {
      const auto slot = must(file->add("k" + std::to_string(i), {1, 2}, i + 9));
      BOOST_TEST(slot == static_cast<size_t>(i));
      file->note(slot, i);
    }
  }
  const auto file = must(x.open());
  BOOST_TEST(file->exact());
  BOOST_REQUIRE(file->slots().size() == size_t{keys});
  for (size_t i = 0; i < size_t{keys}; ++i) {
    BOOST_TEST(file->slots()[i].key == "k" + std::to_string(i));
    BOOST_TEST(file->slots()[i].highest == static_cast<int64_t>(i) + 9);
    BOOST_TEST(file->slots()[i].last == static_cast<int64_t>(i));
  }
}

BOOST_AUTO_TEST_CASE(each_ceiling_is_on_the_disk_when_the_call_returns) {
  const scene x;
  disk::remember();
  int64_t highest = 0;
  {
    const auto file = must(x.open());
    const auto slot = must(file->add("integers", {1, 2}, 11));
    for (highest = 21; highest < 200; highest += 30)
      must(file->raise(slot, highest));
    highest -= 30;
    // Enough for the file to grow twice.
    for (int i = 0; i < 140; ++i)
      must(file->add("k" + std::to_string(i), {1, 2}, i));
    must(file->set_identity("that one"));
  }
  disk::lose_unsynced(x.path);
  const auto file = must(x.open());
  BOOST_TEST(!file->exact());
  BOOST_REQUIRE(file->slots().size() == 141u);
  BOOST_TEST(file->slots()[0].highest == highest);
  BOOST_TEST(file->slots()[140].highest == 139);
  BOOST_TEST(file->identity() == "that one");
}

BOOST_AUTO_TEST_CASE(a_failed_sync_is_never_forgotten) {
  const scene x;
  const auto file = must(x.open());
  const auto slot = must(file->add("integers", {1, 2}, 11));
  disk::fail_after(0);
  const auto failed = file->raise(slot, 21);
  BOOST_TEST(code_of(failed) == ec::unavailable);
  BOOST_TEST(says(failed, x.ceilings.string()));
  // The disk works again, but what it holds is not known any more.
  disk::reset();
  BOOST_TEST(code_of(file->raise(slot, 31)) == ec::unavailable);
  BOOST_TEST(code_of(file->add("others", {1, 2}, 5)) == ec::unavailable);
  BOOST_TEST(code_of(file->set_identity("x")) == ec::unavailable);
  BOOST_TEST(code_of(file->close()) == ec::unavailable);
}

BOOST_AUTO_TEST_CASE(opening_writes_and_syncs_what_the_cache_shows) {
  const scene x;
  disk::remember();
  {
    const auto file = must(x.open());
    // Far enough back to lie in a page that the header is not in.
    for (int i = 0; i < 40; ++i)
      must(file->add("k" + std::to_string(i), {1, 2}, 101));
    disk::fail_after(0);
    BOOST_TEST(code_of(file->raise(39, 1001)) == ec::unavailable);
    disk::fail_after(-1);
  }
  // The kernel shows the new ceiling, the disk has the old one.
  BOOST_TEST(must(x.open())->slots()[39].highest == 1001);
  disk::lose_unsynced(x.ceilings);
  BOOST_TEST(must(x.open())->slots()[39].highest == 1001);
}

BOOST_AUTO_TEST_CASE(a_raise_costs_one_sync) {
  const scene x;
  const auto file = must(x.open());
  const auto slot = must(file->add("integers", {1, 2}, 11));
  disk::reset();
  must(file->raise(slot, 21));
  BOOST_TEST(disk::syncs() == 1);
  file->note(slot, 15);
  BOOST_TEST(disk::syncs() == 1);
}
