#include "engines/dsn.hpp"

#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace intd;
using namespace intd::test;

namespace {

std::string path_of(std::string_view dsn) {
  return must(parse_sqlite_dsn(dsn)).string();
}

// Every refusal names its engine and shows what is expected.
template <class Parse>
void refused(Parse parse, std::string_view dsn, std::string_view expected) {
  const auto parsed = parse(dsn);
  BOOST_TEST(code_of(parsed) == ec::invalid_dsn, dsn);
  BOOST_TEST(says(parsed, "expected "), dsn << " says " << text_of(parsed));
  BOOST_TEST(says(parsed, expected), dsn << " says " << text_of(parsed));
}

} // namespace

BOOST_AUTO_TEST_CASE(memory_takes_no_name) {
  must(parse_memory_dsn(""));
  BOOST_TEST(code_of(parse_memory_dsn("x")) == ec::invalid_dsn);
}

BOOST_AUTO_TEST_CASE(sqlite_takes_urls_and_paths) {
  BOOST_TEST(path_of("sqlite:///var/lib/intd/x.db") == "/var/lib/intd/x.db");
  BOOST_TEST(path_of("sqlite://x.db") == "x.db");
  BOOST_TEST(path_of("sqlite://some/where/x.db") == "some/where/x.db");
  BOOST_TEST(path_of("/var/x.db") == "/var/x.db");
  BOOST_TEST(path_of("some/x.db") == "some/x.db");
  BOOST_TEST(path_of("x") == "x");
}

BOOST_AUTO_TEST_CASE(a_sqlite_url_is_percent_decoded_and_a_path_is_not) {
  BOOST_TEST(path_of("sqlite:///a%20b/%C3%A4%3f%23%25.db")
             == "/a b/\xc3\xa4?#%.db");
  BOOST_TEST(path_of("/a%20b?.db") == "/a%20b?.db");
}

BOOST_AUTO_TEST_CASE(what_is_no_sqlite_file_is_refused) {
  refused(parse_sqlite_dsn, "", "no file");
  refused(parse_sqlite_dsn, "sqlite://", "no file");
  refused(parse_sqlite_dsn, "sqlite:///a/", "no file");
  refused(parse_sqlite_dsn, ":memory:", "memory");
  refused(parse_sqlite_dsn, "file:x.db?mode=memory", "memory");
  refused(parse_sqlite_dsn, "sqlite:///x.db?mode=ro", "?");
  refused(parse_sqlite_dsn, "sqlite:///x%2", "%");
  refused(parse_sqlite_dsn, "sqlite:///x%zz.db", "%");
  refused(parse_sqlite_dsn, "sqlite:///x%00.db", "zero byte");
  refused(parse_sqlite_dsn, "redis://localhost", "another store's");
}

BOOST_AUTO_TEST_CASE(mysql_takes_the_spellings_of_the_original) {
  const server local{false, "u", "p", "localhost", 3306};
  BOOST_TEST((must(parse_mysql_dsn("u:p@tcp(db.example:3307)/ints"))
              == mysql_dsn{{false, "u", "p", "db.example", 3307}, "", "ints"}));
  BOOST_TEST(
    (must(parse_mysql_dsn("u:p@/ints")) == mysql_dsn{local, "", "ints"}));
  BOOST_TEST(
    (must(parse_mysql_dsn("u:p@tcp/ints")) == mysql_dsn{local, "", "ints"}));
  BOOST_TEST(
    (must(parse_mysql_dsn("u:p@tcp()/ints")) == mysql_dsn{local, "", "ints"}));
  BOOST_TEST((must(parse_mysql_dsn("u:p@tcp(h)/ints"))
              == mysql_dsn{{false, "u", "p", "h", 3306}, "", "ints"}));
  BOOST_TEST((must(parse_mysql_dsn("u:p@tcp([::1]:3307)/ints"))
              == mysql_dsn{{false, "u", "p", "::1", 3307}, "", "ints"}));
  BOOST_TEST(
    (must(parse_mysql_dsn("u@unix(/run/my.sock)/ints"))
     == mysql_dsn{{false, "u", "", "localhost", 0}, "/run/my.sock", "ints"}));
  BOOST_TEST((must(parse_mysql_dsn("/ints"))
              == mysql_dsn{{false, "", "", "localhost", 3306}, "", "ints"}));
  BOOST_TEST((must(parse_mysql_dsn("root:@/ints")).at.user == "root"));
}

BOOST_AUTO_TEST_CASE(in_the_originals_spelling_a_password_is_taken_as_it_is) {
  const auto x = must(parse_mysql_dsn("u:p@s/s:%41(w)@tcp(h:1)/ints"));
  BOOST_TEST(x.at.user == "u");
  BOOST_TEST(x.at.password == "p@s/s:%41(w)");
  BOOST_TEST(x.at.host == "h");
  BOOST_TEST(x.at.port == 1);
}

