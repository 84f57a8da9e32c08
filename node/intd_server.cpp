// intd-server: reads what it is to do, starts the node, waits for SIGTERM or
// SIGINT, and stops the node within the grace time.

#include "node/flags.hpp"
#include "node/logging.hpp"
#include "node/node.hpp"
#include "node/server_flags.hpp"
#include "node/shutdown/stop_signals.hpp"
#include "node/shutdown/watchdog.hpp"

#include <spdlog/spdlog.h>

#include <sys/resource.h>

#include <exception>
#include <iostream>

namespace {

using namespace intd;

// The limit that most systems start a process with is a tenth of what
// connections may be open.
void raise_file_limit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

// Starts, serves, stops. The watchdog outlives the node.
exit_code serve(const server_command& command, stop_signals& signals) {
  const auto grace = command.config.timeouts.grace;
  std::unique_ptr<watchdog> stopping;
  node served{command.config};
  auto started = served.start(command.orders, signals);
  if (started) {
    spdlog::info("intd {} serves {}", INTD_VERSION, served.serving());
    std::ignore = signals.wait();
  } else if (started.error().code != ec::draining) {
    spdlog::error("intd-server cannot start: {}", to_string(started.error()));
  }
  bool told = started || started.error().code == ec::draining;
  if (told)
    spdlog::info("{}: stopping within {} ms; a second signal stops at once",
                 signals.take(), grace.count());
  signals.next_ends_process();
  stopping = std::make_unique<watchdog>(
    grace,
    "intd-server: not stopped within " + std::to_string(grace.count())
      + " ms; ended as it was, some integers may be skipped");
  bool fine = served.stop();
  if (told && fine)
    spdlog::info("stopped; the last integer is exact");
  return told && fine ? exit_fine : exit_failed;
}

} // namespace

int main(int argc, char** argv) {
  claim_standard_descriptors();
  auto command = read_server_command(argc, argv, std::cout, std::cerr);
  if (!command)
    return command.error();
  start_logging(command->config.log.level, command->config.log.format);
  stop_signals signals;
  raise_file_limit();
  try {
    return serve(*command, signals);
  } catch (const std::exception& problem) {
    spdlog::error("intd-server: {}", problem.what());
    return exit_failed;
  }
}
