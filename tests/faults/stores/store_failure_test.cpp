// Stores that do not answer: down, frozen, cut off, or answering into nothing;
// and what has nothing to do with failures, a sequence that ends and a node
// that comes to another's store.
#include "tests/faults/stores/store_scene.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/proxy.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <limits>

using namespace intd::test;

namespace {

using std::chrono::steady_clock;

const auto kinds = boost::unit_test::data::make(store_kinds());

std::string get(server& node) {
  auto client = http_client::connect(node.port("http"), in(soon));
  BOOST_TEST_REQUIRE(client.has_value());
  auto answer = client->get("/", in(soon));
  BOOST_TEST_REQUIRE(answer.has_value(), node.log());
  return answer->body;
}

} // namespace

BOOST_DATA_TEST_CASE(while_it_is_down_errors_come_at_once, kinds, x) {
  store_scene scene{x};
  scene.add_node().start();
  scene.start_load();
  scene.require_answers(100);
  scene.break_by("store down", [&scene] {
    scene.store().stop();
  });
  const auto asked = steady_clock::now();
  for (int i = 0; i < 20; ++i)
    BOOST_TEST(get(scene.node()).find("unavailable") != std::string::npos);
  BOOST_TEST((steady_clock::now() - asked < (sanitized ? 20s : 2s)));
  scene.mend_by([&scene] {
    scene.store().start();
  });
  scene.judge({"store down"});
}

BOOST_DATA_TEST_CASE(frozen_it_holds_nobody_up_for_long, kinds, x) {
  store_scene scene{x};
  scene.add_node().start();
  scene.start_load();
  for (int i = 0; i < 2; ++i) {
    scene.require_answers(100);
    scene.break_by("store frozen", [&scene] {
      scene.store().freeze();
    });
    scene.mend_by([&scene] {
      scene.store().thaw();
    });
  }
  scene.judge({"store frozen"});
}

BOOST_DATA_TEST_CASE(frozen_it_does_not_keep_a_node_from_ending, kinds, x) {
  store_scene scene{x};
  auto& node = scene.add_node();
  node.start();
  scene.start_load();
  scene.require_answers(100);
  scene.store().freeze();
  const auto asked = steady_clock::now();
  auto how = node.stop(soon);
  BOOST_TEST_REQUIRE(how.has_value());
  // Grace is three seconds, an answer is waited for half a second.
  BOOST_TEST((steady_clock::now() - asked < 4s), node.log());
  scene.store().thaw();
  node.start();
  scene.judge({"stop"});
}

BOOST_DATA_TEST_CASE(a_path_that_fails_in_any_way_makes_no_duplicate, kinds,
                     x) {
  store_scene scene{x};
  proxy path{scene.store().port()};
  scene.add_node(path.port()).start();
  scene.start_load();
  scene.require_answers(100);
  // Nothing comes through, and nobody closes.
  scene.break_by("black hole", [&path] {
    path.stall();
  });
  scene.mend_by([&path] {
    path.forward();
  });
  // The store mints, and nobody hears of it.
  scene.require_answers(100);
  scene.break_by("answers lost", [&path] {
    path.drop_answers();
  });
  scene.mend_by([&path] {
    path.forward();
  });
  scene.require_answers(100);
  scene.break_by("answers cut", [&path] {
    path.truncate_answers(3);
  });
  scene.mend_by([&path] {
    path.forward();
  });
  scene.require_answers(100);
  scene.break_by("refused", [&path] {
    path.refuse();
    path.cut();
  });
  scene.mend_by([&path] {
    path.forward();
  });
  scene.judge({"black hole", "answers lost", "answers cut", "refused"});
}

BOOST_DATA_TEST_CASE(at_the_end_of_all_integers_it_never_wraps, kinds, x) {
  constexpr auto top = std::numeric_limits<int64_t>::max();
  store_scene scene{x};
  auto& node = scene.add_node();
  node.options().flags.insert(node.options().flags.end(),
                              {"-set-last-int", std::to_string(top - 3)});
  node.start();
  for (int64_t i = 2; i >= 0; --i)
    BOOST_TEST(get(node) == std::to_string(top - i));
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(get(node).find("exhausted") != std::string::npos);
  node.kill();
  node.start();
  BOOST_TEST(get(node).find("exhausted") != std::string::npos);
}

BOOST_DATA_TEST_CASE(a_second_node_is_refused_unless_it_takes_over, kinds, x) {
  store_scene scene{x};
  auto& first = scene.add_node();
  first.start();
  const auto given = std::stoll(get(first));
  auto& second = scene.add_node();
  auto& child = second.launch();
  auto how = child.wait(soon);
  BOOST_TEST_REQUIRE(how.has_value());
  BOOST_TEST(to_string(*how) == "exit status 1");
  BOOST_TEST(second.log().find("wrong_owner") != std::string::npos);
  BOOST_TEST(second.log().find("-take-over") != std::string::npos);
  stop_cleanly(first);
  second.options().flags.push_back("-take-over");
  second.start();
  BOOST_TEST(std::stoll(get(second)) > given);
  stop_cleanly(second);
}
