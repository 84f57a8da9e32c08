#include "engines/rqlite/rqlite.hpp"

#include "engines/file.hpp"
#include "engines/http/http_connection.hpp"
#include "engines/rqlite/rqlite_leader.hpp"
#include "engines/rqlite/rqlite_protocol.hpp"
#include "engines/sticky_engine.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>
#include <utility>

namespace intd {

namespace {

namespace sql = rqlite_protocol;

constexpr const char* execute_path = "/db/execute";
// Through the log: neither a former leader nor a follower can answer what
// others have overwritten.
constexpr const char* query_path = "/db/query?level=strong";
constexpr const char* json_type = "application/json";
// A leader that steps down points to its successor; more hops are a loop.
constexpr int most_hops = 3;
// Near 2^63 others may mint between the read of the mark and the write.
constexpr int most_rounds = 16;

constexpr std::string_view create_store
  = R"(CREATE TABLE IF NOT EXISTS "intd-store" )"
    "(name TEXT PRIMARY KEY, value TEXT NOT NULL)";

std::string note(std::string_view verb, std::string_view name,
                 const std::string& value) {
  return std::string{verb} + R"( INTO "intd-store" VALUES ()"
    + sql::literal(name) + "," + sql::literal(value) + ")";
}

std::string noted(std::string_view name) {
  return R"(SELECT value FROM "intd-store" WHERE name=)" + sql::literal(name);
}

class rqlite final : public sticky_engine {
public:
  rqlite(server leader, const store_options& options)
    : leader_{std::move(leader)},
      warn_{options.warn},
      connection_{http_login::basic, options} {
  }

  // A write besides the read: a cluster that cannot write is of no use.
  result<void> start() {
    return write({create_store,
                  note("INSERT OR IGNORE", "identity", random_hex(16))})
      .and_then([this](const auto&) {
        return read_required("identity");
      })
      .map([this](std::string value) {
        identity_ = std::move(value);
      });
  }

  std::string_view name() const override {
    return "rqlite";
  }

  durability durable() const override {
    return durability::durable;
  }

private:
  void hang_up(const error&) override {
    connection_.close();
  }

  result<std::string> read_identity() override {
    return identity_;
  }

  tl::unexpected<error> at_leader(const error& why) const {
    return fail(why.code, "rqlite at " + url_of(leader_) + " " + why.context);
  }

  result<run> mint(const sequence& what, int64_t count) override {
    const auto table = table_of(what.key);
    if (!table)
      return tl::unexpected{table.error()};
    const auto n = std::min(count, max_integer / what.stripe.increment);
    const auto done = write({sql::reserve(**table, what.stripe, n)});
    if (!done)
      return tl::unexpected{done.error()};
    if (done->rows_affected == 0)
      return mint_rest(what, **table, count);
    const run given{done->last_insert_id - (n - 1) * what.stripe.increment,
                    what.stripe.increment, n};
    if (done->rows_affected != 1 || !contains(what.stripe, given.first))
      return at_leader({ec::corrupt,
                        "answers " + std::to_string(done->last_insert_id)
                          + ", which is not of " + to_string(what.stripe)
                          + "; what has changed the table " + **table + "?"});
    return given;
  }

  // What is left below 2^63 is counted here, since one statement can answer
  // but one number.
  result<run> mint_rest(const sequence& what, const std::string& table,
                        int64_t count) {
    for (int i = 0; i < most_rounds; ++i) {
      const auto mark = read_mark(table);
      if (!mark)
        return tl::unexpected{mark.error()};
      const auto given = take(what.stripe, std::max<int64_t>(*mark, 0), count);
      if (!given)
        return fail(ec::exhausted,
                    what.key + " has no integer of " + to_string(what.stripe)
                      + " left");
      const auto to = last_of(*given);
      const auto done = write({sql::move_mark(table, *mark, to)});
      if (!done)
        return tl::unexpected{done.error()};
      if (done->rows_affected == 1 && done->last_insert_id == to)
        return *given;
    }
    return fail(ec::overloaded,
                "others mint the last integers of " + what.key
                  + " at the same time; ask again");
  }

  result<int64_t> highest(const sequence& what) override {
    const auto table = table_of(what.key);
    if (!table)
      return tl::unexpected{table.error()};
    return read_mark(**table).map([&what](int64_t mark) {
      return last_within(what.stripe, mark);
    });
  }

  result<void> raise(const sequence& what, int64_t value) override {
    const auto mark = value > 0 ? raised(what, value) : highest(what);
    if (!mark)
      return tl::unexpected{mark.error()};
    const auto present = last_within(what.stripe, *mark);
    if (value < 0 || value < present)
      return too_small(what, value, present);
    return {};
  }

  // Nothing changes where the mark is not below `value`. Returns the mark.
  result<int64_t> raised(const sequence& what, int64_t value) {
    const auto table = table_of(what.key);
    if (!table)
      return tl::unexpected{table.error()};
    const auto done = write({sql::raise_mark(**table, value)});
    if (!done)
      return tl::unexpected{done.error()};
    if (done->rows_affected != 1 || done->last_insert_id < value)
      return at_leader({ec::corrupt,
                        "did not raise the table " + **table + " to "
                          + std::to_string(value)});
    return done->last_insert_id;
  }

