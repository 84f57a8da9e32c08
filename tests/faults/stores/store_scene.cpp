#include "tests/faults/stores/store_scene.hpp"

#include "tests/engines/mysql_tables.hpp"
#include "tests/servers/mariadb.hpp"
#include "tests/servers/redis.hpp"
#include "tests/servers/rqlite.hpp"
#include "tests/servers/summitdb.hpp"
#include "tests/support/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <utility>

namespace intd::test {

namespace {

constexpr const char* timeouts = R"([timeouts]
store_connect_ms = 300
store_answer_ms = 500
grace_ms = 3000
)";

// A table as the original's users have it; otherwise the engine makes one.
void make_table(store_server& store, const std::string& storage) {
  static_cast<mariadb_server&>(store).execute(
    original_table("integers", storage));
}

std::unique_ptr<store_server> forgetful_mariadb() {
  return std::make_unique<mariadb_server>(
    mariadb_options{{"--innodb-flush-log-at-trx-commit=0"}});
}

template <redis_persistence How>
std::unique_ptr<store_server> redis() {
  redis_options options;
  options.persistence = How;
  return std::make_unique<redis_server>(options);
}

template <class Server>
std::unique_ptr<store_server> as_it_comes() {
  return std::make_unique<Server>();
}

#ifdef INTD_TEST_SUMMITDB
std::unique_ptr<store_server> forgetful_summitdb() {
  summitdb_options options;
  options.low = true;
  return std::make_unique<summitdb_server>(options);
}
#endif

std::vector<store_kind> all_kinds() {
  const auto with_table = [](const char* storage) {
    return [storage](store_server& store) {
      make_table(store, storage);
    };
  };
  return {
    {"InnoDB", as_it_comes<mariadb_server>, {}},
    {"InnoDB that does not sync", forgetful_mariadb, {}},
    {"Aria", as_it_comes<mariadb_server>, with_table("Aria")},
    {"MyISAM", as_it_comes<mariadb_server>, with_table("MyISAM")},
    {"Redis that syncs", redis<redis_persistence::aof_always>, {}},
    {"Redis without persistence", redis<redis_persistence::none>, {}},
    {"rqlite", as_it_comes<rqlite_server>, {}},
#ifdef INTD_TEST_SUMMITDB
    {"SummitDB", as_it_comes<summitdb_server>, {}},
    {"SummitDB that does not sync", forgetful_summitdb, {}},
#endif
  };
}

// The same name, at another port.
std::string dsn_at(const store_server& store, uint16_t port) {
  auto dsn = store.dsn();
  if (port == 0)
    return dsn;
  const auto own = std::to_string(store.port());
  return dsn.replace(dsn.find(":" + own) + 1, own.size(), std::to_string(port));
}

} // namespace

const std::vector<store_kind>& store_kinds() {
  static const auto all = all_kinds();
  return all;
}

store_scene::store_scene(const store_kind& kind) : store_(kind.make()) {
  store_->start();
  if (kind.prepare)
    kind.prepare(*store_);
}

server& store_scene::add_node(uint16_t port) {
  server_options options;
  options.name = "n" + std::to_string(names_.size() + 1);
  options.engine = store_->engine();
  options.config = timeouts;
  options.flags = {"-dsn", dsn_at(*store_, port)};
  names_.push_back(options.name);
  return all_.add(std::move(options));
}

void store_scene::start_load() {
  load_ = all_.clients();
}

void store_scene::require_answers(size_t count) {
  BOOST_TEST_REQUIRE(load_->wait_for(count, soon),
                     node().log() << store_->log());
}

void store_scene::break_by(const std::string& fault,
                           const std::function<void()>& harm) {
  fault_ = fault;
  begin_ = now_ns();
  harm();
  auto deadline = in(soon);
  std::optional<http_answer> answer;
  do {
    auto client = http_client::connect(node().port("http"), deadline);
    answer = client ? client->get("/", deadline) : std::nullopt;
    BOOST_TEST_REQUIRE(answer.has_value(), node().log());
  } while (answer->status == 200
           && std::chrono::steady_clock::now() < deadline);
  BOOST_TEST(answer->status == 503, answer->body);
  BOOST_TEST(answer->field("retry-after") != "");
}

void store_scene::mend_by(const std::function<void()>& mend) {
  mend();
  const auto mended = std::chrono::steady_clock::now();
  require_answers(1);
  const auto took = std::chrono::steady_clock::now() - mended;
  BOOST_TEST((took <= back_again),
             std::chrono::duration_cast<std::chrono::milliseconds>(took).count()
               << " ms\n"
               << node().log());
  node().record({fault_, node().options().name, begin_, now_ns(), true,
                 "an error while it lasted"});
}

void store_scene::note(const std::string& fault) {
  node().record(
    {fault, node().options().name, now_ns(), now_ns(), false, "done"});
}

void store_scene::judge(const std::vector<std::string>& faults) {
  require_answers(50);
  auto calls = load_->stop();
  for (size_t i = 0; i < names_.size(); ++i)
    stop_cleanly(all_.node(i));
  all_.judge(std::move(calls), promise_of(names_, {"http", "tcp"}, faults));
}

} // namespace intd::test
