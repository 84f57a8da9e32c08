#include "engines/resp/summitdb.hpp"

#include "engines/resp/redis.hpp"
#include "engines/resp/redis_settings.hpp"
#include "engines/resp/resp_counter.hpp"
#include "engines/resp/resp_error.hpp"
#include "engines/resp/summitdb_leader.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace intd {

namespace {

// JavaScript's numbers are doubles, so marks are compared as decimal text: the
// longer one is greater. What is no mark stays as it is.
constexpr std::string_view raise_script = R"(
var held = sdb.call('get', KEYS[0]), to = ARGV[0];
held = held == null ? '0' : String(held);
if (/^(0|[1-9][0-9]*)$/.test(held) && (held.length < to.length
    || (held.length == to.length && held < to)))
  sdb.call('set', KEYS[0], to);
return held;
)";

// Adds the first argument to a key that holds at most the second.
constexpr std::string_view add_script = R"(
var held = sdb.call('get', KEYS[0]), most = ARGV[1];
held = held == null ? '0' : String(held);
if (/^(0|[1-9][0-9]*)$/.test(held) && (held.length < most.length
    || (held.length == most.length && held <= most)))
  sdb.call('incrby', KEYS[0], ARGV[0]);
return held;
)";

// A script costs SummitDB some milliseconds, INCRBY a tenth of that: up to
// here, and in steps up to there, nobody comes near the end by INCRBY.
constexpr int64_t plain_end = int64_t{1} << 62;
constexpr int64_t plain_width = int64_t{1} << 40;

constexpr int max_hops = 3;
constexpr int durability_probes = 5;

class summitdb final : public resp_counter {
public:
  summitdb(resp_connection connection, bool raft, durability durable,
           store_options options)
    : connection_{std::move(connection)},
      raft_{raft},
      durable_{durable},
      options_{std::move(options)} {
  }

  std::string_view name() const override {
    return "summitdb";
  }

  durability durable() const override {
    return durable_;
  }

protected:
  // A node that does not lead carries nothing out and says who does.
  result<resp_value> ask(const resp_command& command) override {
    auto answer = connection_.ask(command);
    for (int i = 0; i < max_hops && answer && answer->fails_with("TRY "); ++i) {
      if (auto done = follow(answer->text.substr(4)); !done)
        return tl::unexpected{std::move(done.error())};
      answer = connection_.ask(command);
    }
    return answer;
  }

  result<std::optional<int64_t>> add(const std::string& key, int64_t known,
                                     int64_t width) override {
    if (!raft_)
      return increment(key, width);
    if (known > plain_end || width > plain_width)
      return add_by_script(key, width);
    auto sum = increment(key, width);
    if (!sum || !*sum || **sum >= width)
      return sum;
    // It wrapped. What others add in between stays right: addition commutes.
    const auto amount = std::to_string(width);
    if (auto undone = demand({"DECRBY", key, amount}); !undone)
      return tl::unexpected{std::move(undone.error())};
    return add_by_script(key, width);
  }

  result<int64_t> raise_key(const std::string& key, int64_t value) override {
    return raise_by(raft_ ? raise_script : redis_raise_script, key, value);
  }

  void hang_up(const error& why) override {
    connection_.close(why);
  }

  std::string where() const override {
    return connection_.where();
  }

private:
  result<std::optional<int64_t>> add_by_script(const std::string& key,
                                               int64_t width) {
    const auto amount = std::to_string(width);
    const auto most = std::to_string(max_integer - width);
    const auto answer = demand({"EVAL", add_script, "1", key, amount, most});
    if (!answer)
      return tl::unexpected{answer.error()};
    const auto held = mark_in(key, *answer);
    if (!held)
      return tl::unexpected{held.error()};
    if (*held > max_integer - width)
      return std::nullopt;
    return *held + width;
  }

  result<void> follow(const std::string& address) {
    const auto to = parse_summitdb_dsn("redis://" + address);
    if (!to)
      return fail(ec::unavailable,
                  where() + " names a leader whose address cannot be read");
    if (options_.warn)
      options_.warn(where() + " does not lead; " + address + " does");
    auto next = resp_connection::open("summitdb", to->front(), options_);
    if (!next)
      return tl::unexpected{std::move(next.error())};
    connection_ = std::move(*next);
    return {};
  }

  resp_connection connection_;
  bool raft_;
  durability durable_;
  store_options options_;
};

std::string log_index(const resp_value& stats) {
  for (size_t i = 0; i + 1 < stats.items.size(); i += 2)
    if (stats.items[i].text == "last_log_index")
      return stats.items[i + 1].text;
  return {};
}

// By its defaults, "high", a read is an entry of the log. One that leaves the
// log as it is shows -low or -medium, by which no write is synced in time.
// Others who write at the same time only hide that, so it is tried again.
result<bool> reads_by_log(resp_connection& from) {
  for (int i = 0; i < durability_probes; ++i) {
    const auto answers = from.ask_together(
      {{"RAFTSTATS"}, {"GET", "intd:store"}, {"RAFTSTATS"}});
    if (!answers)
      return tl::unexpected{answers.error()};
    if ((*answers)[1].is == resp_value::kind::failure)
      return resp_error(from.where(), (*answers)[1].text);
    if (log_index((*answers)[0]) == log_index((*answers)[2]))
      return false;
  }
  return true;
}

result<durability> judge(resp_connection& from, bool raft,
                         const store_options& options) {
  const auto warn = [&](const std::string& text) {
    if (options.warn)
      options.warn(from.where() + text);
  };
  if (!raft) {
    warn(" is no SummitDB; use the engine redis for a Redis");
    return read_redis_settings(from, options);
  }
  const auto high = reads_by_log(from);
  if (!high)
    return tl::unexpected{high.error()};
  if (*high)
    return durability::durable;
  warn(" runs with -low or -medium: when its machine dies it forgets what it "
       "gave last; start it with -high, its default; a guard (a state "
       "directory) keeps integers from coming again");
  return durability::may_forget;
}

} // namespace

result<engine_ptr> open_summitdb(const std::vector<server>& nodes,
                                 const store_options& options) {
  for (const auto& x : nodes)
    if (!x.user.empty() || !x.password.empty())
      return fail(ec::invalid_dsn,
                  "summitdb: SummitDB has no logins; expected "
                  "redis://host:port, several with commas between");
  const auto leader = find_summitdb_leader(nodes, options);
  if (!leader)
    return tl::unexpected{leader.error()};
  auto connection = resp_connection::open("summitdb", leader->at, options);
  if (!connection)
    return tl::unexpected{std::move(connection.error())};
  const auto durable = judge(*connection, leader->raft, options);
  if (!durable)
    return tl::unexpected{durable.error()};
  return std::make_unique<summitdb>(std::move(*connection), leader->raft,
                                    *durable, options);
}

} // namespace intd
