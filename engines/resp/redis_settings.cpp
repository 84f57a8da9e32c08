#include "engines/resp/redis_settings.hpp"

#include "engines/resp/resp_error.hpp"

#include <optional>
#include <string>
#include <utility>

namespace intd {

namespace {

using kind = resp_value::kind;

constexpr const char* remedy
  = "; a guard (a state directory) keeps integers from coming again";

// Reads a field of INFO, e.g. "role:master".
std::string field(const std::string& info, const std::string& name) {
  const auto begin = ("\n" + info).find("\n" + name + ":");
  if (begin == std::string::npos)
    return {};
  const auto value = begin + name.size() + 1;
  return info.substr(value, info.find_first_of("\r\n", value) - value);
}

/// Asks for settings, and remembers whether any was refused.
class interview {
public:
  explicit interview(resp_connection& from) : from_{from} {
  }

  result<std::string> info(std::string_view section) {
    const auto answer = from_.ask({"INFO", section});
    if (!answer)
      return tl::unexpected{answer.error()};
    if (answer->fails_with("NOAUTH") || answer->fails_with("LOADING"))
      return resp_error(from_.where(), answer->text);
    refused_ = refused_ || answer->is != kind::text;
    return answer->text;
  }

  result<std::string> setting(std::string_view name) {
    const auto answer = from_.ask({"CONFIG", "GET", name});
    if (!answer)
      return tl::unexpected{answer.error()};
    if (answer->items.size() == 2 && answer->items[1].is == kind::text)
      return answer->items[1].text;
    refused_ = true;
    return std::string{};
  }

  [[nodiscard]] bool refused() const {
    return refused_;
  }

private:
  resp_connection& from_;
  bool refused_ = false;
};

struct settings {
  std::string appendonly;
  std::string appendfsync;
  std::string fsync_pauses;
  std::string maxmemory;
  std::string policy;
};

// Says by what the server can forget, or nothing where it cannot.
std::string weakness(const settings& x) {
  if (x.appendonly != "yes")
    return "appendonly is " + x.appendonly
      + ": when it dies it forgets what it gave since it was last saved; set "
        "appendonly yes and appendfsync always";
  if (x.appendfsync != "always")
    return "appendfsync is " + x.appendfsync
      + ": when its machine dies it forgets the last second or more; set "
        "appendfsync always";
  if (x.fsync_pauses != "no")
    return "no-appendfsync-on-rewrite is " + x.fsync_pauses
      + ": while it rewrites its log nothing is synced; set it to no";
  if (x.maxmemory != "0" && x.policy.starts_with("allkeys"))
    return "maxmemory-policy is " + x.policy
      + ": short of memory it deletes counters; set it to noeviction";
  return {};
}

result<void> refuse_replica(const std::string& where,
                            const std::string& replication) {
  if (field(replication, "role") != "slave")
    return {};
  return fail(ec::unavailable,
              where + " is a replica of " + field(replication, "master_host")
                + ":" + field(replication, "master_port")
                + ", and integers that a replica gives are lost; give the "
                  "address of its master");
}

result<settings> read_settings(interview& from) {
  settings x;
  const std::pair<std::string settings::*, const char*> wanted[] = {
    {&settings::appendonly, "appendonly"},
    {&settings::appendfsync, "appendfsync"},
    {&settings::fsync_pauses, "no-appendfsync-on-rewrite"},
    {&settings::maxmemory, "maxmemory"},
    {&settings::policy, "maxmemory-policy"},
  };
  for (const auto& [member, name] : wanted) {
    auto value = from.setting(name);
    if (!value)
      return tl::unexpected{std::move(value.error())};
    x.*member = std::move(*value);
  }
  return x;
}

} // namespace

result<durability> read_redis_settings(resp_connection& from,
                                       const store_options& options) {
  interview asked{from};
  const auto replication = asked.info("replication");
  if (!replication)
    return tl::unexpected{replication.error()};
  if (auto fine = refuse_replica(from.where(), *replication); !fine)
    return tl::unexpected{std::move(fine.error())};
  const auto persistence = asked.info("persistence");
  if (!persistence)
    return tl::unexpected{persistence.error()};
  if (field(*persistence, "loading") == "1")
    return resp_error(from.where(), "LOADING it is reading its data");
  const auto found = read_settings(asked);
  if (!found)
    return tl::unexpected{found.error()};
  std::string why;
  if (asked.refused())
    why = "its settings cannot be read (INFO and CONFIG GET are not allowed), "
          "so it may forget";
  else
    why = weakness(*found);
  const auto replicas = field(*replication, "connected_slaves");
  if (why.empty() && !replicas.empty() && replicas != "0")
    why = "it has " + replicas
      + " replicas: one that becomes the master may miss the last integers";
  if (why.empty())
    return durability::durable;
  if (options.warn)
    options.warn(from.where() + ": " + why + remedy);
  return durability::may_forget;
}

} // namespace intd
