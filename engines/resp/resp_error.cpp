#include "engines/resp/resp_error.hpp"

namespace intd {

namespace {

struct meaning {
  std::string_view begin;
  ec code;
  std::string_view remedy;
};

// The texts are those of Redis 7.0's source and of SummitDB's.
constexpr meaning meanings[] = {
  {"OOM", ec::unavailable,
   "free memory there, or raise its maxmemory; keep maxmemory-policy at "
   "noeviction"},
  {"NOAUTH", ec::unavailable,
   "it wants a password: redis://:password@host:port"},
  {"NOPERM", ec::unavailable,
   "let this user run GET, SET, SETNX, INCRBY and EVAL on the key (ACL "
   "SETUSER)"},
  {"WRONGTYPE", ec::corrupt,
   "the key is used by another program; move it away, or use another key or "
   "database"},
  {"ERR value is not an integer", ec::corrupt,
   "SET the key to the last integer that was given"},
  {"LOADING", ec::unavailable, "it is reading its data; wait until it has"},
  {"READONLY", ec::unavailable,
   "it is a replica; give the address of its master"},
  {"MISCONF", ec::unavailable,
   "it cannot write its data to disk; its log says why"},
  {"NOREPLICAS", ec::unavailable,
   "it misses the replicas that min-replicas-to-write asks for"},
  {"MASTERDOWN", ec::unavailable, "it is a replica that lost its master"},
  {"MOVED", ec::unavailable,
   "it is one of a Redis Cluster, and another node has the key; give that "
   "node's address, or a Redis that is no cluster"},
  {"ASK", ec::unavailable,
   "it is one of a Redis Cluster that moves the key; wait until it has"},
  {"CLUSTERDOWN", ec::unavailable,
   "its cluster is down; CLUSTER INFO there says why"},
  {"BUSY", ec::unavailable, "a script blocks it; SCRIPT KILL there ends it"},
  {"ERR DB index is out of range", ec::unavailable,
   "raise databases there, or use another database"},
  {"ERR leader not known", ec::unavailable,
   "an election is under way, or most of its nodes are down"},
  {"TRY", ec::unavailable, "its leader changes too often"},
  {"ERR raft not ready", ec::unavailable, "it is starting; wait until it has"},
  {"ERR unknown command", ec::unavailable,
   "is this really a Redis, or a SummitDB where one is expected?"},
};

constexpr std::string_view harmless_login_errors[] = {
  "WRONGPASS",
  "NOAUTH",
  "ERR invalid password",
  "ERR Client sent AUTH, but no password is set",
  "ERR AUTH <password> called without any password configured",
  "ERR wrong number of arguments",
};

} // namespace

tl::unexpected<error> resp_error(const std::string& where,
                                 std::string_view text) {
  auto context = where + ": ";
  context.append(text.substr(0, 200));
  for (const auto& x : meanings)
    if (text.starts_with(x.begin))
      return fail(x.code, context.append("; ").append(x.remedy));
  return fail(ec::unavailable, std::move(context));
}

tl::unexpected<error> resp_login_error(const std::string& where,
                                       std::string_view text) {
  for (const auto* remedied : {"LOADING", "NOPERM"})
    if (text.starts_with(remedied))
      return resp_error(where, text);
  auto context = where + " refuses the login";
  for (const auto& x : harmless_login_errors)
    if (text.starts_with(x))
      context.append(": ").append(text.substr(0, 200));
  return fail(ec::unavailable,
              context
                + "; check user and password in its data source name (a user "
                  "name needs Redis 6 or later)");
}

} // namespace intd
