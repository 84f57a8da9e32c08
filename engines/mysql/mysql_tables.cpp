#include "engines/mysql/mysql_tables.hpp"

#include "engines/mysql/mysql_statements.hpp"

#include <mariadb/mysqld_error.h>

#include <algorithm>
#include <utility>

namespace intd {

namespace {

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

bool has_capitals(const std::string& key) {
  return std::any_of(key.begin(), key.end(), [](char c) {
    return c >= 'A' && c <= 'Z';
  });
}

} // namespace

mysql_tables::mysql_tables(mysql_connection server, mysql_settings settings,
                           mysql_durability weakest,
                           std::function<void(std::string_view)> warn_by)
  : server_{std::move(server)},
    settings_{std::move(settings)},
    weakest_{std::move(weakest)},
    warn_{std::move(warn_by)} {
  if (!weakest_.why.empty())
    warn(weakest_.why);
}

result<mysql_table*> mysql_tables::find(const std::string& key) {
  if (const auto known = known_.find(key); known != known_.end())
    return &known->second;
  if (!settings_.keeps_case && has_capitals(key))
    return server_.refuse(ec::invalid_key,
                          "this server does not tell " + key
                            + " from its lower case (lower_case_table_names); "
                              "use lower case");
  auto looked = look(key);
  if (!looked)
    return tl::unexpected{std::move(looked.error())};
  if (!*looked)
    return nullptr;
  auto& at = known_.emplace(key, std::move(**looked)).first->second;
  if (auto worth = durability_of(settings_, at.storage, at.transactional);
      worth.level < weakest_.level) {
    weakest_ = std::move(worth);
    warn(weakest_.why);
  }
  if (auto done = lift(at); !done)
    return tl::unexpected{std::move(done.error())};
  return &at;
}

result<mysql_table*> mysql_tables::find_or_make(const std::string& key) {
  auto found = find(key);
  if (!found || *found != nullptr)
    return found;
  if (auto done = make_table(key); !done)
    return tl::unexpected{std::move(done.error())};
  found = find(key);
  if (found && *found == nullptr)
    return server_.refuse(ec::unavailable,
                          "the table " + key + " was made and is not there");
  return found;
}

// A key that the user may not make is unknown, and no reason to give up the
// connection that others use.
result<void> mysql_tables::make_table(const std::string& key) {
  const auto sql = create_table(key, settings_.makes);
  const auto done = server_.run(sql);
  if (done)
    return {};
  if (is_denied(server_.error_number()))
    return server_.refuse(ec::invalid_key,
                          "there is no table " + key
                            + ", and the user may not create it; an "
                              "administrator can run: "
                            + sql);
  return tl::unexpected{done.error()};
}

result<std::optional<mysql_table>> mysql_tables::look(const std::string& key) {
  auto looked = look_at_table(server_, key);
  if (looked
      || (looked.error().code != ec::corrupt
          && !is_damage(server_.error_number())))
    return looked;
  if (auto done = repair(key); !done)
    return tl::unexpected{std::move(done.error())};
  return look_at_table(server_, key);
}

result<std::optional<mysql_answer>> mysql_tables::ask(mysql_table& at,
                                                      std::string_view sql) {
  auto answer = server_.run(sql);
  if (!answer && is_damage(server_.error_number())) {
    if (auto done = repair_and_raise(at); !done)
      return tl::unexpected{std::move(done.error())};
    answer = server_.run(sql);
  }
  if (answer)
    return *answer;
  if (server_.error_number() == ER_LOCK_DEADLOCK) {
    at.quiet = false;
    return std::nullopt;
  }
  if (!is_out_of_range(server_.error_number()))
    return tl::unexpected{std::move(answer.error())};
  if (auto done = refresh(at); !done)
    return tl::unexpected{std::move(done.error())};
  return std::nullopt;
}

// Where there was no row the first statement makes it and raises nothing; one
// or another may be a deadlock's victim.
result<void> mysql_tables::raise(mysql_table& at, int64_t value) {
  for (int i = 0; i < most_tries; ++i) {
    if (const auto done = ask(at, raise_to(at.key, value)); !done)
      return tl::unexpected{done.error()};
    if (auto done = refresh(at); !done)
      return done;
    if (at.mark >= value)
      return {};
  }
  return server_.refuse(ec::corrupt,
                        "the counter of " + at.key + " stayed at "
                          + std::to_string(at.mark) + " when it was raised to "
                          + std::to_string(value));
}

result<void> mysql_tables::refresh(mysql_table& at) {
  const auto counter = ask_counter(server_, at.key);
  if (!counter)
    return tl::unexpected{counter.error()};
  at.mark = *counter;
  return {};
}

// For the sake of old clients, who take what the counter has.
result<void> mysql_tables::lift(mysql_table& at) {
  if (at.row <= at.mark)
    return {};
  warn("the counter of " + at.key + " is at " + std::to_string(at.mark)
       + ", below its row's " + std::to_string(at.row)
       + ", as after a crash; it is raised");
  at.mark = at.row;
  return at.row == max_integer ? result<void>{} : raise(at, at.row + 1);
}

result<void> mysql_tables::repair(const std::string& key) {
  if (repaired_)
    return server_.refuse(ec::corrupt,
                          key
                            + " is damaged again after a repair; check the "
                              "disk, or put a backup in its place");
  repaired_ = true;
  warn("the table " + key + " is damaged; it is repaired");
  return repair_table(server_, key);
}

// A repair may rebuild the counter from the row.
result<void> mysql_tables::repair_and_raise(mysql_table& at) {
  if (auto done = repair(at.key); !done)
    return done;
  const auto row = ask_row(server_, at.key, at.storage);
  if (!row)
    return tl::unexpected{row.error()};
  at.row = std::max(at.mark, *row);
  if (auto done = refresh(at); !done)
    return done;
  return lift(at);
}

void mysql_tables::warn(std::string_view text) const {
  if (warn_)
    warn_(server_.where() + std::string{text});
}

} // namespace intd
