#include "engines/mysql/mysql.hpp"

#include "engines/mysql/mysql_record.hpp"
#include "engines/mysql/mysql_statements.hpp"
#include "engines/mysql/mysql_tables.hpp"
#include "engines/sticky_engine.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace intd {

namespace {

constexpr run nothing{0, 1, 0};

/// Nearer to the end than this a block might reach past it.
constexpr int64_t end_of_blocks = max_integer - 2 * max_step;

/// How a session counts by itself: one by one.
constexpr mysql_block single{1, 1, 0};

class mysql final : public sticky_engine {
public:
  mysql(mysql_tables tables, bool set_statement)
    : where_{tables.server().where()},
      durable_{tables.durable()},
      set_statement_{set_statement},
      tables_{std::move(tables)} {
  }

  std::string_view name() const override {
    return "mysql";
  }

  durability durable() const override {
    return tables_ ? tables_->durable() : durable_;
  }

private:
  result<run> mint(const sequence& what, int64_t count) override;
  result<int64_t> highest(const sequence& what) override;
  result<void> raise(const sequence& what, int64_t value) override;
  result<std::string> read_identity() override;
  result<std::string> record_owner(const std::string& owner,
                                   claim_mode how) override;
  result<std::optional<store_record>> read_held() override;
  result<void> write_held(const store_record& x) override;

  result<run> take(mysql_table& at, const stripe& x, int64_t count);
  result<run> take_block(mysql_table& at, const stripe& x, int64_t count);
  static run cut_from(mysql_table& at, const stripe& x, int64_t low,
                      int64_t size, int64_t count);
  result<run> take_in_one_lock(mysql_table& at, const stripe& x, int64_t count);
  result<run> take_below_lock(mysql_table& at, const stripe& x, int64_t count);
  result<void> set_up(const mysql_block& block);
  tl::unexpected<error> refuse(ec code, std::string_view text) const;
  result<void> check_above(const mysql_table& at, uint64_t first) const;
  result<void> check_rows(const mysql_table& at, uint64_t affected) const;

  void hang_up(const error&) override {
    durable_ = durable();
    tables_.reset();
  }

