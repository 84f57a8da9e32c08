// The simulated cluster that the tests of this folder begin with.
#pragma once

#include "tests/actors/cluster/simulated_cluster.hpp"

#include <spdlog/spdlog.h>

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

namespace intd::test {

struct quiet {
  quiet() {
    spdlog::set_level(spdlog::level::off);
  }
};

struct scene : quiet, simulated_cluster {
  // Lets time pass until a node mints by itself.
  void await(const std::string& name) {
    BOOST_TEST_REQUIRE(pass_until([this, name] {
                         return mints_itself(name);
                       }),
                       name << ": " << held_by(name).reason);
  }

  void start_and_wait(const std::string& name) {
    BOOST_TEST(start(name).has_value());
    await(name);
  }

  void start_all() {
    for (const auto& [name, x] : nodes())
      if (!x->runs())
        start_and_wait(name);
  }

  void mint_everywhere(int times = 5) {
    for (int i = 0; i < times; ++i)
      for (const auto& [name, x] : nodes())
        if (x->runs())
          BOOST_TEST(mint(name) == 1U);
  }

  // a is the first; the others join it.
  void three_nodes() {
    add("a", {});
    add("b", {"a"});
    add("c", {"a"});
    start_all();
  }

  // No message goes either way, or all do again.
  void part(const std::string& x, const std::string& y, bool off = true) {
    cut(x, y, off);
    cut(y, x, off);
  }

  [[nodiscard]] bool says(const std::string& name, const std::string& part) {
    return held_by(name).reason.find(part) != std::string::npos;
  }

  // Orders what the cluster actor of a node answers with ok.
  template <class... Ts>
  [[nodiscard]] bool obeys(const std::string& name, Ts... what) {
    auto done = ask<caf::ok_atom>(at(name).cluster, std::move(what)...);
    return pass_until(
      [&done] {
        return done->value.has_value();
      },
      std::chrono::seconds{3});
  }

  // Orders a node to adopt dead ones; why it does not, empty where it does.
  [[nodiscard]] std::string adopts(const std::string& name,
                                   const std::set<std::string>& dead,
                                   int64_t above = 0) {
    auto done = ask<caf::ok_atom>(at(name).cluster, adopt_atom_v, dead, above);
    pass(std::chrono::milliseconds{100});
    return done->value.has_value() ? "" : to_string(done->failure) + ".";
  }
};

} // namespace intd::test
