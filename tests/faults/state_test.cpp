// State directories that are damaged, mixed up, or used twice.
#include "tests/faults/cluster.hpp"
#include "tests/faults/disk_state.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

using namespace intd::test;
namespace checker = intd::checker;
namespace fs = std::filesystem;

namespace {

constexpr const char* config = "[[engine]]\nguard_block = 100\n";

std::string contents(const fs::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void replace(const fs::path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary | std::ios::trunc} << bytes;
}

server_options options_of(const std::string& engine) {
  server_options out;
  out.engine = engine;
  out.config = config;
  return out;
}

// One way to damage a file of this content.
struct damage {
  std::string name;
  std::string bytes;
};

std::vector<damage> damages_of(const std::string& bytes, size_t flips) {
  std::vector<damage> out{{"empty", ""},
                          {"half", bytes.substr(0, bytes.size() / 2)},
                          {"one byte less", bytes.substr(0, bytes.size() - 1)}};
  for (size_t i = 0; i < flips; ++i) {
    auto at = i * (bytes.size() - 1) / (flips - 1);
    auto flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    out.push_back({"byte " + std::to_string(at), flipped});
  }
  return out;
}

// Requires that a node refuses to start: exit status 1, and a message that
// names what is wrong.
void require_refused(server& node, const std::string& named) {
  auto how = node.launch().wait(soon);
  BOOST_TEST_REQUIRE(how.has_value(), "it started\n" << node.log());
  auto said = node.child().standard_error();
  BOOST_TEST(to_string(*how) == "exit status 1", said);
  BOOST_TEST(said.find(named) != said.npos, said);
}

// Requires that a node refuses, or mints above everything that was given.
void require_refused_or_above(server& node, const std::string& named,
                              int64_t given) {
  auto& child = node.launch();
  if (!node.wait_until_ready()) {
    auto said = child.standard_error();
    BOOST_TEST(to_string(child.wait(soon).value_or(ending{0, 0}))
                 == "exit status 1",
               said);
    BOOST_TEST(said.find(named) != said.npos, said);
    return;
  }
  BOOST_TEST(std::stoll(next_integer(node)) > given);
  node.kill();
}

// A node that has minted, then ended cleanly or not, and a copy of its state.
class minted {
public:
  minted(const std::string& engine, bool cleanly) {
    auto& node = all.add(options_of(engine));
    node.start();
    for (int i = 0; i < 250; ++i)
      last = std::stoll(next_integer(node));
    if (cleanly)
      stop_cleanly(node);
    else
      node.kill();
    state = node.options().state;
    copy = all.directory() / "copy";
    fs::copy(state, copy, fs::copy_options::recursive);
  }

  // Puts everything back as it was.
  void restore() {
    fs::remove_all(state);
    fs::copy(copy, state, fs::copy_options::recursive);
  }

  cluster all;
  fs::path state;
  fs::path copy;
  int64_t last = 0;
};

// Files that the node's own checksums cover to the last byte.
bool sealed(const fs::path& file) {
  return file.filename() == "node" || file.extension() == ".ceilings";
}

void damage_every_file(const std::string& engine, bool cleanly) {
  minted before{engine, cleanly};
  auto& node = before.all.node(0);
  for (auto& entry : fs::directory_iterator{before.copy}) {
    auto name = entry.path().filename();
    auto bytes = contents(entry.path());
    for (auto& how : damages_of(bytes, sanitized ? 3 : 7))
      BOOST_TEST_CONTEXT(engine << ", " << name << ", " << how.name) {
        before.restore();
        replace(before.state / name, how.bytes);
        if (sealed(name) || (name == "integers.db" && how.bytes.empty()))
          require_refused(node, before.state / name);
        else
          require_refused_or_above(node, before.state, before.last);
      }
  }
}

void remove_every_file(const std::string& engine) {
  minted before{engine, false};
  auto& node = before.all.node(0);
  for (auto& entry : fs::directory_iterator{before.copy})
    BOOST_TEST_CONTEXT(engine << ", without " << entry.path().filename()) {
      before.restore();
      fs::remove(before.state / entry.path().filename());
      if (sealed(entry.path()))
        require_refused(node, before.state / entry.path().filename());
      else
        require_refused_or_above(node, before.state, before.last);
    }
}

// Two nodes of one cluster that have minted and stopped.
void add_two(cluster& all, const std::string& engine, bool named) {
  for (int64_t i : {1, 2}) {
    auto options = options_of(engine);
    options.name = "n" + std::to_string(i);
    options.stripe = {i, 2, 0};
    if (named)
      options.config = "[node]\nname = \"" + options.name + "\"\n" + config;
    auto& node = all.add(options);
    node.start();
    std::ignore = next_integer(node);
    stop_cleanly(node);
  }
}

void swap(const fs::path& a, const fs::path& b) {
  auto aside = a.string() + ".aside";
  fs::rename(a, aside);
  fs::rename(b, a);
  fs::rename(aside, b);
}

} // namespace

BOOST_AUTO_TEST_SUITE(state_test)

BOOST_AUTO_TEST_CASE(a_damaged_file_is_refused_or_never_trusted) {
  for (auto& engine : engines)
    for (bool cleanly : {true, false})
      damage_every_file(engine, cleanly);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_refused_or_never_trusted) {
  for (auto& engine : engines)
    remove_every_file(engine);
}

BOOST_AUTO_TEST_CASE(swapped_directories_are_refused) {
  for (auto& engine : engines)
    for (bool named : {false, true}) {
      cluster all;
      add_two(all, engine, named);
      swap(all.node(0).options().state, all.node(1).options().state);
      for (size_t i : {0u, 1u})
        require_refused(all.node(i), all.node(i).options().state);
    }
}

BOOST_AUTO_TEST_CASE(swapped_files_are_refused) {
  for (auto& engine : engines)
    for (auto* file : {"main.ceilings", "node"}) {
      cluster all;
      add_two(all, engine, false);
      swap(all.node(0).options().state / file,
           all.node(1).options().state / file);
      for (size_t i : {0u, 1u})
        require_refused(all.node(i), all.node(i).options().state);
    }
}

BOOST_AUTO_TEST_CASE(a_directory_in_use_is_refused_and_its_holder_named) {
  for (auto& engine : engines) {
    cluster all;
    auto& first = all.add(options_of(engine));
    first.start();
    auto clients = all.clients();
    auto options = options_of(engine);
    options.name = "n2";
    options.state = first.options().state;
    auto& second = all.add(options);
    for (int i = 0; i < 3; ++i)
      require_refused(second, "process " + std::to_string(first.child().pid()));
    BOOST_TEST_REQUIRE(clients->wait_for(100, soon));
    auto calls = clients->stop();
    stop_cleanly(first);
    second.start();
    BOOST_TEST(!next_integer(second).empty());
    stop_cleanly(second);
    all.judge(std::move(calls), promise_of({"n1"}, {"http", "tcp"}, {}));
  }
}

BOOST_AUTO_TEST_SUITE_END()