  result<std::string> record_owner(const std::string& owner,
                                   claim_mode how) override {
    const auto verb
      = how == claim_mode::take_over ? "INSERT OR REPLACE" : "INSERT OR IGNORE";
    return write({note(verb, "owner", owner)}).and_then([this](const auto&) {
      return read_required("owner");
    });
  }

  result<std::optional<store_record>> read_held() override {
    return read(noted("held")).and_then([this](const auto& text) {
      return parse_store_record(text.value_or(""),
                                "rqlite at " + url_of(leader_) + ": ");
    });
  }

  result<void> write_held(const store_record& x) override {
    return write({note("INSERT OR REPLACE", "held", to_text(x))})
      .map([](const auto&) {});
  }

  // The table of a key: found, or made, at its first use.
  result<const std::string*> table_of(const std::string& key) {
    if (const auto known = tables_.find(key); known != tables_.end())
      return &known->second;
    auto found = find_table(key);
    if (!found)
      return tl::unexpected{std::move(found.error())};
    return &tables_.emplace(key, std::move(*found)).first->second;
  }

  result<std::string> find_table(const std::string& key) {
    auto value = read(sql::find_table(key));
    if (value && !*value)
      value = write({sql::create_table(sql::table_of(key))})
                .and_then([this, &key](const auto&) {
                  return read(sql::find_table(key));
                });
    if (!value)
      return tl::unexpected{std::move(value.error())};
    const auto table = sql::parse_table(value->value_or(""));
    if (!table)
      return at_leader({ec::corrupt, "has no table for " + key});
    if (!table->counts)
      return at_leader({ec::corrupt,
                        "has a table " + table->name
                          + " without an AUTOINCREMENT id, which could give "
                            "an integer twice; move it away"});
    if (!table->one_row && warn_)
      warn_("rqlite at " + url_of(leader_) + ": the table " + table->name
            + " keeps a row for each integer; it needs a unique index on stub");
    return table->name;
  }

  result<int64_t> read_mark(const std::string& table) {
    const auto value = read(sql::select_mark(table));
    if (!value)
      return tl::unexpected{value.error()};
    const auto text = value->value_or("");
    int64_t mark = 0;
    const auto end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, mark);
    if (failure != std::errc{} || stop != end)
      return at_leader({ec::corrupt,
                        "has no integer as the last of the table " + table
                          + "; correct its row of sqlite_sequence"});
    return mark;
  }

  result<std::string> read_required(std::string_view name) {
    auto value = read(noted(name));
    if (!value)
      return tl::unexpected{std::move(value.error())};
    if (!*value)
      return at_leader(
        {ec::corrupt, "lost \"" + std::string{name} + "\" from intd-store"});
    return std::move(**value);
  }

  result<std::optional<std::string>> read(const std::string& statement) {
    const auto body
      = ask({http_method::post, query_path, sql::body_of({statement})});
    if (!body)
      return tl::unexpected{body.error()};
    auto value = sql::parse_value(*body);
    return value ? value : at_leader(value.error());
  }

  result<sql::written>
  write(std::initializer_list<std::string_view> statements) {
    const auto body
      = ask({http_method::post, execute_path, sql::body_of(statements)});
    if (!body)
      return tl::unexpected{body.error()};
    auto done = sql::parse_written(*body, statements.size());
    return done ? done : at_leader(done.error());
  }

  // A node that points to another has done nothing, so going there repeats
  // nothing. Returns the body of a 200.
  result<std::string> ask(const http_request& what) {
    for (int hop = 0; hop <= most_hops; ++hop) {
      auto answer = connection_.send(leader_, what, json_type);
      if (!answer)
        return tl::unexpected{std::move(answer.error())};
      if (answer->status == 200)
        return std::move(answer->body);
      const auto next = pointed_to(leader_, answer->location);
      if (answer->status < 300 || answer->status > 399 || !next)
        return refused(*answer);
      const auto former = std::exchange(leader_, *next);
      if (warn_)
        warn_("rqlite: the leader is " + url_of(leader_) + " now; it was "
              + url_of(former));
    }
    return at_leader({ec::unavailable, "points on to another node each time"});
  }

  tl::unexpected<error> refused(const http_answer& answer) const {
    if (answer.status == 401 || answer.status == 403)
      return at_leader({ec::unavailable,
                        "refuses user and password of the data source name, "
                        "or a permission of that user (it needs query and "
                        "execute)"});
    return at_leader({ec::unavailable,
                      "answers HTTP " + std::to_string(answer.status) + ", "
                        + answer.body.substr(0, 100)});
  }

  server leader_;
  std::function<void(std::string_view)> warn_;
  http_connection connection_;
  std::string identity_;
  std::unordered_map<std::string, std::string> tables_;
};

} // namespace

result<engine_ptr> open_rqlite(const std::vector<server>& nodes,
                               const store_options& options) {
  auto leader = find_rqlite_leader(nodes, options);
  if (!leader)
    return tl::unexpected{std::move(leader.error())};
  if (*leader != nodes.front() && options.warn)
    options.warn("rqlite: the leader is " + url_of(*leader)
                 + ", not the first node of the data source name, "
                 + url_of(nodes.front()));
  auto made = std::make_unique<rqlite>(std::move(*leader), options);
  if (auto done = made->start(); !done)
    return tl::unexpected{std::move(done.error())};
  return made;
}

} // namespace intd
