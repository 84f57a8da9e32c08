#include "actors/tcp/client.hpp"

#include <utility>

namespace intd::tcp {

client::client(stream_socket socket, front_desk& desk)
  : intd::client(std::move(socket)), desk_(desk) {
  // nop
}

void client::minted(ticket, int64_t value) {
  answered_ = true;
  output() = std::to_string(value) + '\n';
}

void client::minted(ticket, const std::string&, const std::vector<run>&) {
  // Never asked for.
}

void client::told(ticket, const std::string&, int64_t) {
  // Never asked for.
}

void client::done(ticket) {
  // Never asked for.
}

void client::refused(ticket, const error&) {
  answered_ = true;
}

void client::reported(ticket, const site_report&) {
  // Never asked for.
}

// First called when the client was accepted, then once it is answered.
void client::settle() {
  if (!std::exchange(asked_, true))
    desk_.mint(std::static_pointer_cast<client>(shared_from_this()), {});
  if (answered_)
    finish();
}

void client::sweep(std::chrono::steady_clock::time_point now) {
  auto quiet = quiet_.quiet_for({finishing() ? 1 : 0, 0, output().size()}, now);
  auto limit = lingering() ? linger_max : desk_.options().write_timeout;
  if (finishing() && quiet > limit)
    close();
}

void client::drain() {
  // It is answered or will be; nothing else is ever taken from it.
}

void client::received(std::string_view) {
  // The protocol has no requests: what a client says does not matter.
}

void client::input_ended() {
  // A client that only listens still gets its integer.
}

void client::output_drained() {
  // Finished by settle.
}

void client::closed() {
  desk_.left(std::static_pointer_cast<client>(shared_from_this()));
}

client_factory clients() {
  return [](stream_socket socket, front_desk& desk) -> client_ptr {
    return std::make_shared<client>(std::move(socket), desk);
  };
}

} // namespace intd::tcp
