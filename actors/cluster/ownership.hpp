// Who owns which stripe, as far as this node is concerned: what it may mint on,
// what it gives away, what it believes of its peers. Every decision of the
// cluster that safety hangs on is taken here, over the node's ledger, and is
// durable before the call returns. None hangs on time.
//
// Engines ask before they open (`permit`, on their threads); the cluster actor
// brings what peers say. Plain and thread-safe: nothing is sent from here.
#pragma once

#include "actors/cluster/claims.hpp"
#include "actors/cluster/messages.hpp"
#include "actors/engine_actor.hpp"
#include "engines/ledger.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace intd {

/// What the configuration says of one engine's stripe.
struct stripe_terms {
  std::string engine;
  /// Nothing: the cluster gives one.
  std::optional<intd::stripe> fixed;
  /// Other nodes mint from the store too.
  bool shared = false;
  /// Half of it may be given away: nobody but this node mints from the store.
  bool splits = false;
};

struct ownership_options {
  std::string node_id;
  std::string name;
  std::vector<stripe_terms> engines;
  /// There is no cluster to ask for a stripe: this node is the first.
  bool first = false;
  /// No peer is configured.
  bool alone = false;
  /// The state directory was restored from a backup.
  bool restored = false;
  /// Seconds since 1970, for `holding::claimed_s`.
  int64_t now_s = 1;
  /// Writes the ledger durably. None: in simulations, which have no disk.
  std::function<result<void>(const ledger&)> write;
};

/// What an engine waits for before it may mint.
enum class stripe_need {
  nothing,
  /// Every configured peer has to record its claim.
  consent,
  /// A peer should say what it remembers.
  witness,
  /// A peer has to give it a stripe.
  gift,
};

class ownership {
public:
  /// By engine: why it must not mint.
  using reasons = std::map<std::string, std::string>;

  /// Takes up what the ledger holds. Fails with `wrong_owner` where the
  /// configuration contradicts it, or as the ledger's writing does.
  [[nodiscard]] static result<std::shared_ptr<ownership>>
  open(ownership_options options, ledger recorded);

  // -- engines ----------------------------------------------------------------

  /// Tells the stripe to mint on. Fails with `unavailable`, and why: it waits,
  /// was refused, or was handed over.
  [[nodiscard]] result<stripe> permit(const std::string& engine) const;

  /// Tells what the engine's store should have on record of its stripe.
  [[nodiscard]] store_record record(const std::string& engine) const;

  /// Tells above what the engine has to mint, by key: what its giver gave, and
  /// what peers remember.
  [[nodiscard]] std::vector<key_mark> floors(const std::string& engine) const;

  /// Tells the integer above which the engine mints every key.
  [[nodiscard]] int64_t above(const std::string& engine) const;

  /// Notes the identity of the engine's store.
  void opened(const std::string& engine, const std::string& store);

  /// Gives half of the engine's stripe away, or all of it. What goes to this
  /// very node is kept as a spare.
  [[nodiscard]] result<ceded> cede(const std::string& engine,
                                   const split_request& to, bool split,
                                   const std::vector<key_mark>& floors);

  // -- this node's stripes ----------------------------------------------------

  [[nodiscard]] stripe_need need(const std::string& engine) const;

  /// Tells the request of an engine that needs a gift.
  [[nodiscard]] std::string request_of(const std::string& engine) const;

  /// Lets an engine mint: nobody objected.
  [[nodiscard]] result<void> clear(const std::string& engine);

  /// Forbids an engine to mint, until `lift` for the same `cause`, and says
  /// why it does not start.
  void refuse(const std::string& engine, const std::string& cause,
              const std::string& reason);
  void lift(const std::string& engine, const std::string& cause);

  /// Takes a stripe into possession. One that comes twice, or to an engine that
  /// has one, changes nothing.
  [[nodiscard]] result<void> receive(const std::string& engine, const gift& x);

  /// Describes every engine's stripe and all spares, for a report; what only
  /// the running engine knows is left empty.
  [[nodiscard]] std::vector<held_stripe> held() const;

  // -- peers ------------------------------------------------------------------

  /// Remembers a peer's stripes. Returns the engines of this node that have to
  /// stop because of them, each with the reason.
  [[nodiscard]] reasons hear(const node_report& peer);

  /// Records a peer's claims durably, unless one overlaps what others have:
  /// `wrong_owner`, naming both.
  [[nodiscard]] result<void> consent(const node_report& peer);

  /// Tells how far any other node gave each key.
  [[nodiscard]] std::map<std::string, int64_t> furthest() const;

  /// Tells the other nodes that said they have a stripe: id and name.
  [[nodiscard]] std::map<std::string, std::string> others() const;

  /// Tells where other nodes were reached.
  [[nodiscard]] std::vector<std::string> addresses() const;

  /// Tells what is remembered of a node.
  [[nodiscard]] std::vector<testimony>
  remembered(const std::string& node_id) const;

