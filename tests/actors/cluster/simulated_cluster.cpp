#include "tests/actors/cluster/simulated_cluster.hpp"

#include "engines/store_owner.hpp"

#include <caf/exit_reason.hpp>

#include <boost/test/unit_test.hpp>

namespace intd::test {

using std::chrono::milliseconds;

namespace {

// As the guard does, it keeps account of what it gave, and above what it has to
// stay.
class remembering_engine final : public scripted_engine {
public:
  remembering_engine(scripted_store_ptr store, int64_t above)
    : scripted_engine(store), store_(std::move(store)), above_(above) {
    // nop
  }

  result<run> reserve(const sequence& what, int64_t count) override {
    auto& mark = store_->marks[what.key];
    mark = std::max(mark, above_);
    return scripted_engine::reserve(what, count);
  }

  result<std::vector<key_mark>> marks(marks_of) override {
    std::vector<key_mark> all;
    for (const auto& [key, last] : store_->marks)
      all.push_back({key, last, last});
    return all;
  }

private:
  scripted_store_ptr store_;
  int64_t above_;
};

// One direction of a connection, while nobody cuts it.
class wire {
public:
  wire(node_actor::pointer self, node_actor to, std::function<bool()> cut)
    : self_(self), to_(std::move(to)), cut_(std::move(cut)) {
    // nop
  }

