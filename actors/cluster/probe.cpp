#include "actors/cluster/probe.hpp"

#include "engines/dial.hpp"

#include <netdb.h>
#include <sys/socket.h>

#include <string>

namespace intd {

namespace {

using std::chrono::milliseconds;

// CAF is told the very address that answered: it has no name to look up, and
// tries no other one first.
result<std::string> numeric_peer(const file_descriptor& fd) {
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  auto* generic = reinterpret_cast<sockaddr*>(&at);
  char host[NI_MAXHOST];
  if (getpeername(fd.get(), generic, &size) != 0
      || getnameinfo(generic, size, host, sizeof host, nullptr, 0,
                     NI_NUMERICHOST)
        != 0)
    return fail(ec::unavailable, "it closed the connection at once");
  return std::string{host};
}

caf::result<std::string> connect(const std::string& host, uint16_t port,
                                 milliseconds timeout) {
  auto answer = dial(host, port, std::chrono::steady_clock::now() + timeout)
                  .and_then(numeric_peer);
  if (!answer)
    return to_caf(answer.error());
  return *answer;
}

} // namespace

probe_actor::behavior_type probe(probe_actor::pointer self,
                                 milliseconds timeout) {
  return {
    [self, timeout](dial_atom, const std::string& host, uint16_t port) {
      self->quit();
      return connect(host, port, timeout);
    },
  };
}

} // namespace intd
