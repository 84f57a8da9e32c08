// Stores that lose what they answered: killed, emptied, restored from an old
// backup. The guard of the node makes no duplicate of it.
#include "tests/faults/stores/store_scene.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <random>

using namespace intd::test;

namespace {

const auto kinds = boost::unit_test::data::make(store_kinds());

size_t some(std::mt19937_64& random) {
  return std::uniform_int_distribution<size_t>{1, 400}(random);
}

} // namespace

BOOST_DATA_TEST_CASE(killed_again_and_again_it_makes_no_duplicate, kinds, x) {
  auto random = seeded();
  store_scene scene{x};
  scene.add_node().start();
  scene.start_load();
  for (int i = 0; i < 4; ++i) {
    scene.require_answers(some(random));
    scene.break_by("store killed", [&scene] {
      scene.store().kill();
    });
    scene.mend_by([&scene] {
      scene.store().start();
    });
  }
  scene.judge({"store killed"});
}

BOOST_DATA_TEST_CASE(emptied_it_makes_no_duplicate, kinds, x) {
  store_scene scene{x};
  scene.add_node().start();
  scene.start_load();
  for (int i = 0; i < 2; ++i) {
    scene.require_answers(300);
    scene.break_by("store emptied", [&scene] {
      scene.store().forget();
    });
    scene.mend_by([&scene] {
      scene.store().start();
    });
  }
  BOOST_TEST(scene.node().log().find("another one than before")
             != std::string::npos);
  scene.judge({"store emptied"});
}

BOOST_DATA_TEST_CASE(restored_from_an_old_backup_it_makes_no_duplicate, kinds,
                     x) {
  store_scene scene{x};
  temp_dir backups;
  scene.add_node().start();
  scene.start_load();
  scene.require_answers(200);
  scene.store().snapshot(backups.path() / "old");
  scene.require_answers(200);
  scene.break_by("old backup", [&scene] {
    scene.store().stop();
  });
  scene.mend_by([&scene, &backups] {
    scene.store().restore(backups.path() / "old");
    scene.store().start();
  });
  BOOST_TEST(scene.node().log().find("went back") != std::string::npos);
  scene.judge({"old backup"});
}

// The node is killed too: its state directory alone remembers.
BOOST_DATA_TEST_CASE(killed_with_its_node_it_makes_no_duplicate, kinds, x) {
  auto random = seeded();
  store_scene scene{x};
  scene.add_node().start();
  scene.start_load();
  for (int i = 0; i < 3; ++i) {
    scene.require_answers(some(random));
    scene.node().kill();
    scene.store().kill();
    scene.store().start();
    scene.node().start();
  }
  scene.judge({"kill"});
}