  // A promise that nobody delivers is an answer that never comes.
  template <class Answer, class Atom, class... Ts>
  caf::result<Answer> pass(Atom atom, Ts&... xs) const {
    auto promise = self_->make_response_promise<Answer>();
    if (!cut_())
      self_->request(to_, caf::infinite, atom, std::move(xs)...)
        .then(
          [promise, cut = cut_](Answer& it) mutable {
            if (!cut())
              promise.deliver(std::move(it));
          },
          [promise, cut = cut_](caf::error& reason) mutable {
            if (!cut())
              promise.deliver(std::move(reason));
          });
    return caf::delegated<Answer>{};
  }

private:
  node_actor::pointer self_;
  node_actor to_;
  std::function<bool()> cut_;
};

// What `from` sends to `to`.
node_actor::behavior_type link(node_actor::pointer self, node_actor to,
                               std::function<bool()> cut) {
  self->monitor(to);
  self->set_down_handler([self](const caf::down_msg&) {
    self->quit(caf::exit_reason::remote_link_unreachable);
  });
  const wire x{self, to, std::move(cut)};
  return {
    [self, to](reserve_atom, std::string& key, int64_t count) {
      return self->delegate(to, reserve_atom_v, std::move(key), count);
    },
    [self, to](last_atom, std::string& key) {
      return self->delegate(to, last_atom_v, std::move(key));
    },
    [x](ping_atom it, node_report& y) {
      return x.pass<node_report>(it, y);
    },
    [x](claim_atom it, node_report& y) {
      return x.pass<caf::ok_atom>(it, y);
    },
    [x](split_atom it, split_request& y) {
      return x.pass<sent_gift>(it, y);
    },
    [x](hand_atom it, sent_gift& y) {
      return x.pass<caf::ok_atom>(it, y);
    },
    [x](adopt_atom it, std::set<std::string>& y,
        std::vector<testimony>& theirs) {
      return x.pass<caf::ok_atom>(it, y, theirs);
    },
  };
}

} // namespace

dialer_actor::behavior_type dial_simulated(dialer_actor::pointer self,
                                           simulated_cluster* world,
                                           std::string from) {
  return {
    [self, world, from](dial_atom,
                        const std::string& address) -> caf::result<node_actor> {
      for (auto& [name, x] : world->nodes_) {
        if (x->address != address || !x->runs() || x->closed
            || world->is_cut(from, name))
          continue;
        auto made
          = self->spawn(link, node_actor{x->cluster}, [world, from, to = name] {
              return world->is_cut(from, to);
            });
        world->nodes_.at(from)->links.emplace_back(name, made);
        return made;
      }
      return to_caf({ec::unavailable, "nobody is at " + address});
    },
  };
}

simulated_cluster::~simulated_cluster() {
  for (const auto& [name, x] : nodes_)
    crash(name);
}

simulated_node& simulated_cluster::add(const std::string& name,
                                       const std::vector<std::string>& peers,
                                       std::optional<stripe> fixed) {
  auto x = std::make_unique<simulated_node>();
  x->name = name;
  x->address = name + ":1";
  x->fixed = fixed;
  x->first = peers.empty();
  for (const auto& peer : peers)
    x->peers.push_back(peer + ":1");
  return *(nodes_[name] = std::move(x));
}

ownership_options simulated_cluster::ownership_of(simulated_node& x) {
  ownership_options options;
  options.node_id = x.id();
  options.name = x.name;
  options.engines = {{"main", x.fixed, false, true}};
  options.first = x.first;
  options.restored = x.settings.restored;
  options.now_s = static_cast<int64_t>(++boots_);
  options.write = [&x](const ledger& next) -> result<void> {
    if (x.dying)
      return fail(ec::unavailable, "the process is dead");
    x.dying = x.dies_at_write && x.disk->writes++ >= *x.dies_at_write;
    if (!x.dying || x.dies_after_it)
      x.disk->written = next;
    if (x.dying)
      return fail(ec::unavailable, "the process dies");
    return {};
  };
  return options;
}

supervisor_options simulated_cluster::supervisor_of(simulated_node& x) {
  supervisor_options options;
  options.detached = false;
  options.engine.name = "main";
  options.engine.open
    = [owned = x.owned, store = x.disk->store]() -> result<engine_ptr> {
    auto made
      = std::make_unique<remembering_engine>(store, owned->above("main"));
    const auto within = owned->permit("main");
    if (!within)
      return tl::unexpected{within.error()};
    if (auto fine
        = check_record(*made, owned->record("main"), claim_mode::if_free);
        !fine)
      return tl::unexpected{std::move(fine.error())};
    if (auto raised = raise_above(*made, *within, owned->floors("main"));
        !raised)
      return tl::unexpected{raised.error()};
    owned->opened("main", "store");
    return made;
  };
  options.engine.cede = [owned = x.owned](const split_request& to, bool split,
                                          const auto& floors) {
    return owned->cede("main", to, split, floors);
  };
  options.permit = [owned = x.owned] {
    return owned->permit("main");
  };
  return options;
}

result<void> simulated_cluster::start(const std::string& name) {
  auto& x = at(name);
  x.dying = false;
  x.closed = false;
  auto owned = ownership::open(ownership_of(x), x.disk->written);
  if (!owned)
    return tl::unexpected{owned.error()};
  x.owned = *owned;
  auto options = x.settings;
  options.id = x.id();
  options.name = name;
  options.boot = std::to_string(++boots_);
  options.address = x.address;
  options.peers = x.peers;
  options.members.seed = boots_;
  x.router = sys.spawn(router, router_options{});
  x.dialer = sys.spawn(dial_simulated, this, name);
  x.cluster = sys.spawn(cluster, options, x.owned, x.router, x.dialer);
  x.supervisor = sys.spawn(supervisor, supervisor_of(x), x.router, x.cluster);
  settle();
  return {};
}

void simulated_cluster::crash(const std::string& name) {
  auto& x = at(name);
  if (!x.runs())
    return;
  // The supervisor takes its engine actor along.
  kill(x.supervisor);
  kill(x.cluster);
  kill(x.router);
  kill(x.dialer);
  for (const auto& [to, link] : std::exchange(x.links, {}))
    kill(link);
  x.supervisor = nullptr;
  x.cluster = nullptr;
  x.router = nullptr;
  x.dialer = nullptr;
  x.owned = nullptr;
}

void simulated_cluster::close_port(const std::string& name) {
  at(name).closed = true;
  for (const auto& [from, x] : nodes_)
    for (const auto& [to, link] : x->links)
      if (to == name)
        kill(link);
}

void simulated_cluster::cut(const std::string& from, const std::string& to,
                            bool off) {
  if (off)
    cut_.emplace(from, to);
  else
    cut_.erase({from, to});
}

size_t simulated_cluster::mint(const std::string& name, int64_t count,
                               const std::string& key) {
  auto answer = ask<reserved>(at(name).router, reserve_atom_v, key, count);
  settle();
  if (!answer->value)
    return 0;
  size_t came = 0;
  for (auto x : answer->value->runs)
    while (x.count > 0) {
      const auto integer = cut_front(x, 1).first;
      BOOST_TEST_REQUIRE(given_.emplace(key, integer).second,
                         key << " " << integer << " was given twice");
      ++came;
    }
  return came;
}

void simulated_cluster::pass(milliseconds x) {
  for (; x.count() > 0; --x) {
    advance(milliseconds{1});
    for (const auto& [name, node] : nodes_)
      if (node->dying && node->runs())
        crash(name);
  }
}

bool simulated_cluster::pass_until(const std::function<bool()>& condition,
                                   milliseconds max) {
  for (; max.count() > 0; max -= milliseconds{10}) {
    if (condition())
      return true;
    pass(milliseconds{10});
  }
  return condition();
}

cluster_status simulated_cluster::status_of(const std::string& name) {
  auto answer = ask<cluster_status>(at(name).cluster, status_atom_v);
  settle();
  BOOST_REQUIRE(answer->value.has_value());
  return *answer->value;
}

held_stripe simulated_cluster::held_by(const std::string& name) {
  return status_of(name).nodes.front().report.stripes.front();
}

bool simulated_cluster::mints_itself(const std::string& name) {
  return at(name).runs() && held_by(name).healthy;
}

} // namespace intd::test
