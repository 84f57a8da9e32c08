// A router on a simulated system, before engine actors that answer as the test
// says.
#pragma once

#include "actors/router.hpp"
#include "tests/support/simulated_system.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace intd::test {

// An engine actor that answers when the test says so.
struct desk {
  // Answers at once with these while there are any.
  std::deque<ec> codes;
  // Else holds the request until it is flushed.
  bool holds = false;
  std::deque<caf::typed_response_promise<reserved>> held;
  int64_t next = 1;
  int64_t last = 0;
  ec last_code = ec::none;
  ec raise_code = ec::none;
  std::vector<int64_t> raised;
  size_t asked = 0;
};

inline caf::result<reserved> reserve_at(engine_actor::pointer self, desk* d,
                                        int64_t count) {
  ++d->asked;
  if (!d->codes.empty()) {
    auto code = d->codes.front();
    d->codes.pop_front();
    return to_caf({code, "as told"});
  }
  if (d->holds) {
    d->held.push_back(self->make_response_promise<reserved>());
    return caf::delegated<reserved>{};
  }
  run given{d->next, 1, count};
  d->next += count;
  return reserved{{given}};
}

inline engine_actor::behavior_type fake_engine(engine_actor::pointer self,
                                               desk* d) {
  return {
    [self, d](reserve_atom, const std::string&, int64_t count) {
      return reserve_at(self, d, count);
    },
    [d](last_atom, const std::string&) -> caf::result<int64_t> {
      if (d->last_code != ec::none)
        return to_caf({d->last_code, "as told"});
      return d->last;
    },
    [d](raise_atom, const std::string&,
        int64_t value) -> caf::result<caf::ok_atom> {
      if (d->raise_code != ec::none)
        return to_caf({d->raise_code, "as told"});
      d->raised.push_back(value);
      return caf::ok_atom_v;
    },
    [d](flush_atom) {
      for (; !d->held.empty(); d->held.pop_front())
        d->held.front().deliver(reserved{{{d->next++, 1, 1}}});
    },
    [](drain_atom) {
      return caf::ok_atom_v;
    },
  };
}

// A router with three stripes: a mints from 1,000, b from 2,000, c from 3,000.
struct router_fixture : simulated_system {
  explicit router_fixture(strategy s = strategy::local) {
    options.strategy = s;
    options.request_timeout = std::chrono::milliseconds{5'000};
    options.engine_timeout = std::chrono::milliseconds{2'000};
    options.set_aside_min = std::chrono::milliseconds{100};
    options.set_aside_max = std::chrono::milliseconds{350};
    options.waiting_max = 10;
  }

  ~router_fixture() {
    for (auto& [name, d] : desks)
      d.held.clear();
    for (const auto& engine : spawned)
      kill(engine);
    kill(x);
  }

  void start(size_t stripes) {
    x = sys.spawn(router, options);
    settle();
    for (size_t i = 0; i < stripes; ++i)
      up(std::string(1, "abc"[i]), static_cast<int64_t>(i) + 1);
  }

  void up(const std::string& name, int64_t offset) {
    auto& d = desks[name];
    d.next = offset * 1'000;
    engines[name] = sys.spawn(fake_engine, &d);
    spawned.push_back(engines[name]);
    caf::anon_send(x, up_atom_v, name, stripe{offset, 3}, engines[name]);
    settle();
  }

  void down(const std::string& name, const std::string& reason) {
    caf::anon_send(x, down_atom_v, name, reason);
    settle();
  }

  reply_ptr<reserved> reserve(int64_t count = 1) {
    auto r = ask<reserved>(x, reserve_atom_v, std::string{"k"}, count);
    settle();
    return r;
  }

  // The first integer, 0 for an error.
  int64_t mint() {
    auto r = reserve();
    BOOST_TEST(r->answers == 1u);
    return r->value ? r->value->runs.at(0).first : 0;
  }

  void flush(const std::string& name) {
    caf::anon_send(engines[name], flush_atom_v);
    settle();
  }

  void check_refused(const reply_ptr<reserved>& r, ec code) {
    BOOST_TEST(r->answers == 1u);
    BOOST_TEST(!r->value);
    BOOST_TEST(to_string(r->failure.code) == to_string(code));
  }

  void check_served(const reply_ptr<reserved>& r, int64_t first) {
    BOOST_TEST(r->answers == 1u);
    BOOST_REQUIRE(r->value);
    BOOST_TEST(r->value->runs.at(0).first == first);
  }

  std::vector<stripe_status> status() {
    auto r = ask<router_status>(x, status_atom_v);
    settle();
    BOOST_REQUIRE(r->value);
    return r->value->stripes;
  }

  router_options options;
  router_actor x;
  std::map<std::string, desk> desks;
  std::map<std::string, engine_actor> engines;
  std::vector<engine_actor> spawned;
};

} // namespace intd::test
