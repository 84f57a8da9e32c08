#include "tests/compose/compose.hpp"

#include "tests/checker/checker.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/own_stripe.hpp"
#include "tests/support/process.hpp"
#include "tests/support/server.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>

namespace intd::test {

namespace {

/// The published ports and the variables of docker-compose.yml that set them.
const std::map<std::string, std::string> port_variables{
  {"intd-1", "INTD_PORT_1"},
  {"intd-2", "INTD_PORT_2"},
  {"intd-3", "INTD_PORT_3"},
  {"intd-mysql", "INTD_PORT_MYSQL"},
  {"intd-redis", "INTD_PORT_REDIS"},
  {"intd-rqlite", "INTD_PORT_RQLITE"},
  {"intd-summitdb", "INTD_PORT_SUMMITDB"},
};

std::string run_or_throw(const command& what) {
  std::string output;
  auto how = test::run(what, 5 * soon, output);
  if (how && how->status == 0)
    return output;
  std::string line;
  for (const auto& word : what.arguments)
    line += word + " ";
  throw std::runtime_error(line + "ended with "
                           + (how ? to_string(*how) : "a timeout") + ":\n"
                           + output);
}

} // namespace

compose::compose() : project_("intd-test-" + std::to_string(::getpid())) {
  for (const auto& [service, variable] : port_variables)
    ports_[service] = std::make_unique<own_port>();
}

compose::~compose() {
  try {
    // Every profile, so that nothing of them is left.
    run({"--profile", "mysql", "--profile", "redis", "--profile", "rqlite",
         "--profile", "summitdb", "down", "--volumes", "--remove-orphans",
         "--timeout", "1"});
  } catch (const std::exception& problem) {
    BOOST_TEST_MESSAGE(problem.what());
  }
}

std::string compose::run(const std::vector<std::string>& arguments) {
  command what;
  what.arguments = {"docker-compose", "-f",   INTD_COMPOSE_FILE, "-p", project_,
                    "--ansi",         "never"};
  what.arguments.insert(what.arguments.end(), arguments.begin(),
                        arguments.end());
  what.environment = {"INTD_IMAGE=" INTD_TEST_IMAGE};
  for (const auto& [service, variable] : port_variables)
    what.environment.push_back(variable + "=" + std::to_string(port(service)));
  return run_or_throw(what);
}

std::string compose::docker(const std::vector<std::string>& arguments) {
  command what;
  what.arguments = {"docker"};
  what.arguments.insert(what.arguments.end(), arguments.begin(),
                        arguments.end());
  auto output = run_or_throw(what);
  while (output.ends_with('\n'))
    output.pop_back();
  return output;
}

void compose::up(const std::vector<std::string>& services) {
  std::vector<std::string> arguments{"up", "-d", "--no-build"};
  arguments.insert(arguments.end(), services.begin(), services.end());
  run(arguments);
  for (const auto& service : services)
    wait_until_ready(service);
}

std::string compose::container(const std::string& service, size_t index) {
  std::istringstream ids{run({"ps", "-q", service})};
  std::string id;
  for (size_t i = 0; i < index; ++i)
    if (!std::getline(ids, id))
      throw std::runtime_error("there is no container " + std::to_string(index)
                               + " of " + service);
  return id;
}

uint16_t compose::port(const std::string& service) const {
  auto replica = replica_ports_.find(service);
  return replica == replica_ports_.end() ? ports_.at(service)->number()
                                         : replica->second;
}

bool compose::ready(const std::string& service) const {
  auto client = http_client::connect(port(service), in(1s));
  auto answer = client ? client->get("/readyz", in(1s)) : std::nullopt;
  return answer && answer->status == 200;
}

bool compose::says(const std::string& service, const std::string& text) {
  return book_.becomes_true(
    [this, &service, &text] {
      return run({"logs", "--no-color", service}).find(text)
        != std::string::npos;
    },
    in(soon));
}

bool compose::becomes_ready(const std::string& service) {
  return book_.becomes_true(
    [this, &service] {
      return ready(service);
    },
    in(soon));
}

void compose::wait_until_ready(const std::string& service, int64_t begin) {
  if (!becomes_ready(service))
    throw std::runtime_error(service + " is not ready:\n"
                             + run({"logs", "--no-color", service}));
  checker::boot x;
  x.node = service;
  x.id = service + "-" + std::to_string(boots_[service]++);
  x.engine = "sqlite";
  x.begin = begin == 0 ? now_ns() : begin;
  seen_.boots.push_back(x);
  book_.enter(service, "http", port(service));
}

int64_t compose::gone(const std::string& service, const std::string& kind,
                      const std::string& evidence) {
  auto last = std::find_if(seen_.boots.rbegin(), seen_.boots.rend(),
                           [&service](const auto& x) {
                             return x.node == service;
                           });
  if (last == seen_.boots.rend())
    throw std::runtime_error(service + " never lived");
  last->end = now_ns();
  checker::fault x;
  x.kind = kind;
  x.node = service;
  x.begin = last->end;
  x.end = last->end;
  x.evidence = evidence;
  seen_.faults.push_back(x);
  return x.end;
}

std::vector<std::string> compose::scale(size_t count) {
  run({"up", "-d", "--no-build", "--no-recreate", "--scale",
       "intd=" + std::to_string(count)});
  std::vector<std::string> names;
  for (size_t i = 1; i <= count; ++i) {
    auto index = std::to_string(i);
    auto where = run({"port", "--index", index, "intd", "8080"});
    names.push_back("intd/" + index);
    replica_ports_[names.back()]
      = static_cast<uint16_t>(std::stoi(where.substr(where.find(':') + 1)));
    wait_until_ready(names.back());
  }
  return names;
}

void compose::learn_stripes(const std::vector<std::string>& services) {
  stripes_.clear();
  for (const auto& service : services) {
    own_[service] = wait_for_stripe(service);
    BOOST_TEST_MESSAGE(service << " mints " << own_[service].offset << " mod "
                               << own_[service].increment);
    stripes_.push_back(own_[service]);
  }
}

checker::progression compose::wait_for_stripe(const std::string& service) {
  std::optional<checker::progression> stripe;
  const auto has_one = [this, &service, &stripe] {
    auto client = http_client::connect(port(service), in(1s));
    auto answer = client ? client->get("/readyz", in(1s)) : std::nullopt;
    stripe = answer ? own_stripe(answer->body) : std::nullopt;
    return stripe.has_value();
  };
  if (book_.becomes_true(has_one, in(soon)))
    return *stripe;
  throw std::runtime_error(service + " has no stripe:\n"
                           + run({"logs", "--no-color", "--tail", "40"}));
}

std::unique_ptr<load>
compose::clients(const std::vector<std::string>& services) {
  load_options options;
  options.nodes = services;
  options.front_ends = {"http"};
  options.attempt_bound = 1s;
  // Two loads of one history are told apart.
  options.name = "c" + std::to_string(loads_++) + ".";
  return std::make_unique<load>(std::move(options), book_);
}

void compose::judge(std::vector<checker::call> calls,
                    checker::promise promised) {
  checker::history all = seen_;
  all.promised = std::move(promised);
  all.calls = std::move(calls);
  for (auto& x : all.boots)
    x.stripes = apart_ ? std::vector{own_.at(x.node)} : stripes_;
  auto found = checker::check(all);
  BOOST_TEST_MESSAGE(to_string(found));
  if (found.verdict == checker::verdict::valid)
    return;
  auto file = "/tmp/" + project_ + ".history";
  std::ofstream out{file};
  write(out, all);
  BOOST_TEST_MESSAGE(run({"logs", "--no-color", "--tail", "40"}));
  BOOST_ERROR(to_string(found) << "the history is in " << file);
}

} // namespace intd::test
