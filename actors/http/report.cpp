#include "actors/http/report.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace intd::http {

namespace {

using json = nlohmann::json;

constexpr status ok{200, "OK"};
constexpr status unavailable{503, "Service Unavailable"};

// Invalid UTF-8 (of a peer's report) is replaced, never thrown at.
void append_json(std::string& out, status what, const json& body, manner how) {
  append_answer(out, what, "application/json",
                body.dump(-1, ' ', false, json::error_handler_t::replace), how);
}

template <class T, class F>
json list_of(const std::vector<T>& all, F member_of) {
  auto list = json::array();
  for (const auto& x : all)
    list.push_back(member_of(x));
  return list;
}

json short_stripe(const held_stripe& x) {
  return {{"engine", x.engine},
          {"offset", x.stripe.offset},
          {"increment", x.stripe.increment},
          {"healthy", x.healthy},
          {"reason", x.reason}};
}

json short_node(const node_status& x) {
  return {{"id", x.report.id},
          {"name", x.report.name},
          {"alive", x.alive},
          {"reason", x.reason},
          {"stripes", list_of(x.report.stripes, short_stripe)}};
}

json ready_stripe(const stripe_status& x) {
  json one{{"name", x.name},
           {"offset", x.stripe.offset},
           {"increment", x.stripe.increment},
           {"healthy", x.healthy}};
  if (!x.reason.empty())
    one["reason"] = x.reason;
  return one;
}

json whole_stripe(const held_stripe& x) {
  auto one = short_stripe(x);
  one["epoch"] = x.epoch;
  one["store"] = x.store;
  one["shared"] = x.shared;
  one["given"] = x.given;
  auto marks = x.marks;
  std::sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) {
    return a.key < b.key;
  });
  marks.resize(std::min(marks.size(), keys_told_max));
  one["keys"] = list_of(marks, [](const key_mark& mark) {
    return json{{"key", mark.key}, {"last", mark.last}};
  });
  one["keys_left_out"] = x.marks.size() - marks.size();
  return one;
}

json whole_gift(const gift& x) {
  return {{"to", x.to},
          {"request", x.request},
          {"offset", x.stripe.offset},
          {"increment", x.stripe.increment},
          {"epoch", x.epoch}};
}

json whole_node(const node_status& x) {
  std::vector<held_stripe> minting;
  std::vector<gift> spares;
  for (const auto& held : x.report.stripes)
    if (held.engine.empty())
      spares.push_back({"", "", held.stripe, held.epoch, {}});
    else
      minting.push_back(held);
  return {{"id", x.report.id},
          {"name", x.report.name},
          {"cluster", x.report.cluster},
          {"boot", x.report.boot},
          {"version", x.report.version},
          {"address", x.report.address},
          {"alive", x.alive},
          {"reason", x.reason},
          {"silent_ms", x.silent_ms},
          {"draining", x.report.draining},
          {"stripes", list_of(minting, whole_stripe)},
          {"spares", list_of(spares, whole_gift)},
          {"gifts", list_of(x.report.gifts, whole_gift)},
          {"peers", x.report.peers}};
}

// A node without a cluster: what its router knows is all there is.
cluster_status alone(const router_status& router) {
  node_status self;
  self.report.version = INTD_VERSION;
  self.alive = true;
  self.silent_ms = 0;
  for (const auto& x : router.stripes) {
    held_stripe held;
    held.engine = x.name;
    held.stripe = x.stripe;
    held.healthy = x.healthy;
    held.reason = x.reason;
    self.report.stripes.push_back(std::move(held));
  }
  return {{std::move(self)}};
}

// A cluster tells of this node first.
bool is_draining(const site_report& now) {
  return now.cluster && !now.cluster->nodes.empty()
    && now.cluster->nodes.front().report.draining;
}

} // namespace

bool is_ready(const site_report& now) {
  const auto& all = now.router.stripes;
  return !is_draining(now)
    && std::any_of(all.begin(), all.end(), [](const stripe_status& x) {
         return x.healthy;
       });
}

void append_ready(std::string& out, const site_report& now, manner how) {
  auto ready = is_ready(now);
  json body{{"ready", ready},
            {"draining", is_draining(now)},
            {"stripes", list_of(now.router.stripes, ready_stripe)}};
  if (now.cluster)
    body["nodes"] = list_of(now.cluster->nodes, short_node);
  append_json(out, ready ? ok : unavailable, body, how);
}

void append_cluster(std::string& out, const site_report& now, manner how) {
  auto all = now.cluster ? *now.cluster : alone(now.router);
  append_json(out, ok, {{"nodes", list_of(all.nodes, whole_node)}}, how);
}

} // namespace intd::http
