#include "actors/http/client.hpp"

#include "actors/http/admin.hpp"
#include "actors/http/report.hpp"
#include "actors/http/v1.hpp"

#include <boost/asio/buffer.hpp>

#include <utility>

namespace intd::http {

namespace {

// A buffer for incomplete requests larger than this is given back.
constexpr size_t keep_max = 4'096;

// In a ticket's flags: it is about the cluster. The bits below are v1.hpp's.
constexpr uint32_t cluster_flag = uint32_t{1} << 16;

} // namespace

client::client(stream_socket socket, front_desk& desk)
  : intd::client(std::move(socket)), desk_(desk) {
  // nop
}

void client::minted(ticket request, int64_t value) {
  answers_.answer(request.number, output(), [request, value](std::string& out) {
    append_integer(out, value, manner::from_flags(request.flags));
  });
}

void client::minted(ticket request, const std::string& key,
                    const std::vector<run>& integers) {
  take_back_promise(request);
  answers_.answer(request.number, output(),
                  [request, &key, &integers](std::string& out) {
                    append_minted(out, key, integers, form_of(request.flags),
                                  manner::from_flags(request.flags));
                  });
}

void client::told(ticket request, const std::string& key, int64_t last) {
  answers_.answer(request.number, output(),
                  [request, &key, last](std::string& out) {
                    append_last(out, key, last, form_of(request.flags),
                                manner::from_flags(request.flags));
                  });
}

void client::done(ticket request) {
  answers_.answer(request.number, output(), [request](std::string& out) {
    append_done(out, manner::from_flags(request.flags));
  });
}

void client::take_back_promise(ticket request) {
  promised_ -= size_of(request.count, form_of(request.flags));
}

void client::refused(ticket request, const error& reason) {
  take_back_promise(request);
  bool ordered = (request.flags & cluster_flag) != 0;
  auto detail = std::string{describe(reason.code)};
  if (ordered && !reason.context.empty())
    detail = reason.context; // Codes explain what stores do.
  else if (!reason.context.empty())
    detail.append(" ").append(reason.context);
  refuse(request.number,
         {ordered ? status_of_order(reason.code) : status_of(reason.code),
          to_string(reason.code), detail},
         manner::from_flags(request.flags));
}

void client::reported(ticket request, const site_report& now) {
  answers_.answer(request.number, output(), [request, &now](std::string& out) {
    auto how = manner::from_flags(request.flags);
    if ((request.flags & cluster_flag) != 0)
      append_cluster(out, now, how);
    else
      append_ready(out, now, how);
  });
}

void client::settle() {
  bool held = false;
  do { // What held requests back may be gone with the flush.
    parse_unparsed();
    held = held_back();
    flush();
  } while (held && open() && !held_back());
  if (!open() || finishing())
    return;
  if (answers_.waiting() == 0 && !takes_requests())
    return finish();
  if (held_back())
    pause_reading();
  else
    resume_reading();
}

bool client::held_back() const {
  const auto& limits = desk_.options();
  return answers_.waiting() >= limits.pipeline_max
    || output_size() + promised_ + answers_.early_size() > limits.output_max;
}

bool client::takes_requests() const {
  if (last_request_seen_ || (draining_ && unparsed_.empty()))
    return false;
  // What was held back when the client ended its side is still answered.
  return !input_ended_ || (!unparsed_.empty() && held_back());
}

void client::received(std::string_view bytes) {
  if (unparsed_.empty())
    unparsed_ = parse(bytes);
  else
    unparsed_ += bytes;
  settle();
}

void client::parse_unparsed() {
  if (unparsed_.empty() || held_back())
    return;
  auto rest = parse(unparsed_);
  unparsed_.erase(0, unparsed_.size() - rest.size());
  if (unparsed_.empty() && unparsed_.capacity() > keep_max)
    unparsed_.shrink_to_fit();
}

// Returns what does not make a whole request yet, or may not be taken yet.
std::string_view client::parse(std::string_view bytes) {
  while (!bytes.empty() && !held_back()) {
    if (last_request_seen_)
      return {};
    if (!parser_)
      parser_.emplace(desk_.options().header_max, desk_.options().body_max);
    boost::beast::error_code code;
    auto used = parser_->put(
      boost::asio::const_buffer(bytes.data(), bytes.size()), code);
    bytes.remove_prefix(used);
    if (code == boost::beast::http::error::need_more)
      return bytes;
    if (code) {
      refuse_last(status_of(code),
                  "cannot take this request: " + code.message());
      return {};
    }
    if (parser_->is_done()) {
      auto what = parser_->asks_for();
      auto how = last_or_not(parser_->wanted());
      if (what == endpoint::v1)
        handle_v1(parser_->v1(), how);
      else
        handle(what, how);
      parser_.reset();
    } else if (used == 0) {
      return bytes;
    }
  }
  return bytes;
}

// Notes whether a request is the connection's last, and says so.
manner client::last_or_not(manner how) {
  if (draining_)
    how.keep_alive = false;
  last_request_seen_ = !how.keep_alive;
  return how;
}

void client::handle_v1(const v1_message& message, manner how) {
  if (is_cluster(message.target))
    handle_cluster(message, how);
  else
    handle_keyed(message, how);
}

void client::refuse(uint64_t number, const problem& reason, manner how) {
  answers_.answer(number, output(), [&reason, how](std::string& out) {
    append_problem(out, reason, how);
  });
}

void client::handle_cluster(const v1_message& message, manner how) {
  ticket x{answers_.open(), how.flags() | cluster_flag};
  auto order = read_admin(message, desk_.options().admin_token);
  if (!order)
    return refuse(x.number, order.error(), how);
  auto self = std::static_pointer_cast<client>(shared_from_this());
  if (*order)
    desk_.order(std::move(self), x, std::move(**order));
  else
    desk_.report(std::move(self), x);
}

void client::handle_keyed(const v1_message& message, manner how) {
  const auto& options = desk_.options();
  auto number = answers_.open();
  auto request = read_v1(message, {options.count_max, options.admin_token});
  if (!request)
    return refuse(number, request.error(), how);
  auto self = std::static_pointer_cast<client>(shared_from_this());
  ticket x{number, flags_of(how, request->as)};
  switch (request->what) {
    case v1_request::action::mint:
      x.count = request->count;
      promised_ += size_of(x.count, request->as);
      return desk_.mint(std::move(self), x, request->key);
    case v1_request::action::tell_last:
      return desk_.tell_last(std::move(self), x, request->key);
    case v1_request::action::raise:
      return desk_.raise(std::move(self), x, request->key, request->value);
  }
}

void client::handle(endpoint what, manner how) {
  ticket request{answers_.open(), how.flags()};
  auto self = std::static_pointer_cast<client>(shared_from_this());
  switch (what) {
    case endpoint::integer:
      return desk_.mint(std::move(self), request);
    case endpoint::ready:
      return desk_.report(std::move(self), request);
    default:
      break;
  }
  answers_.answer(request.number, output(), [what, how](std::string& out) {
    switch (what) {
      case endpoint::nothing:
        return append_text(out, "", how);
      case endpoint::ping:
        return append_text(out, "pong", how);
      case endpoint::health:
        return append_text(out, "ok", how);
      case endpoint::not_allowed:
        return append_problem(out,
                              {{405, "Method Not Allowed"},
                               {},
                               "use GET or HEAD",
                               "Allow: GET, HEAD\r\n"},
                              how);
      default:
        return append_problem(out,
                              {{404, "Not Found"},
                               {},
                               "there is GET /, /v1/KEY/next, /v1/KEY/last, "
                               "/v1/cluster, /ping, /healthz, /readyz"},
                              how);
    }
  });
}

// Answers bytes after which nothing can be understood any more.
void client::refuse_last(status what, std::string_view detail) {
  last_request_seen_ = true;
  parser_.reset();
  answers_.answer(answers_.open(), output(), [what, detail](std::string& out) {
    append_problem(out, {what, {}, std::string{detail}}, manner{});
  });
}

void client::input_ended() {
  input_ended_ = true;
  settle();
}

void client::output_drained() {
  settle();
}

client::phase client::present_phase() const {
  if (finishing())
    return ending;
  if (output_size() > 0)
    return sending;
  if (answers_.waiting() > 0)
    return waiting;
  return parser_ ? reading_request : idle;
}

void client::sweep(std::chrono::steady_clock::time_point now) {
  const auto& limits = desk_.options();
  auto doing = present_phase();
  auto quiet = quiet_.quiet_for({doing, answers_.opened(), output_size()}, now);
  switch (doing) {
    case idle:
      if (quiet > limits.idle_timeout)
        close();
      break;
    case reading_request:
      if (quiet > limits.header_timeout) {
        refuse_last({408, "Request Timeout"}, "the request took too long");
        settle();
      }
      break;
    case waiting:
      break; // The router keeps the deadline.
    case sending:
      if (quiet > limits.write_timeout)
        close();
      break;
    case ending:
      if (quiet > (lingering() ? linger_max : limits.write_timeout))
        close();
      break;
  }
}

void client::drain() {
  draining_ = true;
  read_now();
  settle();
}

void client::closed() {
  desk_.left(std::static_pointer_cast<client>(shared_from_this()));
}

client_factory clients() {
  return [](stream_socket socket, front_desk& desk) -> client_ptr {
    return std::make_shared<client>(std::move(socket), desk);
  };
}

} // namespace intd::http
