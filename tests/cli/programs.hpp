// The real command line tools, each run with a home of the test's own.
#pragma once

#include "tests/support/process.hpp"
#include "tests/support/server.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace intd::test {

inline constexpr std::chrono::seconds program_bound{60};

/// What a program left behind.
struct outcome {
  int status = -1;
  std::string out;
  std::string err;
};

inline std::string program(const std::string& name) {
  return (server_program().parent_path() / name).string();
}

/// Base of fixtures: runs programs whose default state is below `home`.
struct programs {
  /// The default state directory.
  [[nodiscard]] std::filesystem::path state() const {
    return home.path() / "intd";
  }

  [[nodiscard]] command make(const std::string& name,
                             std::vector<std::string> flags) const {
    flags.insert(flags.begin(), program(name));
    return {std::move(flags), {"XDG_STATE_HOME=" + home.path().string()}, 0};
  }

  static outcome finish(process& child) {
    auto how = child.wait(program_bound);
    BOOST_TEST_REQUIRE(how.has_value());
    return {how->status.value_or(-1), child.standard_output(),
            child.standard_error()};
  }

  [[nodiscard]] outcome run(const std::string& name,
                            std::vector<std::string> flags = {}) const {
    process child{make(name, std::move(flags))};
    return finish(child);
  }

  /// Runs a line of bash, where $int, $client and $server are the programs.
  [[nodiscard]] outcome shell(const std::string& line) const {
    command what{{"bash", "-c", line},
                 {"XDG_STATE_HOME=" + home.path().string(),
                  "int=" + program("int"), "client=" + program("intd-client"),
                  "server=" + program("intd-server")},
                 0};
    process child{what};
    return finish(child);
  }

  /// Runs `int`, which is expected to succeed in silence.
  [[nodiscard]] std::string mint(std::vector<std::string> flags = {}) const {
    auto x = run("int", std::move(flags));
    BOOST_TEST(x.status == 0);
    BOOST_TEST(x.err == "");
    return x.out;
  }

  temp_dir home;
};

inline bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace intd::test