  /// Takes note of what a peer remembers of this node. Returns why an engine
  /// must not mint: its state is older than what the peer saw.
  [[nodiscard]] reasons recall(const std::vector<testimony>& told);

  /// Makes durable what was heard, if it is not yet.
  [[nodiscard]] result<void> save();

  // -- stripes on their way ---------------------------------------------------

  /// Finds the gift that answers this request, if one was given.
  [[nodiscard]] std::optional<gift> given(const std::string& request) const;

  /// Gives a spare, if there is one.
  [[nodiscard]] result<std::optional<gift>> give_spare(const split_request& to);

  /// Keeps a stripe for whoever asks next. One that is kept, or was given
  /// further already, changes nothing. Fails with `wrong_owner` where it, or a
  /// part of it, became another node's after it was sent.
  [[nodiscard]] result<void> keep_spare(const gift& x);

  /// Tells what the nodes of these ids, which are dead, said they had, or were
  /// given, at the epochs that an adoption gives their stripes. Fails with
  /// `wrong_owner` where that is not known, or another node has a part of it.
  [[nodiscard]] result<std::vector<testimony>>
  to_adopt(const std::set<std::string>& dead) const;

  /// Records that the nodes of these ids are dead, and these stripes of theirs
  /// (from `to_adopt`, of a peer) to be given away: they will be told. Fails
  /// with `wrong_owner` where this node knows who else has a part of them.
  [[nodiscard]] result<void> bury(const std::set<std::string>& dead,
                                  const std::vector<testimony>& theirs);

  /// Keeps these stripes for whoever asks next, who mints every key above
  /// `above`; a stripe within another one of them is a part of that. Every peer
  /// has to have buried their owners before.
  [[nodiscard]] result<void> adopt(const std::vector<testimony>& dead,
                                   int64_t above);

  /// Tells the stripes that were handed over and are not known to have arrived.
  [[nodiscard]] std::vector<gift> under_way() const;

  /// Notes that a stripe arrived.
  [[nodiscard]] result<void> arrived(const std::string& request);

  /// Tells the ids of the nodes of which it is not certain that they got what
  /// they were given.
  [[nodiscard]] std::set<std::string> receivers() const;

  [[nodiscard]] std::vector<gift> gifts() const;
  [[nodiscard]] std::vector<gift> spares() const;

private:
  /// One engine of this node.
  struct estate {
    stripe_terms terms;
    bool cleared = false;
    /// Why it must not mint, by who says so: any one is enough.
    reasons refusals;
    std::string store;
    /// What peers remember.
    std::vector<key_mark> witnessed;
  };

  /// What this node knows of who has a stripe, and the words for whom.
  struct known_claim {
    claim what;
    std::string whose;
  };

  explicit ownership(ownership_options options, ledger recorded);

  [[nodiscard]] result<void> start();
  [[nodiscard]] result<void> clear_now(const std::string& engine);
  [[nodiscard]] result<void> begin(const stripe_terms& terms);
  [[nodiscard]] result<void> keep_fixed(holding& mine, const stripe& fixed);
  [[nodiscard]] const holding* holding_of(const std::string& engine) const;
  [[nodiscard]] store_record record_of(const holding& x) const;
  [[nodiscard]] stripe claimed(const std::string& engine) const;
  [[nodiscard]] std::vector<known_claim> known_claims() const;
  [[nodiscard]] std::optional<std::string>
  objection(const stripe& x, const std::string& claimant,
            const std::string& store, bool shared) const;
  [[nodiscard]] std::optional<std::string> precedence(const claim& other) const;
  bool remember(ledger& into, const node_report& peer) const;
  void judge(const std::string& engine, const node_report& peer,
             reasons& stopped);
  void recall(const std::string& engine, estate& x, const testimony& t,
              reasons& stopped) const;
  void drop_spares(const node_report& peer);
  [[nodiscard]] std::optional<std::string> not_to_keep(const gift& x) const;
  [[nodiscard]] std::vector<testimony>
  left_by(const std::set<std::string>& dead) const;
  [[nodiscard]] std::optional<std::string>
  not_to_adopt(const testimony& t, uint64_t epoch,
               const std::set<std::string>& dead) const;
  void bury(ledger& into, const std::vector<testimony>& dead) const;
  /// Changes the ledger durably, or not at all; a failed write is sticky, since
  /// nobody knows what is on the disk.
  [[nodiscard]] result<void> commit(ledger next);

  mutable std::mutex mutex_;
  ownership_options options_;
  ledger ledger_;
  std::map<std::string, estate> estates_;
  bool unsaved_ = false;
  std::optional<error> fault_;
};

/// Draws the request by which a node keeps half of a stripe as a spare.
[[nodiscard]] std::string spare_request();

/// Names the request by which a node hands an engine's stripe over.
[[nodiscard]] std::string leave_request(const std::string& node_id,
                                        const std::string& engine);

} // namespace intd