BOOST_AUTO_TEST_CASE(mysql_takes_a_url) {
  BOOST_TEST((must(parse_mysql_dsn("mysql://u:p%40%3A%2F%25@h:3307/ints"))
              == mysql_dsn{{false, "u", "p@:/%", "h", 3307}, "", "ints"}));
  BOOST_TEST((must(parse_mysql_dsn("mysql://[fe80::1]/ints"))
              == mysql_dsn{{false, "", "", "fe80::1", 3306}, "", "ints"}));
  BOOST_TEST((must(parse_mysql_dsn("mysql:///ints"))
              == mysql_dsn{{false, "", "", "localhost", 3306}, "", "ints"}));
}

BOOST_AUTO_TEST_CASE(what_is_no_mysql_server_is_refused) {
  refused(parse_mysql_dsn, "", "the / before the database");
  refused(parse_mysql_dsn, "u:p@tcp(h:1)", "the / before the database");
  refused(parse_mysql_dsn, "u:p@tcp(h:1)/", "no database");
  refused(parse_mysql_dsn, "mysql://h", "no database");
  refused(parse_mysql_dsn, "mysql://h/a/b", "no database");
  refused(parse_mysql_dsn, "u:p@tcp(h:1/ints", ")");
  refused(parse_mysql_dsn, "u:p@udp(h:1)/ints", "tcp(host:port)");
  refused(parse_mysql_dsn, "u:p@h:1/ints", "tcp(host:port)");
  refused(parse_mysql_dsn, "u:p@(h:1)/ints", "tcp(host:port)");
  refused(parse_mysql_dsn, "u:p@unix/ints", "unix(/socket)");
  refused(parse_mysql_dsn, "u:p@tcp(h:0)/ints", "port");
  refused(parse_mysql_dsn, "u:p@tcp(h:65536)/ints", "port");
  refused(parse_mysql_dsn, "u:p@tcp(h:1)/ints?charset=utf8", "?");
  refused(parse_mysql_dsn, "mysql://h/ints?x=y", "?");
}

BOOST_AUTO_TEST_CASE(redis_takes_a_url_with_all_parts_left_out_or_given) {
  BOOST_TEST((must(parse_redis_dsn("redis://"))
              == redis_dsn{{false, "", "", "localhost", 6379}, 0}));
  BOOST_TEST((must(parse_redis_dsn("redis://localhost:6380"))
              == redis_dsn{{false, "", "", "localhost", 6380}, 0}));
  BOOST_TEST((must(parse_redis_dsn("redis://localhost:/"))
              == redis_dsn{{false, "", "", "localhost", 6379}, 0}));
  BOOST_TEST((must(parse_redis_dsn("redis://:6380/0"))
              == redis_dsn{{false, "", "", "localhost", 6380}, 0}));
  BOOST_TEST((must(parse_redis_dsn("rediss://u:p@r.example:1/15"))
              == redis_dsn{{true, "u", "p", "r.example", 1}, 15}));
  BOOST_TEST((must(parse_redis_dsn("redis://:secret@[2001:db8::7]:7/3"))
              == redis_dsn{{false, "", "secret", "2001:db8::7", 7}, 3}));
  BOOST_TEST((must(parse_redis_dsn("redis://u:a%40b%3Ac%2fd%25@h"))
              == redis_dsn{{false, "u", "a@b:c/d%", "h", 6379}, 0}));
  BOOST_TEST((must(parse_redis_dsn("redis://u:a@b:c@h"))
              == redis_dsn{{false, "u", "a@b:c", "h", 6379}, 0}));
}

BOOST_AUTO_TEST_CASE(what_is_no_redis_server_is_refused) {
  refused(parse_redis_dsn, "", "begin");
  refused(parse_redis_dsn, "localhost:6379", "begin");
  refused(parse_redis_dsn, "Redis://h", "begin");
  refused(parse_redis_dsn, "http://h", "begin");
  refused(parse_redis_dsn, "redis://h:port", "port");
  refused(parse_redis_dsn, "redis://h:-1", "port");
  refused(parse_redis_dsn, "redis://h:6379x", "port");
  refused(parse_redis_dsn, "redis://h/x", "database");
  refused(parse_redis_dsn, "redis://h/-1", "database");
  refused(parse_redis_dsn, "redis://h/1/2", "database");
  refused(parse_redis_dsn, "redis://h/99999999999", "database");
  refused(parse_redis_dsn, "redis://::1:6379", "brackets");
  refused(parse_redis_dsn, "redis://[::1", "IPv6");
  refused(parse_redis_dsn, "redis://[::x]:1", "IPv6");
  refused(parse_redis_dsn, "redis://[::1]x", "IPv6");
  refused(parse_redis_dsn, "redis://h h", "host");
  refused(parse_redis_dsn, "redis://h,i", "host");
  refused(parse_redis_dsn, "redis://h?db=1", "?");
  refused(parse_redis_dsn, "redis://u:p%4@h", "%");
  refused(parse_redis_dsn, "redis://u:a/b@h", "%2F");
}

