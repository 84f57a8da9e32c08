// Starts a store for a program that is no C++ test, such as the benchmarks:
//
//   run_store mysql|redis|rqlite|rqlite3|summitdb|summitdb3 [options]
//             [-- flag of the server ...]
//
// Prints its DSN on a line once it answers, and ends it when its own standard
// input ends or on SIGTERM or SIGINT. rqlite3 and summitdb3 are clusters of
// three nodes. What goes wrong is told on standard error; the status is 1 then,
// and 2 where the command line is wrong.
#include "tests/servers/mariadb.hpp"
#include "tests/servers/redis.hpp"
#include "tests/servers/rqlite.hpp"
#include "tests/servers/summitdb.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <stdexcept>

namespace intd::test {

namespace {

constexpr auto usage
  = "usage: run_store mysql|redis|rqlite|rqlite3|summitdb|summitdb3\n"
    "         [--persistence none|rdb|everysec|always]  of redis (always)\n"
    "         [--low]                                   of summitdb\n"
    "         [-- flag of the server ...]\n";

struct wrong_usage : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct choices {
  std::string store;
  redis_persistence persistence = redis_persistence::aof_always;
  bool low = false;
  std::vector<std::string> flags;
};

redis_persistence persistence_named(const std::string& name) {
  static const std::map<std::string, redis_persistence> all{
    {"none", redis_persistence::none},
    {"rdb", redis_persistence::rdb},
    {"everysec", redis_persistence::aof_everysec},
    {"always", redis_persistence::aof_always}};
  auto found = all.find(name);
  if (found == all.end())
    throw wrong_usage{"no such persistence: " + name};
  return found->second;
}

choices read(std::vector<std::string> words) {
  choices out;
  auto dashes = std::ranges::find(words, "--");
  if (dashes != words.end()) {
    out.flags.assign(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  if (words.empty())
    throw wrong_usage{"no store is named"};
  out.store = words.front();
  for (size_t i = 1; i < words.size(); ++i)
    if (words[i] == "--low" && out.store.starts_with("summitdb"))
      out.low = true;
    else if (words[i] == "--persistence" && out.store == "redis"
             && i + 1 < words.size())
      out.persistence = persistence_named(words[++i]);
    else
      throw wrong_usage{out.store + " has no option " + words[i]};
  return out;
}

void block(const sigset_t& signals) {
  // Before anything is started, so that none of them is missed.
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

// Reads standard input to its end, or waits for a signal.
void wait_for_end(const sigset_t& signals) {
  int fd = ::signalfd(-1, &signals, SFD_CLOEXEC);
  std::array<pollfd, 2> watched{{{STDIN_FILENO, POLLIN, 0}, {fd, POLLIN, 0}}};
  std::array<char, 4'096> ignored;
  for (;;) {
    ::poll(watched.data(), watched.size(), -1);
    bool signal = watched[1].revents != 0;
    if (signal
        || (watched[0].revents != 0
            && ::read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0))
      break;
  }
  ::close(fd);
}

template <class Store>
void serve(Store&& store, const sigset_t& signals) {
  store.start();
  std::cout << store.dsn() << std::endl;
  wait_for_end(signals);
  store.stop();
}

void run(const choices& x, const sigset_t& signals) {
  const rqlite_options rqlite{.flags = x.flags};
  const summitdb_options summitdb{.low = x.low, .flags = x.flags};
  if (x.store == "mysql")
    serve(mariadb_server{{.flags = x.flags}}, signals);
  else if (x.store == "redis")
    serve(redis_server{{.persistence = x.persistence, .flags = x.flags}},
          signals);
  else if (x.store == "rqlite")
    serve(rqlite_server{rqlite}, signals);
  else if (x.store == "rqlite3")
    serve(rqlite_cluster{rqlite}, signals);
  else if (x.store == "summitdb")
    serve(summitdb_server{summitdb}, signals);
  else if (x.store == "summitdb3")
    serve(summitdb_cluster{summitdb}, signals);
  else
    throw wrong_usage{"no such store: " + x.store};
}

int main(int argc, char** argv) {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  block(signals);
  try {
    run(read({argv + 1, argv + argc}), signals);
    return 0;
  } catch (const wrong_usage& e) {
    std::cerr << "error: " << e.what() << "\n" << usage;
    return 2;
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
  }
}

} // namespace

} // namespace intd::test

int main(int argc, char** argv) {
  return intd::test::main(argc, argv);
}
