#include "actors/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <array>
#include <utility>

namespace intd {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// Read at once from one client, so that none holds up the others.
constexpr size_t read_max = 16'384;

// An output buffer larger than this is given back when it is empty.
constexpr size_t keep_max = 4'096;

} // namespace

connection::connection(stream_socket socket) : socket_(std::move(socket)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

connection::~connection() = default;

void connection::resume_reading() {
  reading_ = true;
  wait_readable();
}

void connection::read_now() {
  if (open() && !input_ended_)
    read();
}

void connection::pause_reading() {
  reading_ = false;
}

void connection::wait_readable() {
  if (!reading_ || read_waiting_ || input_ended_ || !open())
    return;
  read_waiting_ = true;
  socket_.async_wait(stream_socket::wait_read,
                     [this, self = shared_from_this()](error_code code) {
                       read_waiting_ = false;
                       if (!code && reading_ && open())
                         read();
                     });
}

void connection::read() {
  // One buffer serves every connection: what a client keeps, it copies.
  static thread_local std::array<char, read_max> buffer;
  error_code code;
  auto size = socket_.read_some(asio::buffer(buffer), code);
  if (code == asio::error::would_block || code == asio::error::interrupted) {
    // Nothing yet.
  } else if (code == asio::error::eof) {
    input_ended_ = true;
    if (output_ended_)
      return close();
    input_ended();
  } else if (code) {
    return close();
  } else if (!finishing_) {
    received({buffer.data(), size});
  }
  wait_readable();
}

void connection::flush() {
  if (!write_waiting_ && open())
    write();
}

void connection::write() {
  error_code code;
  size_t sent = 0;
  while (sent < output_.size() && !code)
    sent += socket_.write_some(
      asio::buffer(output_.data() + sent, output_.size() - sent), code);
  if (code && code != asio::error::would_block)
    return close();
  output_.erase(0, sent);
  if (!output_.empty()) {
    write_waiting_ = true;
    socket_.async_wait(stream_socket::wait_write,
                       [this, self = shared_from_this()](error_code failed) {
                         write_waiting_ = false;
                         if (failed || !open())
                           return;
                         write();
                         if (open() && !finishing_ && output_.empty())
                           output_drained();
                       });
    return;
  }
  if (output_.capacity() > keep_max)
    output_.shrink_to_fit();
  if (finishing_)
    end_output();
}

void connection::finish() {
  if (finishing_ || !open())
    return;
  finishing_ = true;
  flush();
}

void connection::end_output() {
  if (output_ended_)
    return;
  output_ended_ = true;
  error_code ignored;
  socket_.shutdown(stream_socket::shutdown_send, ignored);
  if (input_ended_)
    return close();
  resume_reading(); // Discards until the client ends its side too.
}

void connection::close() {
  if (!open())
    return;
  auto keep = shared_from_this(); // closed() may drop the last owner.
  error_code ignored;
  socket_.close(ignored);
  closed();
}

} // namespace intd
