#include "engines/resp/resp_connection.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace intd {

namespace {

using std::chrono::steady_clock;

// No answer that an engine asks for is near this size.
constexpr size_t max_answer_bytes = size_t{1} << 20;

struct reply_closer {
  void operator()(redisReply* x) const {
    freeReplyObject(x);
  }
};

// The depth is bounded by hiredis (7 levels of nesting).
resp_value value_of(const redisReply& x) {
  resp_value value;
  switch (x.type) {
    case REDIS_REPLY_INTEGER:
      value.is = resp_value::kind::integer;
      value.integer = x.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      value.is = resp_value::kind::text;
      value.text.assign(x.str, x.len);
      break;
    case REDIS_REPLY_ERROR:
      value.is = resp_value::kind::failure;
      value.text.assign(x.str, x.len);
      break;
    case REDIS_REPLY_ARRAY:
      value.is = resp_value::kind::list;
      for (size_t i = 0; i < x.elements; ++i)
        value.items.push_back(value_of(*x.element[i]));
      break;
    default:
      break;
  }
  return value;
}

} // namespace

void resp_connection::reader_closer::operator()(redisReader* x) const {
  redisReaderFree(x);
}

result<resp_connection> resp_connection::open(std::string_view store,
                                              const server& at,
                                              const store_options& options) {
  const auto where
    = std::string{store} + " at " + host_and_port(at.host, at.port);
  auto fd
    = dial(at.host, at.port, steady_clock::now() + options.connect_timeout);
  if (!fd)
    return fail(fd.error().code,
                "cannot connect to " + where + ": " + fd.error().context
                  + "; is it running, and reachable from here?");
  return resp_connection{where, std::move(*fd), options};
}

resp_connection::resp_connection(std::string where, file_descriptor fd,
                                 const store_options& options)
  : where_{std::move(where)},
    fd_{std::move(fd)},
    answer_timeout_{options.answer_timeout},
    lookout_{options.spin},
    reader_{redisReaderCreate()} {
  if (!reader_)
    fault_ = error{ec::unavailable, where_ + ": out of memory"};
}

result<resp_value> resp_connection::ask(const resp_command& command) {
  if (auto ready = expect_silence(); !ready)
    return tl::unexpected{std::move(ready.error())};
  queue(command);
  if (auto sent = send_all(); !sent)
    return tl::unexpected{std::move(sent.error())};
  return receive();
}

result<std::vector<resp_value>>
resp_connection::ask_together(const std::vector<resp_command>& commands) {
  if (auto ready = expect_silence(); !ready)
    return tl::unexpected{std::move(ready.error())};
  for (const auto& x : commands)
    queue(x);
  if (auto sent = send_all(); !sent)
    return tl::unexpected{std::move(sent.error())};
  std::vector<resp_value> answers;
  while (answers.size() < commands.size()) {
    auto next = receive();
    if (!next)
      return tl::unexpected{std::move(next.error())};
    answers.push_back(std::move(*next));
  }
  return answers;
}

void resp_connection::close(error why) {
  if (!fault_)
    fault_ = std::move(why);
  fd_ = file_descriptor{};
}

void resp_connection::queue(const resp_command& command) {
  std::vector<const char*> words;
  std::vector<size_t> sizes;
  for (const auto& x : command) {
    words.push_back(x.data());
    sizes.push_back(x.size());
  }
  char* formatted = nullptr;
  const int size = redisFormatCommandArgv(
    &formatted, static_cast<int>(words.size()), words.data(), sizes.data());
  if (size > 0)
    unsent_.append(formatted, static_cast<size_t>(size));
  redisFreeCommand(formatted);
}

result<bool> resp_connection::write_some() {
  if (fault_)
    return tl::unexpected{*fault_};
  while (!unsent_.empty()) {
    const auto sent
      = send(fd_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent >= 0)
      unsent_.erase(0, static_cast<size_t>(sent));
    else if (errno == EAGAIN)
      return false;
    else if (errno != EINTR)
      return break_off(ec::unavailable, std::generic_category().message(errno));
  }
  return true;
}

