#include "engines/mysql.hpp"

#include "engines/mysql_connection.hpp"
#include "engines/mysql_record.hpp"
#include "engines/mysql_settings.hpp"
#include "engines/mysql_statements.hpp"
#include "engines/mysql_table.hpp"

#include <mariadb/mysqld_error.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace intd {

namespace {

/// How often one reservation may ask: a table that was empty, or whose counter
/// somebody else moved, gives nothing of the stripe at first.
constexpr int most_tries = 4;

constexpr run nothing{0, 1, 0};

// The counter has no such integer; nothing was changed.
bool is_out_of_range(unsigned error_number) {
  switch (error_number) {
    case 167: // the handler's own number for the next
    case ER_AUTOINC_READ_FAILED:
    case ER_WARN_DATA_OUT_OF_RANGE:
    case ER_DATA_OUT_OF_RANGE:
      return true;
    default:
      return false;
  }
}

bool is_denied(unsigned error_number) {
  return error_number == ER_TABLEACCESS_DENIED_ERROR
    || error_number == ER_DBACCESS_DENIED_ERROR;
}

class mysql final : public engine {
public:
  mysql(mysql_connection server, mysql_settings settings,
        mysql_durability weakest, bool set_statement,
        const store_options& options)
    : where_{server.where()},
      server_{std::move(server)},
      settings_{std::move(settings)},
      weakest_{std::move(weakest)},
      set_statement_{set_statement},
      warn_{options.warn} {
    warn_of(weakest_);
  }

  result<run> reserve(const sequence& what, int64_t count) override {
    return keep_fault(fault_ ? tl::unexpected{*fault_} : mint(what, count));
  }

  result<int64_t> last(const sequence& what) override {
    return keep_fault(fault_ ? tl::unexpected{*fault_} : highest(what));
  }

  result<void> set_last(const sequence& what, int64_t value) override {
    return keep_fault(fault_ ? tl::unexpected{*fault_} : raise(what, value));
  }

  result<std::string> identity() override {
    return keep_fault(fault_ ? tl::unexpected{*fault_} : known_identity());
  }

  result<std::string> claim(const std::string& owner, claim_mode how) override {
    return keep_fault(fault_ ? tl::unexpected{*fault_} : record(owner, how));
  }

  result<void> close() override {
    if (!fault_)
      fault_ = error{ec::unavailable, where_ + "it was closed"};
    server_.reset();
    return {};
  }

  std::string_view name() const override {
    return "mysql";
  }

  durability durable() const override {
    return weakest_.level;
  }

private:
  // Whatever leaves the store in doubt ends the connection, so that a late
  // answer is never read as the next one.
  template <class T>
  result<T> keep_fault(result<T> outcome) {
    if (!outcome && is_fatal(outcome.error().code) && !fault_) {
      fault_ = outcome.error();
      server_.reset();
    }
    return outcome;
  }

  result<run> mint(const sequence& what, int64_t count);
  result<int64_t> highest(const sequence& what);
  result<void> raise(const sequence& what, int64_t value);
  result<std::string> known_identity();
  result<std::string> record(const std::string& owner, claim_mode how);

  result<mysql_table*> find(const std::string& key);
  result<mysql_table*> find_or_make(const std::string& key);
  result<void> make_table(const std::string& key);
  result<std::optional<mysql_table>> look(const std::string& key);
  result<void> repair(const std::string& key);
  result<void> refresh(mysql_table& at);

  result<run> take_block(mysql_table& at, const stripe& x, int64_t count);
  result<run> take_in_one_lock(mysql_table& at, const stripe& x, int64_t count);
  result<run> take_below_lock(mysql_table& at, const stripe& x, int64_t count);
  result<std::optional<mysql_answer>> ask(mysql_table& at,
                                          const std::string& sql);
  result<void> set_up(const mysql_block& block);
  result<void> check_above(const mysql_table& at, uint64_t first) const;
  result<void> check_rows(const mysql_table& at, uint64_t affected) const;
  void warn_of(const mysql_durability& x) const;

