// One client's socket: bytes in, bytes out, and nothing of any protocol. The
// protocols' clients (http/client.hpp, tcp/client.hpp) derive from it.
//
// CAF's brokers lose the answer of a client that closed its sending side, and
// buffer without end for one that does not read; hence sockets of our own.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace intd {

/// A connected stream socket, TCP or (in tests) a socket pair.
using stream_socket
  = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                     boost::asio::io_context::executor_type>;

/// Lives in a shared_ptr; used on the thread of its loop only.
class connection : public std::enable_shared_from_this<connection> {
public:
  explicit connection(stream_socket socket);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  virtual ~connection();

  /// Waits for bytes and passes them on, one read for each readiness.
  void resume_reading();

  /// Takes what has arrived already, without waiting.
  void read_now();

  /// Stops after the read that is under way; what came stays in the kernel.
  void pause_reading();

  /// What is to be sent: append, then `flush`.
  [[nodiscard]] std::string& output() {
    return output_;
  }

  [[nodiscard]] size_t output_size() const {
    return output_.size();
  }

  /// Writes what the kernel takes and waits to write the rest.
  void flush();

  /// Sends what is in the output, then the end of the stream, then waits for
  /// the client's end: closing at once could destroy the answer on its way.
  void finish();

  /// Closes now. Safe to call twice.
  void close();

  [[nodiscard]] bool open() const {
    return socket_.is_open();
  }

  /// Whether `finish` was called.
  [[nodiscard]] bool finishing() const {
    return finishing_;
  }

  /// Whether everything was sent and only the client's end is awaited.
  [[nodiscard]] bool lingering() const {
    return output_ended_ && open();
  }

protected:
  /// Bytes arrived; the view is valid during the call.
  virtual void received(std::string_view bytes) = 0;

  /// The client will send no more. It may still read.
  virtual void input_ended() = 0;

  /// The output, large before, was taken by the kernel.
  virtual void output_drained() = 0;

  /// The socket was closed, by either side. Called once.
  virtual void closed() = 0;

private:
  void wait_readable();
  void read();
  void write();
  void end_output();

  stream_socket socket_;
  std::string output_;
  bool reading_ = false;
  bool read_waiting_ = false;
  bool write_waiting_ = false;
  bool finishing_ = false;
  bool output_ended_ = false;
  bool input_ended_ = false;
};

} // namespace intd
