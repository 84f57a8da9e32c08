#include "cli/client.hpp"

#include "engines/sequence.hpp"
#include "tests/cli/scripted_server.hpp"
#include "tests/support/results.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace intd;
using namespace intd::test;
using namespace std::chrono_literals;

namespace {

server_address at(const scripted_server& x,
                  std::chrono::milliseconds timeout = 30s) {
  return {"127.0.0.1", x.port(), "/", timeout};
}

// What an HTTP client makes of one answer.
result<int64_t> answered(const std::string& status, const std::string& body) {
  scripted_server s{{[&](server_side& x) {
    x.answer(status, body);
  }}};
  return make_http_client(at(s))->next();
}

// What a TCP client makes of these bytes.
result<int64_t> sent(const std::string& bytes) {
  scripted_server s{{[&](server_side& x) {
    x.send(bytes);
  }}};
  return make_tcp_client(at(s))->next();
}

} // namespace

BOOST_AUTO_TEST_CASE(only_what_can_be_an_integer_is_believed) {
  BOOST_TEST(*parse_answer("1") == 1);
  BOOST_TEST(*parse_answer("10\n") == 10);
  BOOST_TEST(*parse_answer("9223372036854775807") == max_integer);
  for (const auto* bad :
       {"", "\n", "0", "-1", "+1", "01", " 1", "1 ", "1\n\n", "1\r\n", "1.0",
        "1e3", "0x1", "9223372036854775808", "99999999999999999999", "x"})
    BOOST_TEST(!parse_answer(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(http_keeps_one_connection) {
  scripted_server s{{[](server_side& x) {
    x.answer("200 OK", "7");
    x.answer("200 OK", "8\n");
    x.answer("200 OK", "9");
  }}};
  auto client = make_http_client(at(s));
  BOOST_TEST(must(client->next()) == 7);
  BOOST_TEST(must(client->next()) == 8);
  BOOST_TEST(must(client->next()) == 9);
}

BOOST_AUTO_TEST_CASE(http_connects_anew_where_the_server_closed) {
  auto one = [](server_side& x) {
    x.answer("200 OK", "1");
  };
  auto last = [](server_side& x) {
    x.read_request();
    x.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n"
           "1");
  };
  scripted_server s{{one, last, one}};
  auto client = make_http_client(at(s));
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(must(client->next()) == 1);
}

BOOST_AUTO_TEST_CASE(http_does_not_repeat_a_request_that_was_taken) {
  auto cut = [](server_side& x) {
    x.read_request();
    x.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12");
  };
  auto one = [](server_side& x) {
    x.answer("200 OK", "1");
  };
  scripted_server s{{cut, one}};
  BOOST_TEST((code_of(make_http_client(at(s))->next()) == ec::unavailable));
  // A server that closes a new connection is in trouble.
  scripted_server t{{[](server_side& x) {
                       x.read_request();
                     },
                     one}};
  BOOST_TEST((code_of(make_http_client(at(t))->next()) == ec::unavailable));
}

BOOST_AUTO_TEST_CASE(http_answers_other_than_200_are_errors_with_their_text) {
  auto x = answered("503 Service Unavailable", "{\"detail\":\"no engine\"}");
  BOOST_TEST((code_of(x) == ec::unavailable));
  BOOST_TEST(says(x,
                  "answered 503 Service Unavailable: "
                  "{\"detail\":\"no engine\"}"),
             text_of(x));
  BOOST_TEST((code_of(answered("201 Created", "1")) == ec::unavailable));
}

BOOST_AUTO_TEST_CASE(http_answers_that_are_no_integer_are_errors) {
  for (const auto* body : {"", "0", "abc", "1\n2\n", "<html>", "12.5"}) {
    auto x = answered("200 OK", body);
    BOOST_TEST((code_of(x) == ec::unavailable));
    BOOST_TEST(says(x, "answered no integer but '"), text_of(x));
    BOOST_TEST(says(x, "check -protocol and -port"));
  }
  BOOST_TEST(says(answered("200 OK", "a\x1b[2Jb\n"), "'a [2Jb '"));
  BOOST_TEST((code_of(answered("200 OK", std::string(1'000'000, '1')))
              == ec::unavailable));
}

BOOST_AUTO_TEST_CASE(http_that_is_none_is_an_error) {
  scripted_server s{{[](server_side& x) {
    x.send("42\n");
  }}};
  BOOST_TEST((code_of(make_http_client(at(s))->next()) == ec::unavailable));
}

BOOST_AUTO_TEST_CASE(tcp_reads_one_line_of_a_connection) {
  auto one = [](server_side& x) {
    x.send("41\n");
  };
  auto two = [](server_side& x) {
    x.send("4");
    x.send("2\n");
  };
  scripted_server s{{one, two}};
  auto client = make_tcp_client(at(s));
  BOOST_TEST(must(client->next()) == 41);
  BOOST_TEST(must(client->next()) == 42);
}

BOOST_AUTO_TEST_CASE(tcp_that_is_no_whole_line_is_an_error) {
  for (const auto* bytes :
       {"", "42", "\n", "0\n", "-1\n", "x\n", "1\n2\n", "9223372036854775808\n",
        "111111111111111111111111111111\n"})
    BOOST_TEST((code_of(sent(bytes)) == ec::unavailable), bytes);
  BOOST_TEST(says(sent(""), "closed without an integer"));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_silent_is_given_up) {
  auto silent = [](server_side& x) {
    x.wait_for_close();
  };
  for (auto make : {make_http_client, make_tcp_client}) {
    scripted_server s{{silent}};
    auto begin = std::chrono::steady_clock::now();
    auto x = make(at(s, 50ms))->next();
    BOOST_TEST((code_of(x) == ec::timeout));
    BOOST_TEST(says(x, "within 50 ms"), text_of(x));
    BOOST_TEST((std::chrono::steady_clock::now() - begin >= 50ms));
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_trickles_is_given_up) {
  scripted_server s{{[](server_side& x) {
    x.read_request();
    x.send("HTTP/1.1 200 OK\r\n");
    x.wait_for_close();
  }}};
  BOOST_TEST((code_of(make_http_client(at(s, 50ms))->next()) == ec::timeout));
}

BOOST_AUTO_TEST_CASE(a_server_that_is_not_there_is_an_error) {
  uint16_t port = 0;
  {
    scripted_server gone{{}};
    port = gone.port();
  }
  for (auto make : {make_http_client, make_tcp_client}) {
    auto x = make({"127.0.0.1", port, "/", 30s})->next();
    BOOST_TEST((code_of(x) == ec::unavailable));
    BOOST_TEST(says(x,
                    "cannot connect to 127.0.0.1:" + std::to_string(port)
                      + ": Connection refused; start intd-server"),
               text_of(x));
    x = make({"no.such.host.invalid", 1, "/", 30s})->next();
    BOOST_TEST((code_of(x) == ec::unavailable));
    BOOST_TEST(says(x, "check -host"), text_of(x));
  }
}
