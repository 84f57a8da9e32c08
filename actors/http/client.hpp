// One HTTP client: cuts its bytes into requests, answers in their order, and
// holds it to the limits. Integers come from the front end's desk.
#pragma once

#include "actors/answer_queue.hpp"
#include "actors/client.hpp"
#include "actors/http/codec.hpp"

#include <optional>

namespace intd::http {

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
  // What the connection is doing, for the timeouts.
  enum phase { idle, reading_request, waiting, sending, ending };

  [[nodiscard]] phase present_phase() const;
  [[nodiscard]] bool held_back() const;
  [[nodiscard]] bool takes_requests() const;
  std::string_view parse(std::string_view bytes);
  void parse_unparsed();
  void handle(endpoint what, manner how);
  void handle_v1(const v1_message& message, manner how);
  void handle_keyed(const v1_message& message, manner how);
  void handle_cluster(const v1_message& message, manner how);
  void refuse(uint64_t number, const problem& reason, manner how);
  void take_back_promise(ticket request);
  [[nodiscard]] manner last_or_not(manner how);
  void refuse_last(status what, std::string_view detail);

  front_desk& desk_;
  std::optional<request_parser> parser_;
  std::string unparsed_;
  answer_queue answers_;
  quiet_timer quiet_;
  // Bytes of answers that were asked for but are not there yet, about.
  size_t promised_ = 0;
  bool last_request_seen_ = false;
  bool input_ended_ = false;
  bool draining_ = false;
};

/// Makes the clients of an HTTP front end.
[[nodiscard]] client_factory clients();

} // namespace intd::http
