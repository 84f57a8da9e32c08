#include "engines/resp/redis.hpp"

#include "engines/resp/redis_settings.hpp"
#include "engines/resp/resp_counter.hpp"
#include "engines/resp/resp_error.hpp"

#include <utility>

namespace intd {

// Lua's numbers are doubles, so marks are compared as decimal text: the longer
// one is greater. What is no mark stays as it is.
const std::string_view redis_raise_script = R"(
local held = redis.call('GET', KEYS[1]) or '0'
if held ~= '0' and not string.match(held, '^[1-9]%d*$') then return held end
local new = ARGV[1]
if #held < #new or (#held == #new and held < new) then
  redis.call('SET', KEYS[1], new)
end
return held
)";

namespace {

class redis final : public resp_counter {
public:
  redis(resp_connection connection, durability durable)
    : connection_{std::move(connection)}, durable_{durable} {
  }

  std::string_view name() const override {
    return "redis";
  }

  durability durable() const override {
    return durable_;
  }

protected:
  result<resp_value> ask(const resp_command& command) override {
    return connection_.ask(command);
  }

  // Redis refuses what would pass 2^63-1, and changes nothing then.
  result<std::optional<int64_t>> add(const std::string& key, int64_t,
                                     int64_t width) override {
    return increment(key, width);
  }

  result<int64_t> raise_key(const std::string& key, int64_t value) override {
    return raise_by(redis_raise_script, key, value);
  }

  void hang_up(const error& why) override {
    connection_.close(why);
  }

  std::string where() const override {
    return connection_.where();
  }

private:
  resp_connection connection_;
  durability durable_;
};

result<void> log_in(resp_connection& to, const redis_dsn& at) {
  // A user without a password is none, as in the original.
  if (!at.at.password.empty()) {
    resp_command login{"AUTH"};
    if (!at.at.user.empty())
      login.emplace_back(at.at.user);
    login.emplace_back(at.at.password);
    const auto answer = to.ask(login);
    if (!answer)
      return tl::unexpected{answer.error()};
    if (answer->is == resp_value::kind::failure)
      return resp_login_error(to.where(), answer->text);
  }
  if (at.database == 0)
    return {};
  const auto number = std::to_string(at.database);
  const auto answer = to.ask({"SELECT", number});
  if (!answer)
    return tl::unexpected{answer.error()};
  if (answer->is == resp_value::kind::failure)
    return resp_error(to.where(), answer->text);
  return {};
}

} // namespace

result<engine_ptr> open_redis(const redis_dsn& at,
                              const store_options& options) {
  if (at.at.tls)
    return fail(ec::invalid_dsn,
                "redis: this build has no TLS for Redis (hiredis 0.14 brings "
                "none); run stunnel beside this node, and give "
                "redis://localhost:PORT of its plain side");
  auto connection = resp_connection::open("redis", at.at, options);
  if (!connection)
    return tl::unexpected{std::move(connection.error())};
  if (auto done = log_in(*connection, at); !done)
    return tl::unexpected{std::move(done.error())};
  const auto durable = read_redis_settings(*connection, options);
  if (!durable)
    return tl::unexpected{durable.error()};
  return std::make_unique<redis>(std::move(*connection), *durable);
}

} // namespace intd
