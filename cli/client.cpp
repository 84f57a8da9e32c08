#include "cli/client.hpp"

#include "cli/printable.hpp"
#include "engines/sequence.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace intd {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// More than any answer that is an integer, or explains why it is none.
constexpr size_t answer_max = 16'384;

std::string excerpt(std::string_view text) {
  return printable(std::string{text.substr(0, 200)});
}

// A connection whose every step ends in time.
class connection {
public:
  explicit connection(server_address where) : where_(std::move(where)) {
    // nop
  }

  [[nodiscard]] const server_address& where() const {
    return where_;
  }

  [[nodiscard]] std::string name() const {
    return where_.host + ":" + std::to_string(where_.port);
  }

  [[nodiscard]] bool open() const {
    return stream_.socket().is_open();
  }

  beast::tcp_stream& stream() {
    return stream_;
  }

  // Starts an operation, which takes a handler, and waits for its end.
  template <class Start>
  error_code run(Start start) {
    error_code outcome;
    stream_.expires_after(where_.timeout);
    start([&outcome](error_code code, const auto&...) {
      outcome = code;
    });
    io_.restart();
    io_.run();
    return outcome;
  }

  result<void> connect() {
    error_code code;
    auto found = tcp::resolver{io_}.resolve(where_.host,
                                            std::to_string(where_.port), code);
    if (code)
      return fail(ec::unavailable,
                  "cannot resolve " + where_.host + " (" + code.message()
                    + "); check -host");
    code = run([this, &found](auto handler) {
      stream_.async_connect(found, handler);
    });
    if (code)
      return failed("connect to", code,
                    "start intd-server, or give its -host and -port");
    stream_.socket().set_option(tcp::no_delay{true}, code);
    return {};
  }

  void close() {
    error_code ignored;
    stream_.socket().close(ignored);
  }

  tl::unexpected<error> failed(const std::string& verb, error_code code,
                               const std::string& remedy) {
    close();
    if (code == beast::error::timeout)
      return fail(ec::timeout,
                  "cannot " + verb + " " + name() + " within "
                    + std::to_string(where_.timeout.count()) + " ms; "
                    + remedy);
    return fail(ec::unavailable,
                "cannot " + verb + " " + name() + ": " + code.message() + "; "
                  + remedy);
  }

private:
  server_address where_;
  boost::asio::io_context io_{1};
  beast::tcp_stream stream_{io_};
};

tl::unexpected<error> no_integer(const std::string& from,
                                 std::string_view text) {
  return fail(ec::unavailable,
              from + " answered no integer but '" + excerpt(text)
                + "'; check -protocol and -port");
}

class http_client final : public integer_client {
public:
  explicit http_client(server_address where) : to_(std::move(where)) {
    request_ = {http::verb::get, to_.where().path, 11};
    request_.set(http::field::host, to_.name());
    request_.set(http::field::user_agent, "intd-client/" INTD_VERSION);
  }

  result<int64_t> next() override {
    bool reused = to_.open();
    if (!reused)
      if (auto connected = to_.connect(); !connected)
        return tl::unexpected{connected.error()};
    http::response_parser<http::string_body> answer;
    answer.body_limit(answer_max);
    auto code = ask(answer);
    if (code == http::error::end_of_stream && reused) {
      to_.close();
      return next();
    }
    if (code)
      return to_.failed("get an integer from", code,
                        "see the server's log, and check -protocol and -port");
    if (!answer.keep_alive())
      to_.close();
    return read(answer.get());
  }

private:
  error_code ask(http::response_parser<http::string_body>& answer) {
    buffer_.clear();
    auto code = to_.run([this](auto handler) {
      http::async_write(to_.stream(), request_, handler);
    });
    // The server may have said why it does not listen.
    auto read = to_.run([this, &answer](auto handler) {
      http::async_read(to_.stream(), buffer_, answer, handler);
    });
    return read && code && read != http::error::end_of_stream ? code : read;
  }

  result<int64_t> read(const http::response<http::string_body>& answer) {
    if (answer.result() != http::status::ok)
      return fail(
        ec::unavailable,
        to_.name() + " answered " + std::to_string(answer.result_int()) + " "
          + std::string{answer.reason()} + ": " + excerpt(answer.body())
          + "; try again, and see the server's log");
    auto value = parse_answer(answer.body());
    if (!value)
      return no_integer(to_.name(), answer.body());
    return *value;
  }

  connection to_;
  beast::flat_buffer buffer_{2 * answer_max};
  http::request<http::empty_body> request_;
};

class tcp_client final : public integer_client {
public:
  explicit tcp_client(server_address where) : to_(std::move(where)) {
    // nop
  }

  result<int64_t> next() override {
    if (auto connected = to_.connect(); !connected)
      return tl::unexpected{connected.error()};
    // One byte more than an integer takes.
    std::array<char, 21> bytes{};
    size_t size = 0;
    auto code = to_.run([this, &bytes, &size](auto handler) {
      boost::asio::async_read(to_.stream(), boost::asio::buffer(bytes),
                              [&size, handler](error_code failed, size_t n) {
                                size = n;
                                handler(failed);
                              });
    });
    to_.close();
    if (code && code != boost::asio::error::eof)
      return to_.failed("get an integer from", code, "see the server's log");
    if (size == 0)
      return fail(ec::unavailable,
                  to_.name()
                    + " closed without an integer; try again, "
                      "and see the server's log");
    std::string_view text{bytes.data(), size};
    auto value = parse_answer(text);
    // Without its end the integer may be cut.
    if (!value || text.back() != '\n')
      return no_integer(to_.name(), text);
    return *value;
  }

private:
  connection to_;
};

} // namespace

std::unique_ptr<integer_client> make_http_client(server_address where) {
  return std::make_unique<http_client>(std::move(where));
}

std::unique_ptr<integer_client> make_tcp_client(server_address where) {
  return std::make_unique<tcp_client>(std::move(where));
}

std::optional<int64_t> parse_answer(std::string_view text) {
  if (!text.empty() && text.back() == '\n')
    text.remove_suffix(1);
  if (text.empty() || text.front() < '1' || text.front() > '9')
    return std::nullopt;
  int64_t value = 0;
  const auto* end = text.data() + text.size();
  auto [at, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc{} || at != end)
    return std::nullopt;
  return value;
}

} // namespace intd