  std::string where_;
  /// As it was when the connection ended.
  durability durable_;
  bool set_statement_;
  /// Nothing once the connection is closed.
  std::optional<mysql_tables> tables_;
  std::string identity_;
  /// The block that is set up for, where SET STATEMENT is not known.
  mysql_block session_ = single;
};

result<run> mysql::mint(const sequence& what, int64_t count) {
  const auto found = tables_->find_or_make(what.key);
  if (!found)
    return tl::unexpected{found.error()};
  auto& at = **found;
  for (int i = 0; i < mysql_tables::most_tries; ++i) {
    const auto left = count_above(what.stripe, at.mark);
    if (left == 0)
      return fail(ec::exhausted,
                  where_ + "no integer of " + what.key + " is left above "
                    + std::to_string(at.mark));
    const auto wanted = std::min(count, left);
    auto given = take(at, what.stripe, wanted);
    if (!given || given->count > 0)
      return given;
  }
  return refuse(ec::unavailable,
                what.key + " gave no integer in "
                  + std::to_string(mysql_tables::most_tries)
                  + " tries; see what other clients do to the table");
}

result<run> mysql::take(mysql_table& at, const stripe& x, int64_t count) {
  if (at.storage != mysql_storage::innodb)
    return take_in_one_lock(at, x, count);
  return x.increment <= max_step && at.mark <= end_of_blocks
    ? take_block(at, x, count)
    : take_below_lock(at, x, count);
}

// InnoDB: whoever comes next, from wherever, begins above the block.
result<run> mysql::take_block(mysql_table& at, const stripe& x, int64_t count) {
  // In a table without a row a block would be lost but for its first.
  const auto block = plan_block(x, at.mark, at.mark == 0 ? 1 : count, at.quiet);
  if (!set_statement_)
    if (auto done = set_up(block); !done)
      return tl::unexpected{std::move(done.error())};
  const auto answer
    = tables_->ask(at, in_a_block(at.key, block, set_statement_));
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
    return refuse(ec::corrupt,
                  "it gave " + std::to_string(low) + " for "
                    + std::to_string(block.offset) + " mod "
                    + std::to_string(block.window)
                    + ": auto_increment_increment is not obeyed");
  return cut_from(at, x, low, moved ? block.window : 1, count);
}

// What of the stripe lies in the `size` integers from `low` up, which nobody
// else is given.
run mysql::cut_from(mysql_table& at, const stripe& x, int64_t low, int64_t size,
                    int64_t count) {
  at.quiet = at.quiet && next_above(x, at.mark) == low;
  at.mark = low + std::min(size - 1, max_integer - low);
  auto given = intd::take(x, low - 1, count);
  if (!given || given->first > at.mark)
    return nothing;
  given->count
    = std::min(given->count, (at.mark - given->first) / x.increment + 1);
  return *given;
}

// The table is locked by the statement or around it.
result<run> mysql::take_in_one_lock(mysql_table& at, const stripe& x,
                                    int64_t count) {
  if (auto done = set_up(single); !done)
    return tl::unexpected{std::move(done.error())};
  const auto answer = tables_->ask(at, in_one_lock(at.key, x, count));
  if (!answer)
    return tl::unexpected{answer.error()};
  if (!*answer || (*answer)->affected == 0) {
    if (auto done = tables_->refresh(at); !done)
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
  return refuse(ec::corrupt,
                "it gave " + std::to_string(id) + ", which is not of "
                  + to_string(x));
}

// Only a table that is locked can be asked for a step that its counter cannot
// make.
result<run> mysql::take_below_lock(mysql_table& at, const stripe& x,
                                   int64_t count) {
  if (const auto done
      = tables_->server().run("LOCK TABLES `" + at.key + "` WRITE");
      !done) {
    if (is_denied(tables_->server().error_number()))
      return refuse(ec::invalid_stripe,
                    "an increment above " + std::to_string(max_step)
                      + ", and the last integers below 2^63, need the "
                        "privilege LOCK TABLES on InnoDB; grant it, or use a "
                        "smaller increment");
    return tl::unexpected{done.error()};
  }
  // InnoDB's counter moves even where the statement then finds nothing left.
  if (auto done = tables_->refresh(at); !done)
    return tl::unexpected{std::move(done.error())};
  const auto left = count_above(x, at.mark);
  auto given = left == 0 ? result<run>{nothing}
                         : take_in_one_lock(at, x, std::min(count, left));
  if (!given)
    return given;
  if (const auto done = tables_->server().run("UNLOCK TABLES"); !done)
    return tl::unexpected{done.error()};
  return given;
}

result<void> mysql::set_up(const mysql_block& block) {
  if (session_.window == block.window && session_.offset == block.offset)
    return {};
  if (const auto done = tables_->server().run(set_up_block(block)); !done)
    return tl::unexpected{done.error()};
  session_ = block;
  return {};
}

tl::unexpected<error> mysql::refuse(ec code, std::string_view text) const {
  return fail(code, where_ + std::string{text});
}

result<void> mysql::check_above(const mysql_table& at, uint64_t first) const {
  if (first > static_cast<uint64_t>(at.mark))
    return {};
  return refuse(ec::corrupt,
                at.key + " went back from " + std::to_string(at.mark) + " to "
                  + std::to_string(first) + "; was it truncated, or restored?");
}

result<void> mysql::check_rows(const mysql_table& at, uint64_t affected) const {
  if (affected == 1 || affected == 2)
    return {};
  return refuse(ec::corrupt,
                "a statement changed " + std::to_string(affected) + " rows of "
                  + at.key);
}

result<int64_t> mysql::highest(const sequence& what) {
  const auto found = tables_->find(what.key);
  if (!found)
    return tl::unexpected{found.error()};
  if (*found == nullptr)
    return 0;
  if (auto done = tables_->refresh(**found); !done)
    return tl::unexpected{std::move(done.error())};
  return last_within(what.stripe, (*found)->mark);
}

result<void> mysql::raise(const sequence& what, int64_t value) {
  const auto present = highest(what);
  if (!present)
    return tl::unexpected{present.error()};
  if (value < *present || value < 0)
    return too_small(what, value, *present);
  if (value == 0)
    return {};
  const auto found = tables_->find_or_make(what.key);
  if (!found)
    return tl::unexpected{found.error()};
  if (value <= (*found)->mark)
    return {};
  return set_up(single).and_then([this, &found, value] {
    return tables_->raise(**found, value);
  });
}

result<std::string> mysql::read_identity() {
  if (identity_.empty()) {
    auto asked = ask_identity(tables_->server(), tables_->settings().makes);
    if (!asked)
      return asked;
    identity_ = std::move(*asked);
  }
  return identity_;
}

result<std::string> mysql::record_owner(const std::string& owner,
                                        claim_mode how) {
  return read_identity().and_then([this, &owner, how](const std::string&) {
    return claim_store(tables_->server(), owner, how);
  });
}

result<std::optional<store_record>> mysql::read_held() {
  return held_of_store(tables_->server());
}

result<void> mysql::write_held(const store_record& x) {
  return read_identity().and_then([this, &x](const std::string&) {
    return hold_store(tables_->server(), x);
  });
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
  return std::make_unique<mysql>(
    mysql_tables{std::move(*server), std::move(*settings), std::move(*weakest),
                 options.warn},
    set_statement);
}

} // namespace intd
