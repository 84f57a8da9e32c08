// The cluster of docker-compose.yml as a test's own: a project of
// docker-compose with ports and volumes of its own, from images that the test
// compose_images has built, gone with the test. Clients come through the
// published ports, as a user's do; faults are Docker's.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/servers/store_server.hpp"
#include "tests/support/address_book.hpp"
#include "tests/support/load.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace intd::test {

using namespace std::chrono_literals;

/// Bound of everything that Docker does, on a machine that is busy.
inline constexpr std::chrono::milliseconds soon = 60s;

/// What goes wrong in a call is thrown as `std::runtime_error`, with what the
/// command printed.
class compose {
public:
  compose();
  compose(const compose&) = delete;
  compose& operator=(const compose&) = delete;

  /// Removes containers, networks and volumes.
  ~compose();

  /// Runs docker-compose with this project's name and returns what it printed.
  std::string run(const std::vector<std::string>& arguments);

  /// Runs docker and returns its standard output without the last newline.
  static std::string docker(const std::vector<std::string>& arguments);

  /// Starts services and waits until each is ready.
  void up(const std::vector<std::string>& services);

  /// Returns the id of the container of a service; of several, the `index`th
  /// from 1.
  std::string container(const std::string& service, size_t index = 1);

  /// Whether it answers /readyz with 200.
  [[nodiscard]] bool ready(const std::string& service) const;

  /// Waits until the log of a service holds a text; false where it does not.
  [[nodiscard]] bool says(const std::string& service, const std::string& text);

  /// Waits until it is ready; false where it does not become so.
  [[nodiscard]] bool becomes_ready(const std::string& service);

  /// Waits until it is ready, and records that it lives: since `begin`, where
  /// Docker may have started it before it was asked for, or from then on.
  void wait_until_ready(const std::string& service, int64_t begin = 0);

  /// Records that a node is gone, with the fault's kind and evidence, and
  /// returns when.
  int64_t gone(const std::string& service, const std::string& kind,
               const std::string& evidence);

  /// Records a fault that leaves the process alive.
  void record(checker::fault x) {
    seen_.faults.push_back(std::move(x));
  }

  /// Starts clients that know these nodes and never forget one.
  [[nodiscard]] std::unique_ptr<load>
  clients(const std::vector<std::string>& services);

  /// Requires that the checker finds valid what was recorded, and that the
  /// clients got what is promised.
  void judge(std::vector<checker::call> calls, checker::promise promised);

  /// The port of 127.0.0.1 that it is published on.
  [[nodiscard]] uint16_t port(const std::string& service) const;

  /// Starts `count` replicas of the service `intd`, and returns their names:
  /// intd/1 and so on.
  std::vector<std::string> scale(size_t count);

  /// Waits until each has a stripe of its own. From then on every node may
  /// answer from all of them: it asks the others where it cannot mint itself.
  void learn_stripes(const std::vector<std::string>& services);

  /// From each only what is in its own stripe is right: nothing is wrong with
  /// any of them.
  void expect_own_stripes() {
    apart_ = true;
  }

  /// Says which stripes the one node answers from.
  void set_stripes(std::vector<checker::progression> stripes) {
    stripes_ = std::move(stripes);
  }

  [[nodiscard]] const std::string& project() const {
    return project_;
  }

private:
  checker::progression wait_for_stripe(const std::string& service);

  std::string project_;
  std::map<std::string, std::unique_ptr<own_port>> ports_;
  std::map<std::string, uint16_t> replica_ports_;
  std::vector<checker::progression> stripes_;
  std::map<std::string, checker::progression> own_;
  bool apart_ = false;
  std::map<std::string, int64_t> boots_;
  int64_t loads_ = 0;
  address_book book_;
  checker::history seen_;
};

} // namespace intd::test
