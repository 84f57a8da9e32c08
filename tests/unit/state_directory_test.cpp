#include "engines/guard/state_directory.hpp"

#include "tests/support/bytes.hpp"
#include "tests/support/child.hpp"
#include "tests/support/disk.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

using namespace intd;
using namespace intd::test;

namespace fs = std::filesystem;

namespace {

result<std::shared_ptr<state_directory>> open(const fs::path& path,
                                              node_label label = {}) {
  return state_directory::open(path, label);
}

mode_t mode_of(const fs::path& path) {
  struct stat about {};
  BOOST_REQUIRE(stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777;
}

struct fixture {
  temp_dir dir;
  fs::path path = dir.path() / "a" / "b";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(state_directories, fixture)

BOOST_AUTO_TEST_CASE(it_is_made_for_its_owner_alone) {
  const auto state = must(open(path));
  BOOST_TEST(state->path() == path);
  BOOST_TEST(mode_of(path) == 0700u);
  BOOST_TEST(mode_of(path.parent_path()) == 0700u);
  BOOST_TEST(mode_of(path / "node") == 0600u);
  BOOST_TEST(mode_of(path / "lock") == 0600u);
}

BOOST_AUTO_TEST_CASE(the_node_id_is_random_and_kept) {
  const auto id = must(open(path))->node_id();
  BOOST_TEST(id.size() == 32u);
  BOOST_TEST(id.find_first_not_of("0123456789abcdef") == std::string::npos);
  BOOST_TEST(must(open(path))->node_id() == id);
  BOOST_TEST(must(open(dir.path() / "other"))->node_id() != id);
}

BOOST_AUTO_TEST_CASE(a_second_opener_is_told_who_holds_it) {
  const auto held = must(open(path));
  const auto second = open(path);
  BOOST_TEST(code_of(second) == ec::in_use);
  BOOST_TEST(says(second, "process " + std::to_string(getpid()) + ";"));
  BOOST_TEST(says(second, path.string()));
}

BOOST_AUTO_TEST_CASE(another_process_keeps_it_until_it_dies) {
  int64_t pid = 0;
  child holder{[this](int out) {
    const auto state = open(path);
    tell(out, state ? getpid() : 0);
    pause();
  }};
  BOOST_REQUIRE(holder.read(pid));
  const auto second = open(path);
  BOOST_TEST(code_of(second) == ec::in_use);
  BOOST_TEST(says(second, "process " + std::to_string(pid) + ";"));
  holder.kill();
  holder.wait();
  must(open(path));
}

BOOST_AUTO_TEST_CASE(it_is_free_again_when_it_is_let_go) {
  must(open(path)).reset();
  must(open(path)).reset();
}

BOOST_AUTO_TEST_CASE(names_are_recorded_and_must_stay_the_same) {
  must(open(path, {"n 1\n\"x\"", "c"}));
  BOOST_TEST((must(open(path))->label() == node_label{"n 1\n\"x\"", "c"}));
  must(open(path, {"n 1\n\"x\"", "c"}));
  const auto renamed = open(path, {"n2", "c"});
  BOOST_TEST(code_of(renamed) == ec::wrong_owner);
  BOOST_TEST(says(renamed, "n2"));
  const auto moved = open(path, {"", "d"});
  BOOST_TEST(code_of(moved) == ec::wrong_owner);
  BOOST_TEST(says(moved, "cluster \"c\""));
  BOOST_TEST((must(open(path))->label() == node_label{"n 1\n\"x\"", "c"}));
}

BOOST_AUTO_TEST_CASE(a_name_given_later_is_recorded_then) {
  const auto id = must(open(path))->node_id();
  must(open(path, {"n", "c"}));
  BOOST_TEST((must(open(path))->label() == node_label{"n", "c"}));
  BOOST_TEST(must(open(path))->node_id() == id);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_the_node_file_is_noticed) {
  must(open(path, {"n", "c"}));
  const auto good = read_bytes(path / "node");
  for (size_t i = 0; i < good.size() * 8; ++i) {
    auto bad = good;
    bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
    write_bytes(path / "node", bad);
    const auto opened = open(path);
    BOOST_REQUIRE(code_of(opened) == ec::corrupt);
    BOOST_REQUIRE(says(opened, (path / "node").string()));
    BOOST_REQUIRE(says(opened, "begin anew"));
  }
}

BOOST_AUTO_TEST_CASE(a_node_file_cut_anywhere_is_noticed) {
  must(open(path, {"n", "c"}));
  const auto good = read_bytes(path / "node");
  for (size_t size = 0; size < good.size(); ++size) {
    write_bytes(path / "node", good.substr(0, size));
    BOOST_REQUIRE(code_of(open(path)) == ec::corrupt);
  }
  write_bytes(path / "node", good + "x");
  BOOST_TEST(code_of(open(path)) == ec::corrupt);
  write_bytes(path / "node", good);
  must(open(path));
}

BOOST_AUTO_TEST_CASE(a_node_file_that_is_missing_beside_ceilings_is_noticed) {
  for (const auto* left : {"main.ceilings", "main.marks"}) {
    must(open(path));
    fs::remove(path / "node");
    write_bytes(path / left, "");
    const auto opened = open(path);
    BOOST_TEST(code_of(opened) == ec::corrupt);
    BOOST_TEST(says(opened, left));
    fs::remove(path / left);
  }
}

BOOST_AUTO_TEST_CASE(guards_are_remembered) {
  const auto state = must(open(path));
  BOOST_TEST(!state->knows_guard("main"));
  must(state->add_guard("main"));
  must(state->add_guard("other"));
  must(state->add_guard("main"));
  BOOST_TEST(state->knows_guard("main"));
}

BOOST_AUTO_TEST_CASE(guards_are_remembered_after_it_was_let_go) {
  must(must(open(path))->add_guard("main"));
  BOOST_TEST(must(open(path))->knows_guard("main"));
}

BOOST_AUTO_TEST_CASE(a_node_whose_id_is_not_on_the_disk_does_not_start) {
  disk::reset();
  disk::fail_after(2); // the two directories
  const auto opened = open(path);
  disk::reset();
  BOOST_TEST(code_of(opened) == ec::unavailable);
  BOOST_TEST(says(opened, "sync"));
  must(open(path));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_a_directory_is_refused_with_its_name) {
  write_bytes(dir.path() / "a", "");
  const auto opened = open(path);
  BOOST_TEST(code_of(opened) == ec::unavailable);
  BOOST_TEST(says(opened, path.string()));
}

BOOST_AUTO_TEST_CASE(it_survives_the_loss_of_all_that_was_not_synced) {
  disk::reset();
  disk::remember();
  const auto id = must(open(path, {"n", "c"}))->node_id();
  disk::lose_unsynced(path);
  disk::reset();
  const auto state = must(open(path));
  BOOST_TEST(state->node_id() == id);
  BOOST_TEST((state->label() == node_label{"n", "c"}));
}

BOOST_AUTO_TEST_SUITE_END()
