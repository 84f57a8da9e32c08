// The state of the cluster and what operators order of it, through a front end
// with a cluster actor that does what the test says.
#include "tests/actors/front_end_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace intd;
using namespace std::chrono_literals;
using action = cluster_order::action;
using json = nlohmann::json;

namespace {

struct cluster_script {
  cluster_status status;
  std::vector<cluster_order> orders;
  error fails;
  // Keeps every question without an answer.
  bool silent = false;
  std::vector<caf::response_promise> unanswered;
};

// Of the whole interface only what a front end may ask.
caf::behavior scripted_cluster(caf::event_based_actor* self,
                               cluster_script* play) {
  auto obey = [self, play](cluster_order x) -> caf::result<caf::ok_atom> {
    play->orders.push_back(std::move(x));
    if (play->silent) {
      play->unanswered.push_back(self->make_response_promise());
      return play->unanswered.back();
    }
    if (play->fails.code != ec::none)
      return to_caf(play->fails);
    return caf::ok_atom_v;
  };
  return {
    [self, play](status_atom) -> caf::result<cluster_status> {
      if (!play->silent)
        return play->status;
      play->unanswered.push_back(self->make_response_promise());
      return play->unanswered.back();
    },
    [obey](join_atom, const std::string& address) {
      return obey({action::join, address, {}, false});
    },
    [obey](leave_atom, const std::string& to) {
      return obey({action::leave, to, {}, false});
    },
    [obey](split_atom, const std::string& engine) {
      return obey({action::split, engine, {}, false});
    },
    [obey](adopt_atom, const std::set<std::string>& nodes, int64_t above) {
      return obey({action::adopt, {}, nodes, false, above});
    },
    [obey](waive_atom, const std::string& address) {
      return obey({action::waive, address, {}, false});
    },
    [obey](drain_atom, bool on) {
      return obey({action::drain, {}, {}, on});
    },
  };
}

front_end_options with_token() {
  front_end_options x;
  x.admin_token = "t";
  return x;
}

struct fixture : test::front_end_fixture {
  fixture()
    : front_end_fixture(http::clients(), with_token(),
                        [this](caf::actor_system& sys) {
                          auto made = sys.spawn(scripted_cluster, &cluster);
                          return caf::actor_cast<cluster_actor>(made);
                        }) {
    cluster.status.nodes.resize(1);
    cluster.status.nodes[0].report.name = "n1";
  }

  ~fixture() {
    cluster.unanswered.clear();
  }

  std::string ask(const std::string& target) {
    auto client = connect();
    client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    return hear(client);
  }

  std::string order(const std::string& what, const std::string& body,
                    const std::string& token = "t") {
    auto client = connect();
    client.send("POST /v1/cluster/" + what
                + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token
                + "\r\nContent-Length: " + std::to_string(body.size())
                + "\r\n\r\n" + body);
    return hear(client);
  }

  static json body_of(const std::string& answer) {
    return json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  }

  cluster_script cluster;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(the_cluster_tells_its_state, fixture) {
  auto text = ask("/v1/cluster");
  BOOST_TEST(text.starts_with("HTTP/1.1 200 "));
  BOOST_TEST(body_of(text).at("nodes")[0].at("name") == "n1");
}

BOOST_FIXTURE_TEST_CASE(a_node_that_drains_is_not_ready, fixture) {
  BOOST_TEST(ask("/readyz").starts_with("HTTP/1.1 200 "));
  cluster.status.nodes[0].report.draining = true;
  auto text = ask("/readyz");
  BOOST_TEST(text.starts_with("HTTP/1.1 503 "));
  // The router's view and the cluster's.
  BOOST_TEST(body_of(text).at("stripes")[0].at("name") == "main");
  BOOST_TEST(body_of(text).at("nodes")[0].at("name") == "n1");
  BOOST_TEST(ask("/healthz").starts_with("HTTP/1.1 200 "));
}

BOOST_FIXTURE_TEST_CASE(each_order_reaches_the_cluster, fixture) {
  for (const auto& [what, body] :
       std::vector<std::pair<std::string, std::string>>{
         {"join", R"({"address":"n2:1"})"},
         {"leave", R"({"to":"n2"})"},
         {"split", R"({"engine":"main"})"},
         {"adopt", R"({"nodes":["n2","n3"],"above":7})"},
         {"waive", R"({"address":"n4:1"})"},
         {"drain", R"({"on":true})"}})
    BOOST_TEST(order(what, body).starts_with("HTTP/1.1 204 "), what);
  std::vector<cluster_order> expected{
    {action::join, "n2:1", {}, false},
    {action::leave, "n2", {}, false},
    {action::split, "main", {}, false},
    {action::adopt, "", {"n2", "n3"}, false, 7},
    {action::waive, "n4:1", {}, false},
    {action::drain, "", {}, true}};
  BOOST_TEST((cluster.orders == expected));
}

BOOST_FIXTURE_TEST_CASE(an_order_without_the_token_reaches_nobody, fixture) {
  BOOST_TEST(order("leave", "", "x").starts_with("HTTP/1.1 401 "));
  BOOST_TEST(cluster.orders.empty());
}

BOOST_FIXTURE_TEST_CASE(a_refused_order_says_why, fixture) {
  cluster.fails = {ec::wrong_owner, "n2 is alive"};
  auto text = order("adopt", R"({"nodes":["n2"],"above":7})");
  BOOST_TEST(text.starts_with("HTTP/1.1 409 Conflict\r\n"));
  BOOST_TEST(body_of(text).at("code") == "wrong_owner");
  BOOST_TEST(body_of(text).at("detail") == "n2 is alive");
}

BOOST_FIXTURE_TEST_CASE(who_waits_for_a_silent_cluster_is_told_in_time,
                        fixture) {
  cluster.silent = true;
  auto asking = connect();
  asking.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
  auto ordering = connect();
  ordering.send("POST /v1/cluster/leave HTTP/1.1\r\nHost: a\r\n"
                "Authorization: Bearer t\r\nContent-Length: 0\r\n\r\n");
  settle();
  world.advance(front_end_options{}.report_timeout + 1ms);
  BOOST_TEST(hear(asking).starts_with("HTTP/1.1 503 "));
  BOOST_TEST(hear(ordering).empty());
  world.advance(front_end_options{}.order_timeout);
  auto text = hear(ordering);
  BOOST_TEST(text.starts_with("HTTP/1.1 503 "));
  BOOST_TEST(body_of(text).at("code") == "timeout");
}

BOOST_AUTO_TEST_CASE(orders_that_wait_are_bounded) {
  auto options = with_token();
  options.waiting_max = 0;
  test::front_end_fixture f{http::clients(), options};
  auto client = f.connect();
  client.send("POST /v1/cluster/leave HTTP/1.1\r\nHost: a\r\n"
              "Authorization: Bearer t\r\nContent-Length: 0\r\n\r\n");
  BOOST_TEST(f.hear(client).find("overloaded") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_node_without_a_cluster_refuses_orders) {
  test::front_end_fixture f{http::clients(), with_token()};
  auto client = f.connect();
  client.send("POST /v1/cluster/leave HTTP/1.1\r\nHost: a\r\n"
              "Authorization: Bearer t\r\nContent-Length: 0\r\n\r\n"
              "GET /v1/cluster HTTP/1.1\r\nHost: a\r\n\r\n");
  auto text = f.hear(client);
  BOOST_TEST(text.starts_with("HTTP/1.1 503 "));
  BOOST_TEST(text.find("in no cluster") != std::string::npos);
  BOOST_TEST(text.find("\"engine\":\"main\"") != std::string::npos);
}
