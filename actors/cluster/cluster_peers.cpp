// What cluster.hpp says to the other nodes, and hears from them.
#include "actors/cluster/claims.hpp"
#include "actors/cluster/cluster.hpp"

#include <caf/actor_clock.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace intd {

namespace {

// Of one report: more are told in the next.
constexpr size_t marks_per_report = 1'000;

bool may_be_split(const held_stripe& x) {
  return x.healthy && x.splits;
}

bool is_wider(const held_stripe& a, const held_stripe& b) {
  return std::pair{a.stripe.increment, a.stripe.offset}
  < std::pair{b.stripe.increment, b.stripe.offset};
}

} // namespace

// -- what this node says ------------------------------------------------------

void cluster_state::dial() {
  const auto now = self_->clock().now();
  for (auto* x : members_->due(now))
    self_->request(dialer_, caf::infinite, dial_atom_v, x->address)
      .then(
        [this, address = x->address](const node_actor& handle) {
          auto* found = members_->find_contact(address);
          if (found == nullptr)
            return;
          auto& at = *found;
          members_->reached(at, handle);
          self_->monitor(handle);
          ping(at);
        },
        [this, address = x->address](const caf::error& reason) {
          members_->missed(*members_->find_contact(address),
                           from_caf(reason).context, self_->clock().now());
        });
}

void cluster_state::ping_all() {
  for (auto& x : members_->contacts())
    if (x.handle && !x.pinged)
      ping(x);
}

void cluster_state::ping(contact& x) {
  x.pinged = self_->clock().now();
  self_->request(x.handle, options_.peer_timeout, ping_atom_v, report_for(x.id))
    .then(
      [this, address = x.address](const node_report& from) {
        heard_answer(address, from);
      },
      [this, address = x.address](const caf::error& reason) {
        ping_failed(address, from_caf(reason));
      });
}

node_report cluster_state::report_for(const std::string& id) {
  node_report x;
  x.id = options_.id;
  x.name = options_.name;
  x.cluster = options_.cluster;
  x.boot = options_.boot;
  x.version = options_.version;
  x.address = options_.address;
  x.draining = draining_;
  x.stripes = owned_->held();
  for (auto& it : x.stripes) {
    const auto& own = engines_[it.engine];
    it.healthy = own.owner != nullptr && it.reason.empty();
    if (it.reason.empty())
      it.reason = own.reason;
    it.given = own.given;
    it.desk = own.desk;
  }
  x.gifts = owned_->gifts();
  x.spares = owned_->spares();
  for (const auto& at : members_->contacts())
    x.peers.push_back(at.address);
  if (!id.empty()) {
    x.remembered = owned_->remembered(id);
    x.testifies = !restoring_;
    tell_marks(x, id);
  }
  return x;
}

void cluster_state::tell_marks(node_report& into, const std::string& id) {
  const auto i = members_->members().find(id);
  uint64_t heard = 0;
  if (i != members_->members().end()) {
    const auto& its = i->second.report;
    if (its.heard_boot == options_.boot)
      heard = its.marks_heard;
    into.marks_heard = i->second.marks_heard;
    into.heard_boot = its.boot;
  }
  into.marks_told = heard;
  for (auto& [number, engine, mark] : marks_.since(heard, marks_per_report)) {
    if (auto* its = find(into.stripes, engine))
      its->marks.push_back(std::move(mark));
    into.marks_told = number;
  }
}

void cluster_state::heard_answer(const std::string& address,
                                 const node_report& from) {
  auto* found = members_->find_contact(address);
  if (found == nullptr)
    return;
  auto& at = *found;
  at.pinged.reset();
  at.pause.reset();
  at.id = from.id;
  if (from.id != options_.id) {
    hear(from);
    return acquit(address);
  }
  if (from.boot == options_.boot)
    return members_->missed(at, "it is this node itself", self_->clock().now());
  if (gives_way(report_for({}), from))
    accuse(address, "node " + options_.id + " runs at " + address + " already");
}

void cluster_state::ping_failed(const std::string& address,
                                const error& reason) {
  auto* found = members_->find_contact(address);
  if (found == nullptr)
    return;
  auto& at = *found;
  at.pinged.reset();
  at.reason = reason.context;
  if (reason.code == ec::in_use)
    accuse(address, reason.context);
}

// -- what this node hears -----------------------------------------------------

caf::result<node_report> cluster_state::ping(node_report& from) {
  if (!from.cluster.empty() && !options_.cluster.empty()
      && from.cluster != options_.cluster)
    return to_caf({ec::wrong_owner,
                   "this is a node of the cluster " + options_.cluster
                     + ", not of " + from.cluster});
  if (from.id == options_.id) {
    if (from.boot != options_.boot && !gives_way(report_for({}), from))
      return to_caf({ec::in_use,
                     "node " + options_.id + " is running already, at "
                       + options_.address
                       + ": two processes have one identity; give the copied "
                         "one a new state directory"});
    if (from.boot != options_.boot)
      accuse(from.address,
             "node " + options_.id + " runs at " + from.address + " already");
    return report_for({});
  }
  if (!hear(from))
    return to_caf({ec::in_use,
                   "node " + from.id
                     + " is running already: two processes have one identity; "
                       "give the copied one a new state directory"});
  watch(members_->members().at(from.id));
  return report_for(from.id);
}

