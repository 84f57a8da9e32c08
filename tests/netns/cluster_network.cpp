#include "tests/netns/cluster_network.hpp"

#include "tests/support/http_client.hpp"
#include "tests/support/own_stripe.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace intd::test {

namespace {

constexpr auto attempt = 1s;
constexpr auto actor_port = ":7420";
constexpr auto token = "of-the-tests";

std::string name_of(size_t i) {
  return "n" + std::to_string(i);
}

std::string config_of(size_t node, size_t count, bool alone) {
  std::string peers;
  for (size_t i = 0; i < count && !alone; ++i)
    if (i != node)
      peers += (peers.empty() ? "\"" : ", \"") + network::address(i)
        + actor_port + "\"";
  return "[node]\nname = \"" + name_of(node) + "\"\n[actor]\nlisten = \""
    + network::address(node) + actor_port + "\"\n[cluster]\npeers = [" + peers
    + "]\n" + (node == 0 ? "bootstrap = true\n" : "") + "[admin]\ntoken = \""
    + token + "\"\n";
}

std::optional<http_answer> ask(const server& node, const std::string& host,
                               const std::string& path) {
  auto client = http_client::connect(host, node.port("http"), in(attempt));
  return client ? client->get(path, in(attempt)) : std::nullopt;
}

load_options impatient(const std::string& name) {
  load_options out;
  out.front_ends = {"http"};
  out.attempt_bound = attempt;
  out.name = name;
  return out;
}

} // namespace

cluster_network::cluster_network(size_t count, start how) : net_(count) {
  for (size_t i = 0; i < count; ++i) {
    server_options x;
    x.name = name_of(i);
    x.engine = "sqlite";
    x.protocols = {"http"};
    x.host = network::address(i);
    x.wrapper = net_.wrapper(i);
    x.joins = true;
    x.config = config_of(i, count, i == 0 && how == start::alone);
    nodes_.add(x);
  }
}

void cluster_network::form() {
  for (size_t i = 0; i < count(); ++i)
    node(i).launch();
  for (size_t i = 0; i < count(); ++i) {
    BOOST_TEST_REQUIRE(node(i).wait_until_ready(), node(i).log());
    BOOST_TEST_REQUIRE(gets_stripe(i, soon), node(i).log());
  }
}

std::optional<checker::progression> cluster_network::stripe_of(size_t i) {
  return own_stripe(readyz(i));
}

std::string cluster_network::readyz(size_t i) {
  auto answer = ask(node(i), network::address(i), "/readyz");
  return answer ? answer->body : "";
}

bool cluster_network::gets_stripe(size_t i, std::chrono::milliseconds bound) {
  return nodes_.book().becomes_true(
    [this, i] {
      return stripe_of(i).has_value();
    },
    in(bound));
}

std::unique_ptr<load> cluster_network::clients_of(size_t i) {
  auto options = impatient("of" + std::to_string(i) + ".");
  options.nodes = {name_of(i)};
  options.clients = 2;
  return std::make_unique<load>(std::move(options), nodes_.book());
}

std::unique_ptr<load> cluster_network::clients(const std::string& name) {
  return nodes_.clients(impatient(name));
}

bool cluster_network::mints(size_t i) {
  auto answer = ask(node(i), network::address(i), "/");
  return answer && answer->status == 200;
}

void cluster_network::record(const std::string& kind, size_t i, int64_t begin,
                             bool blocks, const std::string& evidence) {
  node(i).record({kind, name_of(i), begin, now_ns(), blocks, evidence});
}

std::string cluster_network::intctl(size_t i,
                                    const std::vector<std::string>& words) {
  const auto program = server_program().parent_path() / "intctl";
  const auto url = "http://" + network::address(i) + ":"
    + std::to_string(node(i).port("http"));
  command what{{program.string(), "-url", url}, {}, 0};
  what.arguments.insert(what.arguments.end(), words.begin(), words.end());
  what.environment = {std::string{"INTD_ADMIN_TOKEN="} + token};
  std::string output;
  run(what, soon, output);
  return output;
}

void cluster_network::judge(std::vector<checker::call> calls,
                            const std::vector<std::string>& faults,
                            const std::set<size_t>& out) {
  std::vector<checker::progression> all;
  std::vector<std::string> names;
  for (size_t i = 0; i < count(); ++i) {
    if (out.count(i) > 0)
      continue;
    auto stripe = stripe_of(i);
    BOOST_TEST_REQUIRE(stripe.has_value(), node(i).log());
    BOOST_TEST_MESSAGE(name_of(i) << " mints " << stripe->offset << " mod "
                                  << stripe->increment);
    for (const auto& x : all)
      BOOST_TEST((x.offset - stripe->offset)
                   % std::min(x.increment, stripe->increment)
                 != 0);
    all.push_back(*stripe);
    names.push_back(name_of(i));
  }
  for (size_t i = 0; i < count(); ++i)
    node(i).answers_from(all);
  auto promised = promise_of(names, {"http"}, faults);
  promised.budget = std::chrono::nanoseconds{10s}.count();
  nodes_.judge(std::move(calls), promised);
}

} // namespace intd::test
