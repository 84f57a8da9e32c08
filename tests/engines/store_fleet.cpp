#include "tests/engines/store_fleet.hpp"

#include "tests/support/results.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <thread>

namespace intd::test {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds patience{30};

// A server that comes back is asked this often.
constexpr std::chrono::milliseconds reopen_pause{20};

} // namespace

size_t duplicates(const std::vector<integers>& lists) {
  integers all;
  for (const auto& x : lists)
    all.insert(all.end(), x.begin(), x.end());
  std::sort(all.begin(), all.end());
  const auto end = std::unique(all.begin(), all.end());
  return static_cast<size_t>(all.end() - end);
}

bool persistent_minter::mint(const sequence& what, int64_t count,
                             int64_t batch) {
  auto give_up = steady_clock::now() + patience;
  last_time_ = steady_clock::now();
  while (count > 0) {
    const auto before = minted_.size();
    if (mint_some(what, std::min(count, batch))) {
      count -= static_cast<int64_t>(minted_.size() - before);
      give_up = steady_clock::now() + patience;
    } else if (steady_clock::now() > give_up) {
      return false;
    }
  }
  return true;
}

bool persistent_minter::mint_some(const sequence& what, int64_t count) {
  if (!engine_) {
    auto made = open_();
    if (!made) {
      trouble_ = to_string(made.error());
      std::this_thread::sleep_for(reopen_pause);
      return false;
    }
    engine_ = std::move(*made);
  }
  const auto given = engine_->reserve(what, count);
  if (!given) {
    trouble_ = to_string(given.error());
    engine_.reset();
    return false;
  }
  record(*given);
  return true;
}

void persistent_minter::record(intd::run given) {
  const auto now = steady_clock::now();
  pause_ = std::max(pause_, now - last_time_);
  last_time_ = now;
  for (; given.count > 0; (void)cut_front(given, 1))
    minted_.push_back(given.first);
}

void persistent_minter::let_go() {
  engine_.reset();
}

std::chrono::milliseconds persistent_minter::longest_pause() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(pause_);
}

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

std::vector<integers> run_fleet(const std::vector<member>& members) {
  std::vector<integers> lists(members.size());
  std::vector<std::string> troubles(members.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < members.size(); ++i)
    threads.emplace_back([&, i] {
      try {
        lists[i] = members[i]();
      } catch (const std::exception& x) {
        troubles[i] = x.what();
      }
    });
  for (auto& x : threads)
    x.join();
  for (size_t i = 0; i < members.size(); ++i)
    BOOST_TEST_REQUIRE(!lists[i].empty(), "member " << i << troubles[i]);
  return lists;
}

std::vector<integers> run_mixed_fleet(const opening& open, uint16_t port) {
  struct kind {
    stripe of;
    int64_t batch;
  };
  const kind kinds[] = {{{1, 2}, 10}, {{3, 5}, 7}, {{2, 2}, 33}, {{1, 1}, 100}};
  std::vector<member> members;
  for (const auto& x : kinds)
    members.emplace_back([open, of = x.of, batch = x.batch] {
      persistent_minter minter{open};
      if (!minter.mint({"integers", of}, 25'000, batch))
        throw std::runtime_error(minter.trouble());
      for (const auto value : minter.minted())
        if (!contains(of, value))
          throw std::runtime_error("not in its stripe");
      if (!std::is_sorted(minter.minted().begin(), minter.minted().end()))
        throw std::runtime_error("not in order");
      return minter.minted();
    });
  for (const int64_t increment : {2, 2, 3})
    members.emplace_back([port, increment] {
      old_client client{port};
      integers minted;
      while (minted.size() < 5'000)
        minted.push_back(client.next("integers", increment));
      return minted;
    });
  return run_fleet(members);
}

} // namespace intd::test