// With its pings' sender a process ends, also one that is reached no more since
// it closed its port before.
void cluster_state::watch(member& x) {
  const auto sender = caf::actor_cast<caf::actor_addr>(self_->current_sender());
  if (!sender || x.speaker == sender)
    return;
  self_->monitor(sender);
  x.speaker = sender;
}

bool cluster_state::hear(const node_report& from) {
  const auto known = members_->members().find(from.id);
  const bool news = known == members_->members().end() || !known->second.alive;
  if (members_->hear(from, self_->clock().now()) == membership::verdict::twin)
    return false;
  begin_ticks();
  auto& x = members_->members().at(from.id);
  if (news)
    spdlog::info("cluster: node {} is there ({}{})", x.label, from.id,
                 from.address.empty() ? "" : ", " + from.address);
  stop(owned_->recall(from.remembered));
  stop(owned_->hear(from));
  announce(x);
  if (!from.testifies)
    return true;
  x.testified = true;
  witnessed_ = true;
  if (std::exchange(unwitnessed_, false))
    reopen();
  return true;
}

caf::result<caf::ok_atom> cluster_state::claim(const node_report& from) {
  if (auto done = owned_->consent(from); !done)
    return to_caf(done.error());
  return caf::ok_atom_v;
}

// The same request finds its gift again; spares go before anything is split.
caf::result<sent_gift> cluster_state::split(const split_request& to) {
  if (auto before = owned_->given(to.request))
    return sent(*before);
  // A spare of an old ledger may be somebody's by now.
  if (restoring_)
    return to_caf({ec::unavailable,
                   "this node was restored, and has not heard all others yet"});
  auto spare = owned_->give_spare(to);
  if (!spare)
    return to_caf(spare.error());
  if (*spare)
    return sent(**spare);
  const auto own = widest_own();
  if (auto whom = whom_to_ask(to, own)) {
    auto passed_on = to;
    passed_on.passed_on = true;
    return self_->delegate(whom, split_atom_v, std::move(passed_on));
  }
  if (!own)
    return to_caf({ec::unavailable,
                   "no stripe here can be split: none is open and this "
                   "cluster's alone"});
  auto promise = self_->make_response_promise<sent_gift>();
  split_own(own->engine, to, [this, promise](const result<gift>& x) mutable {
    if (x)
      promise.deliver(sent(*x));
    else
      promise.deliver(to_caf(x.error()));
  });
  return caf::delegated<sent_gift>{}; // By the promise.
}

std::optional<held_stripe> cluster_state::widest_own() {
  std::optional<held_stripe> widest;
  for (const auto& x : report_for({}).stripes)
    if (may_be_split(x) && (!widest || is_wider(x, *widest)))
      widest = x;
  return widest;
}

// A peer that keeps a spare, or has a wider stripe than one's own; none where
// there is no such peer, or a peer passed the request on already.
node_actor cluster_state::whom_to_ask(const split_request& to,
                                      const std::optional<held_stripe>& own) {
  if (to.passed_on)
    return {};
  auto widest = own;
  node_actor whose;
  for (const auto& [id, other] : members_->members()) {
    auto handle = members_->reach(id);
    if (!other.alive || !handle || id == to.id)
      continue;
    for (const auto& x : other.report.spares)
      if (!x.taken)
        return handle;
    for (const auto& x : other.report.stripes)
      if (may_be_split(x) && (!widest || is_wider(x, *widest))) {
        widest = x;
        whose = handle;
      }
  }
  return whose;
}

void cluster_state::split_own(
  const std::string& engine, const split_request& to,
  const std::function<void(const result<gift>&)>& done) {
  self_
    ->request(engines_[engine].owner, options_.peer_timeout, split_atom_v, to)
    .then(
      [this, done, engine](const gift& x) {
        spdlog::info("cluster: engine {} gave {} {}", engine,
                     to_string(x.stripe),
                     x.to.empty() ? "to be kept as a spare" : "to " + x.to);
        if (const auto held = owned_->held(); engines_[engine].owner)
          self_->send(router_, up_atom_v, engine, find(held, engine)->stripe,
                      engine_actor{engines_[engine].owner});
        done(x);
      },
      [done](const caf::error& reason) {
        done(tl::unexpected{from_caf(reason)});
      });
}

sent_gift cluster_state::sent(const gift& x) const {
  return {x, options_.id, options_.boot};
}

bool cluster_state::is_void(const sent_gift& x) const {
  const auto giver = members_->members().find(x.from);
  return giver != members_->members().end()
    && giver->second.report.boot != x.boot;
}

caf::result<caf::ok_atom> cluster_state::hand(const sent_gift& x) {
  if (is_void(x))
    return to_caf({ec::unavailable, "a later process of the giver was heard"});
  if (auto done = owned_->keep_spare(x.what); !done)
    return to_caf(done.error());
  return caf::ok_atom_v;
}

// What this node knows counts as much as what the one knows that adopts.
caf::result<caf::ok_atom>
cluster_state::bury(const std::set<std::string>& dead,
                    const std::vector<testimony>& theirs) {
  const auto why = objection_to_burial(dead);
  if (auto done
      = why ? fail(ec::wrong_owner, *why) : owned_->bury(dead, theirs);
      !done)
    return to_caf({done.error().code,
                   described(options_.id, options_.name)
                     + " objects: " + done.error().context});
  return caf::ok_atom_v;
}

} // namespace intd