  std::string where_;
  std::optional<mysql_connection> server_;
  mysql_settings settings_;
  mysql_durability weakest_;
  bool set_statement_;
  std::function<void(std::string_view)> warn_;
  std::unordered_map<std::string, mysql_table> tables_;
  std::string identity_;
  /// The block that the session is set up for, without SET STATEMENT.
  mysql_block session_{0, 0, 0};
  bool repaired_ = false;
  /// Why nothing works any more: sticky from the first fault on.
  std::optional<error> fault_;
};

result<run> mysql::mint(const sequence& what, int64_t count) {
  if (auto fine = check(what, count); !fine)
    return tl::unexpected{std::move(fine.error())};
  const auto found = find_or_make(what.key);
  if (!found)
    return tl::unexpected{found.error()};
  auto& at = **found;
  for (int i = 0; i < most_tries; ++i) {
    const auto left = count_above(what.stripe, at.mark);
    if (left == 0)
      return fail(ec::exhausted,
                  where_ + "no integer of " + what.key + " is left above "
                    + std::to_string(at.mark));
    const auto wanted = std::min(count, left);
    auto given = at.storage != mysql_storage::innodb
      ? take_in_one_lock(at, what.stripe, wanted)
      : what.stripe.increment <= max_step
      ? take_block(at, what.stripe, wanted)
      : take_below_lock(at, what.stripe, wanted);
    if (!given || given->count > 0)
      return given;
  }
  return server_->refuse(ec::unavailable,
                         what.key + " gave no integer in "
                           + std::to_string(most_tries)
                           + " tries; see what other clients do to the table");
}

// InnoDB: whoever comes next, from wherever, begins above the block.
result<run> mysql::take_block(mysql_table& at, const stripe& x, int64_t count) {
  // In a table without a row a block would be lost but for its first.
  const auto block = plan_block(x, at.mark, at.mark == 0 ? 1 : count, at.quiet);
  if (!set_statement_)
    if (auto done = set_up(block); !done)
      return tl::unexpected{std::move(done.error())};
  const auto answer = ask(at, in_a_block(at.key, block, set_statement_));
  if (!answer)
    return tl::unexpected{answer.error()};
  if (!*answer)
    return nothing;
  const auto& [affected, id] = **answer;
  if (auto fine = check_rows(at, affected); !fine)
    return tl::unexpected{std::move(fine.error())};
  const auto moved = affected == 2;
  const auto first = id - static_cast<uint64_t>(moved ? block.reach : 0);
  if (auto fine = check_above(at, first); !fine)
    return tl::unexpected{std::move(fine.error())};
  if (first > static_cast<uint64_t>(max_integer)) {
    at.mark = max_integer;
    return nothing;
  }
  const auto low = static_cast<int64_t>(first);
  if ((low - block.offset) % block.window != 0)
    return server_->refuse(ec::corrupt,
                           "it gave " + std::to_string(low) + " for "
                             + std::to_string(block.offset) + " mod "
                             + std::to_string(block.window)
                             + ": auto_increment_increment is not obeyed");
  const auto predicted = next_above(x, at.mark);
  at.quiet = at.quiet && predicted == low;
  const auto size = moved ? block.window : 1;
  at.mark = low + std::min(size - 1, max_integer - low);
  auto given = take(x, low - 1, count);
  if (!given || given->first > at.mark)
    return nothing;
  given->count
    = std::min(given->count, (at.mark - given->first) / x.increment + 1);
  return *given;
}

// The table is locked by the statement or around it.
result<run> mysql::take_in_one_lock(mysql_table& at, const stripe& x,
                                    int64_t count) {
  const auto answer = ask(at, in_one_lock(at.key, x, count));
  if (!answer)
    return tl::unexpected{answer.error()};
  if (!*answer || (*answer)->affected == 0) {
    if (auto done = refresh(at); !done)
      return tl::unexpected{std::move(done.error())};
    return nothing;
  }
  const auto& [affected, id] = **answer;
  if (auto fine = check_rows(at, affected); !fine)
    return tl::unexpected{std::move(fine.error())};
  const auto taken = affected == 2 ? count : 1;
  const auto reach = static_cast<uint64_t>((taken - 1) * x.increment);
  if (auto fine = check_above(at, id < reach ? 0 : id - reach); !fine)
    return tl::unexpected{std::move(fine.error())};
  at.mark
    = static_cast<int64_t>(std::min(id, static_cast<uint64_t>(max_integer)));
  const auto first = static_cast<int64_t>(id - reach);
  if (id <= static_cast<uint64_t>(max_integer) && contains(x, first))
    return run{first, x.increment, taken};
  if (affected == 1)
    return nothing; // there is a row now
  return server_->refuse(ec::corrupt,
                         "it gave " + std::to_string(id) + ", which is not of "
                           + to_string(x));
}

// Only a table that is locked can be asked for a step that its counter cannot
// make.
result<run> mysql::take_below_lock(mysql_table& at, const stripe& x,
                                   int64_t count) {
  if (const auto done = server_->run("LOCK TABLES `" + at.key + "` WRITE");
      !done) {
    if (is_denied(server_->error_number()))
      return server_->refuse(ec::invalid_stripe,
                             "an increment above " + std::to_string(max_step)
                               + " needs the privilege LOCK TABLES on InnoDB; "
                                 "grant it, or use a smaller increment");
    return tl::unexpected{done.error()};
  }
  auto given = take_in_one_lock(at, x, count);
  if (!given)
    return given;
  if (const auto done = server_->run("UNLOCK TABLES"); !done)
    return tl::unexpected{done.error()};
  return given;
}

// Nothing is answered where the counter is at its end. A statement that a
// damaged table refused did nothing, and comes again once it is repaired.
result<std::optional<mysql_answer>> mysql::ask(mysql_table& at,
                                               const std::string& sql) {
  auto answer = server_->run(sql);
  if (!answer && is_damage(server_->error_number())) {
    const auto before = at.mark;
    if (auto done = repair(at.key).and_then([this, &at] {
          return refresh(at);
        });
        !done)
      return tl::unexpected{std::move(done.error())};
    if (at.mark < before)
      if (auto done = server_->run(raise_to(at.key, before)); !done)
        return tl::unexpected{std::move(done.error())};
    at.mark = std::max(at.mark, before);
    answer = server_->run(sql);
  }
  if (answer)
    return *answer;
  if (!is_out_of_range(server_->error_number()))
    return tl::unexpected{std::move(answer.error())};
  if (auto done = refresh(at); !done)
    return tl::unexpected{std::move(done.error())};
  return std::nullopt;
}

result<void> mysql::set_up(const mysql_block& block) {
  if (session_.window == block.window && session_.offset == block.offset)
    return {};
  if (const auto done = server_->run(set_up_block(block)); !done)
    return tl::unexpected{done.error()};
  session_ = block;
  return {};
}

result<void> mysql::check_above(const mysql_table& at, uint64_t first) const {
  if (first > static_cast<uint64_t>(at.mark))
    return {};
  return server_->refuse(ec::corrupt,
                         at.key + " went back from " + std::to_string(at.mark)
                           + " to " + std::to_string(first)
                           + "; was it truncated, or restored?");
}

result<void> mysql::check_rows(const mysql_table& at, uint64_t affected) const {
  if (affected == 1 || affected == 2)
    return {};
  return server_->refuse(ec::corrupt,
                         "a statement changed " + std::to_string(affected)
                           + " rows of " + at.key);
}

result<int64_t> mysql::highest(const sequence& what) {
  if (auto fine = check(what); !fine)
    return tl::unexpected{std::move(fine.error())};
  const auto found = find(what.key);
  if (!found)
    return tl::unexpected{found.error()};
  if (*found == nullptr)
    return 0;
  if (auto done = refresh(**found); !done)
    return tl::unexpected{std::move(done.error())};
  return last_within(what.stripe, (*found)->mark);
}

// The statement only raises, whatever others mint in the meantime; asking
// again proves that this server's counter follows it.
result<void> mysql::raise(const sequence& what, int64_t value) {
  const auto present = highest(what);
  if (!present)
    return tl::unexpected{present.error()};
  if (value < *present || value < 0)
    return too_small(what, value, *present);
  if (value == 0)
    return {};
  const auto found = find_or_make(what.key);
  if (!found)
    return tl::unexpected{found.error()};
  auto& at = **found;
  if (value <= at.mark)
    return {};
  const auto done = ask(at, raise_to(at.key, value));
  if (!done)
    return tl::unexpected{done.error()};
  if (auto read = refresh(at); !read)
    return read;
  if (at.mark < value)
    return server_->refuse(
      ec::corrupt,
      "the counter of " + at.key + " stayed at " + std::to_string(at.mark)
        + " when it was raised to " + std::to_string(value));
  return {};
}

result<std::string> mysql::known_identity() {
  if (identity_.empty()) {
    auto asked = ask_identity(*server_, settings_.makes);
    if (!asked)
      return asked;
    identity_ = std::move(*asked);
  }
  return identity_;
}

result<std::string> mysql::record(const std::string& owner, claim_mode how) {
  return known_identity().and_then([this, &owner, how](const std::string&) {
    return claim_store(*server_, owner, how);
  });
}

// The table of a key, or nothing where there is none.
result<mysql_table*> mysql::find(const std::string& key) {
  if (const auto known = tables_.find(key); known != tables_.end())
    return &known->second;
  if (!settings_.keeps_case && std::any_of(key.begin(), key.end(), [](char c) {
        return c >= 'A' && c <= 'Z';
      }))
    return server_->refuse(ec::invalid_key,
                           "this server does not tell " + key
                             + " from its lower case "
                               "(lower_case_table_names); use lower case");
  auto looked = look(key);
  if (!looked)
    return tl::unexpected{std::move(looked.error())};
  if (!*looked)
    return nullptr;
  const auto& at = tables_.emplace(key, std::move(**looked)).first->second;
  if (auto worth = durability_of(settings_, at.storage, at.transactional);
      worth.level < weakest_.level) {
    weakest_ = std::move(worth);
    warn_of(weakest_);
  }
  return &tables_.at(key);
}

result<mysql_table*> mysql::find_or_make(const std::string& key) {
  auto found = find(key);
  if (!found || *found != nullptr)
    return found;
  if (auto done = make_table(key); !done)
    return tl::unexpected{std::move(done.error())};
  found = find(key);
  if (found && *found == nullptr)
    return server_->refuse(ec::unavailable,
                           "the table " + key + " was made and is not there");
  return found;
}

// A key that the user may not make is unknown, and no reason to give up the
// connection that others use.
result<void> mysql::make_table(const std::string& key) {
  const auto sql = create_table(key, settings_.makes);
  const auto done = server_->run(sql);
  if (done)
    return {};
  if (is_denied(server_->error_number()))
    return server_->refuse(ec::invalid_key,
                           "there is no table " + key
                             + ", and the user may not create it; an "
                               "administrator can run: "
                             + sql);
  return tl::unexpected{done.error()};
}

result<std::optional<mysql_table>> mysql::look(const std::string& key) {
  auto looked = look_at_table(*server_, key);
  if (looked || looked.error().code != ec::corrupt || repaired_)
    return looked;
  if (auto done = repair(key); !done)
    return tl::unexpected{std::move(done.error())};
  return look_at_table(*server_, key);
}

result<void> mysql::repair(const std::string& key) {
  if (repaired_)
    return server_->refuse(ec::corrupt,
                           key
                             + " is damaged again after a repair; check the "
                               "disk, or put a backup in its place");
  repaired_ = true;
  if (warn_)
    warn_(where_ + "the table " + key + " is damaged; it is repaired");
  return repair_table(*server_, key);
}

result<void> mysql::refresh(mysql_table& at) {
  const auto mark = ask_mark(*server_, at.key);
  if (!mark)
    return tl::unexpected{mark.error()};
  at.mark = *mark;
  return {};
}

void mysql::warn_of(const mysql_durability& x) const {
  if (warn_ && !x.why.empty())
    warn_(where_ + x.why);
}

} // namespace

result<engine_ptr> open_mysql(const mysql_dsn& dsn,
                              const store_options& options,
                              mysql_dialect dialect) {
  auto server = mysql_connection::open(dsn, options);
  if (!server)
    return tl::unexpected{std::move(server.error())};
  auto settings = ask_settings(*server);
  if (!settings)
    return tl::unexpected{std::move(settings.error())};
  auto weakest = weakest_durability(*server, *settings);
  if (!weakest)
    return tl::unexpected{std::move(weakest.error())};
  const bool set_statement = dialect == mysql_dialect::by_version
    ? settings->mariadb
    : dialect == mysql_dialect::set_statement;
  return std::make_unique<mysql>(std::move(*server), std::move(*settings),
                                 std::move(*weakest), set_statement, options);
}

} // namespace intd
