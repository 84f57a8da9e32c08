#include "actors/listener.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <list>
#include <tuple>
#include <utility>

namespace intd {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using executor = asio::io_context::executor_type;
using acceptor = asio::basic_socket_acceptor<tcp, executor>;
using accepted = asio::basic_stream_socket<tcp, executor>;
using timer
  = asio::basic_waitable_timer<std::chrono::steady_clock,
                               asio::wait_traits<std::chrono::steady_clock>,
                               executor>;

// Pause after an accept that failed for want of descriptors or memory.
constexpr auto retry_after = std::chrono::milliseconds{100};

error_code open_endpoint(acceptor& x, const tcp::endpoint& where) {
  error_code code;
  x.open(where.protocol(), code);
  if (!code)
    x.set_option(tcp::acceptor::reuse_address(true), code);
  if (!code && where.protocol() == tcp::v6())
    x.set_option(asio::ip::v6_only(true), code);
  if (!code)
    x.bind(where, code);
  if (!code)
    x.listen(asio::socket_base::max_listen_connections, code);
  if (!code)
    x.non_blocking(true, code);
  return code;
}

std::string address(const std::string& host, uint16_t port) {
  return host + ":" + std::to_string(port);
}

} // namespace

class listener::impl : public std::enable_shared_from_this<impl> {
public:
  explicit impl(asio::io_context& io) : io_(io) {
    // nop
  }

  // Adds an endpoint; all share the port of the first.
  error_code add(tcp::endpoint where) {
    if (port_ != 0)
      where.port(port_);
    auto& x = endpoints_.emplace_back(io_);
    auto code = open_endpoint(x.socket, where);
    if (code)
      endpoints_.pop_back();
    else
      port_ = x.socket.local_endpoint().port();
    return code;
  }

  [[nodiscard]] uint16_t port() const {
    return port_;
  }

  void start(accept_handler handler) {
    handler_ = std::move(handler);
    for (auto& x : endpoints_)
      wait(x);
  }

  void stop() {
    for (auto& x : endpoints_) {
      std::ignore = accept_all(x.socket);
      error_code ignored;
      x.socket.close(ignored);
      x.pause.cancel();
    }
    handler_ = nullptr;
  }

  void inject(stream_socket socket) {
    if (handler_)
      handler_(std::move(socket));
  }

private:
  struct endpoint {
    explicit endpoint(asio::io_context& io) : socket(io), pause(io) {
      // nop
    }

    acceptor socket;
    timer pause;
    bool starving = false;
  };

  void wait(endpoint& x) {
    x.socket.async_wait(acceptor::wait_read,
                        [this, &x, self = shared_from_this()](error_code code) {
                          if (!code && x.socket.is_open())
                            accept(x);
                        });
  }

  void accept(endpoint& x) {
    auto code = accept_all(x.socket);
    if (!code) {
      x.starving = false;
      return wait(x);
    }
    if (!std::exchange(x.starving, true))
      spdlog::warn("listener: cannot accept on port {}: {}; will try again, "
                   "raise the limit of open files (ulimit -n)",
                   port_, code.message());
    x.pause.expires_after(retry_after);
    x.pause.async_wait([this, &x, self = shared_from_this()](error_code end) {
      if (!end && x.socket.is_open())
        accept(x);
    });
  }

  error_code accept_all(acceptor& x) {
    while (x.is_open()) {
      error_code code;
      accepted socket{io_};
      x.accept(socket, code);
      if (code == asio::error::would_block)
        return {};
      if (code == asio::error::connection_aborted
          || code == asio::error::interrupted)
        continue;
      if (code)
        return code;
      socket.set_option(tcp::no_delay(true), code);
      inject(stream_socket{std::move(socket)});
    }
    return {};
  }

  asio::io_context& io_;
  // A list: waiting handlers hold references to its elements.
  std::list<endpoint> endpoints_;
  uint16_t port_ = 0;
  accept_handler handler_;
};

result<listener> listener::listen(event_loop& loop, const std::string& host,
                                  uint16_t port) {
  error_code code;
  asio::ip::basic_resolver<tcp, executor> names{loop.io()};
  auto found = names.resolve(
    host, std::to_string(port),
    tcp::resolver::passive | tcp::resolver::numeric_service, code);
  if (code)
    return fail(ec::unavailable,
                "cannot resolve host '" + host + "' (" + code.message()
                  + "); give an address of this machine");
  listener made{loop.io()};
  for (const auto& entry : found) {
    auto failed = made.impl_->add(entry.endpoint());
    if (failed == asio::error::address_in_use)
      return fail(ec::in_use,
                  "cannot listen on " + address(host, port)
                    + ": another process does; choose another "
                      "port or stop it");
    if (failed)
      code = failed;
  }
  if (made.port() == 0)
    return fail(ec::unavailable,
                "cannot listen on " + address(host, port) + ": "
                  + code.message());
  return made;
}

listener::listener(asio::io_context& io) : impl_(std::make_shared<impl>(io)) {
  // nop
}

uint16_t listener::port() const {
  return impl_->port();
}

void listener::start(accept_handler handler) {
  impl_->start(std::move(handler));
}

void listener::stop() {
  impl_->stop();
}

void listener::inject(stream_socket socket) {
  impl_->inject(std::move(socket));
}

} // namespace intd
