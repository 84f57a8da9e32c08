// The original's TCP protocol: a client that connects gets one integer and a
// newline, and the connection ends. In trouble it ends without a byte.
#pragma once

#include "actors/client.hpp"

namespace intd::tcp {

class client final : public intd::client {
public:
  client(stream_socket socket, front_desk& desk);

  void minted(ticket request, int64_t value) override;
  void minted(ticket request, const std::string& key,
              const std::vector<run>& integers) override;
  void told(ticket request, const std::string& key, int64_t last) override;
  void done(ticket request) override;
  void refused(ticket request, const error& reason) override;
  void reported(ticket request, const site_report& now) override;
  void settle() override;
  void sweep(std::chrono::steady_clock::time_point now) override;
  void drain() override;

protected:
  void received(std::string_view bytes) override;
  void input_ended() override;
  void output_drained() override;
  void closed() override;

private:
  front_desk& desk_;
  quiet_timer quiet_;
  bool asked_ = false;
  bool answered_ = false;
};

/// Makes the clients of a TCP front end.
[[nodiscard]] client_factory clients();

} // namespace intd::tcp
