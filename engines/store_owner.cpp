#include "engines/store_owner.hpp"

namespace intd {

// The store's own record decides, so that two configurations cannot disagree.
result<void> check_owner(engine& store, const std::string& node_id, bool shared,
                         claim_mode how) {
  const auto it = "the store " + std::string{store.name()};
  if (shared && store.durable() != durability::durable)
    return fail(ec::wrong_owner,
                it
                  + " may forget what it answered, so it cannot be shared; "
                    "change its settings, or give each node a store and a "
                    "stripe of its own");
  const auto mine = shared ? std::string{shared_by_nodes} : node_id;
  const auto recorded = store.claim(mine, how);
  if (!recorded)
    return tl::unexpected{recorded.error()};
  if (*recorded == mine)
    return {};
  const bool by_all = *recorded == shared_by_nodes;
  return fail(
    ec::wrong_owner,
    it + " is "
      + (by_all ? "shared by several nodes" : "node " + *recorded + "'s")
      + ", this is node " + node_id
      + ": give it a store and a stripe of its own, or "
      + (by_all ? "share it too (shared = true)"
                : "let all its nodes share it (shared = true)")
      + ", or, where no other node will ever mint from it again, "
        "start once with -take-over");
}

result<std::optional<store_record>>
check_epoch(engine& store, const stripe& mine, uint64_t epoch) {
  auto there = store.held();
  if (!there || !*there || (*there)->epoch <= epoch)
    return there;
  return fail(ec::wrong_owner,
              "the store " + std::string{store.name()}
                + " records that its owner has " + to_string((*there)->stripe)
                + " (epoch " + std::to_string((*there)->epoch)
                + "), while this state directory knows of " + to_string(mine)
                + " (epoch " + std::to_string(epoch)
                + "): it was restored from a backup that is older than a "
                  "split, so what it would mint may be another node's; "
                  "start with a new state directory and a new store to "
                  "join anew, or, where no part of the stripe was given "
                  "away, once with -take-over");
}

result<void> check_record(engine& store, const store_record& mine,
                          claim_mode how) {
  if (how == claim_mode::if_free) {
    const auto there = check_epoch(store, mine.stripe, mine.epoch);
    if (!there)
      return tl::unexpected{there.error()};
    if (*there == mine)
      return {};
  }
  return store.hold(mine);
}

tl::unexpected<error> shared_store_went_back(const sequence& what) {
  return fail(ec::corrupt,
              "the store went back below what it gave of " + what.key
                + ", and other nodes share it, so nobody knows how far; raise "
                  "it above every integer that any node gave "
                  "(int -set-last-int N), or restore what it lost");
}

tl::unexpected<error> shared_store_changed(const std::string& identity,
                                           const std::string& before) {
  return fail(ec::wrong_owner,
              "the store is another one than before (its identity is "
                + identity + ", it was " + before
                + "), and other nodes share it: raise it above every integer "
                  "that any node gave (int -set-last-int N), then start each "
                  "node once with -take-over");
}

} // namespace intd
