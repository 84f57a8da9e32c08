#include "tests/servers/redis_client.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <memory>
#include <stdexcept>

namespace intd::test {

namespace {

constexpr timeval connect_bound{2, 0};
constexpr timeval answer_bound{60, 0};

struct closer {
  void operator()(redisContext* x) const {
    ::redisFree(x);
  }
  void operator()(redisReply* x) const {
    ::freeReplyObject(x);
  }
};

std::string text_of(const redisReply& x) {
  switch (x.type) {
    case REDIS_REPLY_INTEGER:
      return std::to_string(x.integer);
    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_ERROR:
      return {x.str, static_cast<size_t>(x.len)};
    case REDIS_REPLY_ARRAY: {
      std::string out;
      for (size_t i = 0; i < x.elements; ++i)
        out += (i == 0 ? "" : "\n") + text_of(*x.element[i]);
      return out;
    }
    default:
      return "";
  }
}

} // namespace

std::string ask_redis(uint16_t port, const std::vector<redis_words>& commands) {
  std::unique_ptr<redisContext, closer> connection{
    ::redisConnectWithTimeout("127.0.0.1", port, connect_bound)};
  if (!connection || connection->err != 0)
    throw std::runtime_error("no connection to port " + std::to_string(port));
  ::redisSetTimeout(connection.get(), answer_bound);
  std::string out;
  for (const auto& words : commands) {
    std::vector<const char*> starts;
    std::vector<size_t> sizes;
    for (const auto& word : words) {
      starts.push_back(word.data());
      sizes.push_back(word.size());
    }
    std::unique_ptr<redisReply, closer> reply{static_cast<redisReply*>(
      ::redisCommandArgv(connection.get(), static_cast<int>(words.size()),
                         starts.data(), sizes.data()))};
    if (!reply)
      throw std::runtime_error(words.front() + ": " + connection->errstr);
    out = text_of(*reply);
    if (reply->type == REDIS_REPLY_ERROR)
      throw std::runtime_error(out);
  }
  return out;
}

} // namespace intd::test