BOOST_AUTO_TEST_CASE(rqlite_and_summitdb_take_lists) {
  using servers = std::vector<server>;
  BOOST_TEST((must(parse_rqlite_dsn("http://a:4001,https://u:p%2C%40@b,"
                                    "http://[::1]:4003/"))
              == servers{{false, "", "", "a", 4001},
                         {true, "u", "p,@", "b", 4001},
                         {false, "", "", "::1", 4003}}));
  BOOST_TEST((must(parse_rqlite_dsn("http://"))
              == servers{{false, "", "", "localhost", 4001}}));
  BOOST_TEST(
    (must(parse_summitdb_dsn("redis://a,redis://b:7482"))
     == servers{{false, "", "", "a", 7481}, {false, "", "", "b", 7482}}));
}

BOOST_AUTO_TEST_CASE(a_wrong_node_of_a_list_is_named_by_its_place) {
  refused(parse_rqlite_dsn, "http://a,b:4001", "node 2");
  refused(parse_rqlite_dsn, "http://a,", "node 2");
  refused(parse_rqlite_dsn, "http://a,,http://b", "node 2");
  refused(parse_rqlite_dsn, "http://a/db", "node 1");
  refused(parse_rqlite_dsn, "redis://a", "node 1");
  refused(parse_rqlite_dsn, "", "node 1");
  refused(parse_summitdb_dsn, "redis://a,rediss://b", "node 2");
  refused(parse_summitdb_dsn, "redis://a/1", "node 1");
}

BOOST_AUTO_TEST_CASE(another_site_has_an_address_and_a_token_at_most) {
  BOOST_TEST(
    (must(parse_http_dsn("http://a")) == server{false, "", "", "a", 8080}));
  BOOST_TEST((must(parse_http_dsn("https://:t%40k@[::1]:443/"))
              == server{true, "", "t@k", "::1", 443}));
  refused(parse_http_dsn, "", "begin");
  refused(parse_http_dsn, "a:8080", "begin");
  refused(parse_http_dsn, "http://user:token@a", "token");
  refused(parse_http_dsn, "http://a/v1", "port");
  refused(parse_http_dsn, "http://a,http://b", "host");
}

BOOST_AUTO_TEST_CASE(no_error_shows_a_part_of_a_password) {
  const auto* secret = "hunter2";
  const std::vector<std::string> wrong{
    "redis://u:hunter2@h:x",
    "redis://u:hunter2/x@h",
    "u:hunter2@h",
    "redis://u:hunter2%@h",
    "redis://hunter2:x",
    "redis://u:x@hunter2:x",
    "http://u:hunter2@h:x,h",
    "http://u:1,hunter2@h",
    "mysql://u:hunter2@h",
    "u:hunter2@tcp(h:1)",
    "u:hunter2@udp(h)/d",
    "u:p/hunter2@/d",
    "u:hunter2@tcp(hunter2:x)/d",
    "sqlite://hunter2?x",
    "hunter2://x",
    "redis://h/hunter2",
    "redis://u:x#hunter2@h",
    "u:x@/hunter2?x",
  };
  int refusals = 0;
  for (const auto& dsn : wrong) {
    const std::string texts[] = {
      text_of(parse_memory_dsn(dsn)), text_of(parse_sqlite_dsn(dsn)),
      text_of(parse_mysql_dsn(dsn)),  text_of(parse_redis_dsn(dsn)),
      text_of(parse_rqlite_dsn(dsn)), text_of(parse_summitdb_dsn(dsn)),
      text_of(parse_http_dsn(dsn)),
    };
    for (const auto& text : texts) {
      refusals += text.empty() ? 0 : 1;
      BOOST_TEST(text.find(secret) == std::string::npos, dsn << ": " << text);
    }
  }
  BOOST_TEST(refusals > 80);
}

BOOST_AUTO_TEST_CASE(for_logs_users_and_passwords_are_masked) {
  BOOST_TEST(without_secrets("redis://u:p@h:1/2") == "redis://***@h:1/2");
  BOOST_TEST(without_secrets("u:p@s/w@tcp(h:1)/d") == "***@tcp(h:1)/d");
  BOOST_TEST(without_secrets("http://u:p@a:1,http://b,https://u:x,y@c")
             == "http://***@a:1,http://b,https://***@c");
  BOOST_TEST(without_secrets("redis://u:p,q@h") == "redis://***@h");
  BOOST_TEST(without_secrets("u:a://b@/d") == "***@/d");
  BOOST_TEST(without_secrets("sqlite:///x.db") == "sqlite:///x.db");
  BOOST_TEST(without_secrets("") == "");
}
