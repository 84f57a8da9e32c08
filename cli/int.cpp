// int: mints integers from an engine, without a server, onto standard output.

#include "cli/integer_writer.hpp"
#include "cli/interruption.hpp"
#include "cli/progress.hpp"
#include "engines/engine.hpp"
#include "engines/guard/state_directory.hpp"
#include "engines/ledger_file.hpp"
#include "engines/registry.hpp"
#include "engines/store_owner.hpp"
#include "node/defaults.hpp"
#include "node/flags.hpp"
#include "node/open_engine.hpp"
#include "node/paths.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iostream>
#include <iterator>
#include <limits>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace intd;

constexpr const char* examples = R"(Examples:
  int
      the next integer of the embedded database (sqlite)
  int -count 1000000 > integers.txt
      a million of them
  int -engine sqlite -dsn sqlite:///var/tmp/a.db -key orders
      another database, another sequence
  int -set-offset 2 -set-increment 2 -continuous | head
      even integers only, until the reader has enough
  int -set-last-int 1000
      1001, and on from there

Where intd-server runs on the same database, ask it: intd-client.
Exit codes: 0 fine, 1 failed, 2 usage.
)";

// Integers of one reservation. A large count takes few; -continuous begins with
// one and doubles, for whoever reads may want but one.
constexpr int64_t largest_run = int64_t{1} << 20;
constexpr int64_t largest_continuous_run = 1'024;

struct wanted {
  std::string engine{defaults::engine};
  std::string dsn;
  std::string state_dir;
  bool shared = false;
  bool take_over = false;
  std::string key{defaults::key};
  int64_t last = 0;
  int64_t offset = 0;
  int64_t increment = 0;
  int64_t count = 1;
  bool continuous = false;
  /// Of the stripe, as the node's state says; 0: no node ran there.
  uint64_t epoch = 0;
  /// Above these it goes on: what others gave of the key and of the stripe
  /// before.
  std::vector<key_mark> floors;
  int64_t above = 0;

  [[nodiscard]] sequence what() const {
    return {key,
            {std::max(offset, int64_t{1}), std::max(increment, int64_t{1})}};
  }
};

std::string engine_list() {
  std::string all;
  for (auto name : engine_names())
    all.append(all.empty() ? "" : ", ").append(name);
  return all;
}

void add_flags(flags& from, wanted& x) {
  from.add_text("engine", x.engine, "the store: " + engine_list());
  from.add_text("dsn", x.dsn,
                "its data source name, as sqlite:///path/file.db, "
                "user:pass@tcp(host)/db, redis://host, http://host",
                "integers.db in the state directory; for redis, rqlite and "
                "summitdb, their ports of localhost");
  from.add_text("key", x.key, "the sequence to mint");
  from.add_integer("count", x.count, 1, max_integer, "how many integers");
  from.add_switch("continuous", x.continuous, "mint until interrupted");
  from.add_integer("set-last-int", x.last, 0, max_integer,
                   "raise the last integer to N first; 0: as it is");
  from.add_integer("set-offset", x.offset, 0, max_integer,
                   "mint integers equal to N modulo the increment",
                   "1, or as the node's state says");
  from.add_integer("set-increment", x.increment, 0, max_integer,
                   "the step between integers",
                   "1, or as the node's state says");
  from.add_switch("shared", x.shared,
                  "with a guard: nodes mint from the store too");
  from.add_switch("take-over", x.take_over,
                  "with a guard: take the store over from the node that it "
                  "belongs to, which must never mint from it again");
  from.add_text("state-dir", x.state_dir,
                "where the guard keeps what was given; with it, every engine "
                "is guarded",
                "${XDG_STATE_HOME:-~/.local/state}/intd");
}

int failed(const std::string& text) {
  std::cerr << "int: " << text << "\n";
  return exit_failed;
}

int failed(const error& reason) {
  auto text = to_string(reason);
  if (reason.code == ec::in_use)
    text += "; if that is intd-server, ask it for integers: intd-client";
  return failed(text);
}

