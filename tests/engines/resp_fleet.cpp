#include "tests/engines/resp_fleet.hpp"

#include <hiredis/hiredis.h>

#include <memory>
#include <stdexcept>

namespace intd::test {

struct old_client::redis_context : redisContext {};

old_client::old_client(uint16_t port)
  : context_{static_cast<redis_context*>(
    redisConnectWithTimeout("127.0.0.1", port, {1, 0}))} {
  if (context_ != nullptr && context_->err == 0) {
    redisSetTimeout(context_, {1, 0});
    return;
  }
  redisFree(context_);
  throw std::runtime_error("no connection to port " + std::to_string(port));
}

old_client::~old_client() {
  redisFree(context_);
}

int64_t old_client::next(const std::string& key, int64_t increment) {
  const std::unique_ptr<redisReply, void (*)(void*)> reply{
    static_cast<redisReply*>(redisCommand(context_, "INCRBY %s %s", key.c_str(),
                                          std::to_string(increment).c_str())),
    freeReplyObject};
  if (!reply)
    throw std::runtime_error(context_->errstr);
  if (reply->type != REDIS_REPLY_INTEGER)
    throw std::runtime_error(reply->type == REDIS_REPLY_ERROR ? reply->str
                                                              : "no integer");
  return reply->integer;
}

void add_old_client(fleet& to, uint16_t port, int64_t increment) {
  to.add_client([port, increment](fleet::member& me) {
    old_client client{port};
    while (me.goes_on())
      me.keep({client.next("integers", increment), 1, 1});
  });
}

void run_mixed_fleet(const opening& open, uint16_t port) {
  fleet all;
  all.add_engine(open, {1, 2}, 10);
  all.add_engine(open, {3, 5}, 7);
  all.add_engine(open, {2, 2}, 33);
  all.add_engine(open, {1, 1}, 100);
  for (const int64_t increment : {2, 2, 3})
    add_old_client(all, port, increment);
  all.run_until(120'000, 5'000);
  all.judge();
}

} // namespace intd::test