result<std::optional<resp_value>> resp_connection::read_some() {
  if (fault_)
    return tl::unexpected{*fault_};
  auto reply = next_reply();
  if (!reply || *reply)
    return reply;
  if (auto more = fill(); !more)
    return tl::unexpected{std::move(more.error())};
  return next_reply();
}

// Before a command is sent: a connection that the store has closed is told
// from one that breaks later, when the outcome would be unknown; and whatever
// came without being asked for must not be taken for the answer.
result<void> resp_connection::expect_silence() {
  if (fault_)
    return tl::unexpected{*fault_};
  char byte = 0;
  const auto got = recv(fd_.get(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  if (got == 0)
    return break_off(ec::unavailable, "it closed the connection");
  if (got < 0 && errno != EAGAIN && errno != EINTR)
    return break_off(ec::unavailable, std::generic_category().message(errno));
  if (got < 0 && reader_->pos == reader_->len)
    return {};
  // A store that has too many clients says so before it is asked.
  const auto said = read_some();
  if (!said)
    return tl::unexpected{said.error()};
  if (*said && (*said)->is == resp_value::kind::failure)
    return break_off(ec::unavailable, "it says: " + (*said)->text);
  return break_off(ec::unavailable,
                   "it sent what nobody asked for; is something between?");
}

result<void> resp_connection::send_all() {
  const auto until = steady_clock::now() + answer_timeout_;
  while (true) {
    const auto all = write_some();
    if (!all)
      return tl::unexpected{all.error()};
    if (*all)
      return {};
    const auto ready = wait_for(fd_.get(), POLLOUT, until);
    if (!ready)
      return break_off(ready.error().code, ready.error().context);
    if (!*ready)
      return break_off(ec::timeout,
                       "it took no command for "
                         + std::to_string(answer_timeout_.count()) + " ms");
  }
}

result<resp_value> resp_connection::receive() {
  const auto until = steady_clock::now() + answer_timeout_;
  while (true) {
    auto reply = read_some();
    if (!reply)
      return tl::unexpected{std::move(reply.error())};
    if (*reply)
      return std::move(**reply);
    const auto ready = wait_for(fd_.get(), POLLIN, until, lookout_);
    if (!ready)
      return break_off(ready.error().code, ready.error().context);
    if (!*ready)
      return break_off(ec::timeout,
                       "no answer for "
                         + std::to_string(answer_timeout_.count()) + " ms");
  }
}

// Reads once; false where there is nothing to read at present.
result<bool> resp_connection::fill() {
  char bytes[4096];
  const auto got = recv(fd_.get(), bytes, sizeof bytes, 0);
  if (got == 0)
    return break_off(ec::unavailable, "it closed the connection");
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return false;
  if (got < 0)
    return break_off(ec::unavailable, std::generic_category().message(errno));
  fed_ += static_cast<size_t>(got);
  if (fed_ > max_answer_bytes)
    return break_off(ec::unavailable, "its answer is far too long");
  if (redisReaderFeed(reader_.get(), bytes, static_cast<size_t>(got))
      != REDIS_OK)
    return break_off(ec::unavailable, reader_->errstr);
  return true;
}

result<std::optional<resp_value>> resp_connection::next_reply() {
  void* made = nullptr;
  if (redisReaderGetReply(reader_.get(), &made) != REDIS_OK)
    return break_off(ec::unavailable,
                     std::string{"it does not speak Redis's protocol: "}
                       + reader_->errstr);
  if (made == nullptr)
    return std::nullopt;
  const std::unique_ptr<redisReply, reply_closer> reply{
    static_cast<redisReply*>(made)};
  fed_ = 0;
  return value_of(*reply);
}

tl::unexpected<error> resp_connection::break_off(ec code, std::string what) {
  close({code, where_ + ": " + std::move(what)});
  return tl::unexpected{*fault_};
}

} // namespace intd