// Others hold the state directory for moments only, unless it is a server.
result<std::shared_ptr<state_directory>>
open_state(const std::filesystem::path& path) {
  using clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause{5};
  const auto deadline = clock::now() + defaults::busy;
  for (;;) {
    auto state = state_directory::open(path, {});
    if (state || state.error().code != ec::in_use || interrupted()
        || clock::now() + pause > deadline)
      return state;
    std::this_thread::sleep_for(pause);
  }
}

// A node that ran here may have given a part of its integers to others. What it
// has is minted where nothing else is asked for, and nothing else is ever.
result<void> keep_to_stripe(const state_directory& state, wanted& x) {
  const auto recorded = read_ledger(state);
  if (!recorded)
    return tl::unexpected{recorded.error()};
  for (const auto& mine : recorded->holdings) {
    if (mine.engine != defaults::engine_name || mine.claimed_s == 0)
      continue;
    x.epoch = mine.epoch;
    std::copy_if(mine.floors.begin(), mine.floors.end(),
                 std::back_inserter(x.floors), [&x](const key_mark& floor) {
                   return floor.key == x.key;
                 });
    x.above = mine.above;
    if (x.offset == 0 && x.increment == 0)
      std::tie(x.offset, x.increment)
        = std::tie(mine.stripe.offset, mine.stripe.increment);
    if (mine.left || !within(x.what().stripe, mine.stripe))
      return fail(ec::wrong_owner,
                  to_string(x.what().stripe) + " is not this node's, which "
                    + (mine.left ? "handed its stripe over"
                                 : "has " + to_string(mine.stripe))
                    + "; leave -set-offset and -set-increment out, or ask a "
                      "node for integers (intd-client)");
  }
  return {};
}

// The state of the node that the store belongs to tells its stripe, unless it
// is older than what the store records. Without that state the record tells;
// but a store whose stripe may be split at any moment is for its owner only.
result<void> keep_to_record(engine& store, bool owned, wanted& x) {
  if (x.epoch != 0)
    return check_epoch(store, x.what().stripe, x.epoch).map([](const auto&) {});
  const auto recorded = store.held();
  if (!recorded)
    return tl::unexpected{recorded.error()};
  if (!*recorded)
    return {};
  const auto& its = (*recorded)->stripe;
  if ((*recorded)->alone && !owned)
    return fail(ec::wrong_owner,
                "the store belongs to a node alone, which has " + to_string(its)
                  + " and may give a part of it away at any moment; ask that "
                    "node for integers (intd-client), or give its -state-dir "
                    "while it does not run");
  if (x.offset == 0 && x.increment == 0)
    std::tie(x.offset, x.increment) = std::tie(its.offset, its.increment);
  if (within(x.what().stripe, its))
    return {};
  return fail(ec::wrong_owner,
              to_string(x.what().stripe) + " is not within " + to_string(its)
                + ", which the node has that the store belongs to; leave "
                  "-set-offset and -set-increment out");
}

// A guard opens no store but its node's own.
result<engine_ptr> open_within(const engine_settings& settings, wanted& x) {
  auto opened = open_engine(settings);
  if (!opened)
    return opened;
  const bool owned = settings.state != nullptr;
  const auto fine = keep_to_record(**opened, owned, x).and_then([&opened, &x] {
    return raise_above(**opened, x.what().stripe, x.floors);
  });
  if (!fine) {
    std::ignore = (*opened)->close();
    return tl::unexpected{fine.error()};
  }
  return opened;
}

