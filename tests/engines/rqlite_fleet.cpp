#include "tests/engines/rqlite_fleet.hpp"

#include "engines/http/http_connection.hpp"
#include "engines/registry.hpp"
#include "engines/rqlite/rqlite_protocol.hpp"

#include <utility>

namespace intd::test {

using namespace std::chrono_literals;

namespace {

store_options quick() {
  store_options options;
  options.connect_timeout = 500ms;
  options.answer_timeout = 1s;
  return options;
}

void mint_as_old(const std::string& dsn, fleet::member& me) {
  const auto nodes = *parse_rqlite_dsn(dsn);
  const http_request replace{
    http_method::post, "/db/execute",
    rqlite_protocol::body_of({"REPLACE INTO integers (stub) VALUES ('a')"})};
  http_connection by{http_login::basic, quick()};
  auto at = nodes.front();
  for (size_t i = 0; me.goes_on();) {
    const auto answer = by.send(at, replace, "application/json");
    const auto done = answer && answer->status == 200
      ? rqlite_protocol::parse_written(answer->body, 1)
      : fail(ec::unavailable, "");
    if (done && done->rows_affected == 1) {
      me.keep({done->last_insert_id, 1, 1});
    } else if (answer && !answer->location.empty()) {
      const auto to = server_of_url(answer->location);
      at.host = to ? to->host : at.host;
      at.port = to ? to->port : at.port;
    } else {
      at = nodes[++i % nodes.size()];
    }
  }
}

} // namespace

opening rqlite_opening(std::string dsn) {
  return [dsn = std::move(dsn)] {
    return make_engine("rqlite", dsn, quick());
  };
}

void add_old_client(fleet& to, const std::string& dsn) {
  to.add_client([dsn](fleet::member& me) {
    mint_as_old(dsn, me);
  });
}

} // namespace intd::test