// Opens the engine, behind a guard where
// - the store forgets: only the guard makes it safe,
// - -state-dir asks for it,
// - it is the node's own store, and a node that ran here guards it: then an old
//   backup of the store makes no duplicate here either.
// Otherwise the store's own durability and exclusive lock have to do.
result<engine_ptr> open(wanted& x) {
  engine_settings settings;
  settings.name = defaults::engine_name;
  settings.engine = x.engine;
  const bool own_store = x.dsn.empty() && x.engine == defaults::engine;
  settings.dsn
    = x.dsn.empty() && !own_store ? default_dsn(x.engine, {}) : x.dsn;
  settings.guard_block = defaults::guard_block;
  settings.shared = x.shared;
  settings.claim = x.take_over ? claim_mode::take_over : claim_mode::if_free;
  settings.warn = [](std::string_view text) {
    std::cerr << "int: " << text << "\n";
  };
  const bool guarded = x.engine == "memory" || !x.state_dir.empty();
  settings.stripe = x.what().stripe;
  if (!own_store && !guarded)
    return open_within(settings, x);
  auto path = x.state_dir.empty() ? default_state_dir()
                                  : std::filesystem::path{x.state_dir};
  auto state = path.and_then(open_state);
  if (!state)
    return tl::unexpected{state.error()};
  if (auto fine = keep_to_stripe(**state, x); !fine)
    return tl::unexpected{std::move(fine.error())};
  settings.stripe = x.what().stripe;
  if (settings.dsn.empty())
    settings.dsn = default_dsn(x.engine, (*state)->path());
  settings.above = x.above;
  // A stripe that it was given is minted by its guard alone.
  if (guarded || (*state)->knows_guard(settings.name) || x.epoch != 0)
    settings.state = *state;
  return open_within(settings, x);
}

// Mints until the count is reached, the output fails, or a signal comes.
result<void> mint(engine& store, const wanted& x, integer_writer& out) {
  auto show = !x.continuous && wants_progress(x.count);
  progress bar{x.count, show ? draw_on_terminal : progress::sink{}};
  auto left = x.continuous ? std::numeric_limits<int64_t>::max() : x.count;
  auto most = x.continuous ? 1 : largest_run;
  const auto what = x.what();
  while (left > 0 && !interrupted()) {
    auto given = store.reserve(what, std::min(left, most));
    if (!given) {
      bar.clear();
      return tl::unexpected{given.error()};
    }
    if (!out.put(*given) || (x.continuous && !out.flush()))
      break;
    left -= given->count;
    bar.advance(given->count);
    if (x.continuous)
      most = std::min(2 * most, largest_continuous_run);
  }
  bar.clear();
  return {};
}

int finish(const wanted& x, const integer_writer& out) {
  // A reader that has had enough is how -continuous ends.
  if (x.continuous && (out.failure() == EPIPE || out.failure() == 0))
    return exit_fine;
  if (out.failure() == 0 && out.written() == x.count)
    return exit_fine;
  auto so_far = std::to_string(out.written()) + " of "
    + (x.continuous ? "endless" : std::to_string(x.count))
    + " integers were written; the others are skipped";
  if (out.failure() == 0)
    return failed("interrupted: " + so_far);
  return failed(std::string{"cannot write to standard output: "}
                + std::strerror(out.failure()) + "; " + so_far);
}

int run_with(wanted& x) {
  catch_interruption();
  auto store = open(x);
  if (!store)
    return failed(store.error());
  if (x.last != 0)
    if (auto raised = (*store)->set_last(x.what(), x.last); !raised) {
      std::ignore = (*store)->close();
      return failed(raised.error());
    }
  integer_writer out{STDOUT_FILENO, interrupted};
  auto minted = mint(**store, x, out);
  std::ignore = out.flush();
  auto closed = (*store)->close();
  if (!minted)
    return failed(minted.error());
  if (!closed)
    return failed(closed.error());
  return finish(x, out);
}

} // namespace

int main(int argc, char** argv) {
  claim_standard_descriptors();
  flags all{{"int", "mints unique integers, one a line", examples}};
  wanted x;
  add_flags(all, x);
  if (auto code = all.parse(argc, argv, std::cout, std::cerr))
    return *code;
  const auto what = x.what();
  if (!valid_key(what.key))
    return all.misused("-key: found '" + what.key
                         + "', expected a letter or _, then up to 63 letters, "
                           "digits or _",
                       std::cerr);
  if (x.state_dir.starts_with("~"))
    return all.misused("-state-dir: found '" + x.state_dir
                         + "', expected a path; ~ is for shells",
                       std::cerr);
  if (!valid(what.stripe))
    return all.misused("-set-offset is " + std::to_string(what.stripe.offset)
                         + ", above -set-increment, which is "
                         + std::to_string(what.stripe.increment)
                         + "; give one from 1 to the increment",
                       std::cerr);
  if (x.continuous && all.given("count"))
    return all.misused("-count and -continuous exclude each other", std::cerr);
  return run_with(x);
}
