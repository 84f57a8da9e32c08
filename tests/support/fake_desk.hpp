// A desk without an actor: remembers what clients ask and lets a test answer.
#pragma once

#include "actors/client.hpp"
#include "tests/support/socket_pair.hpp"

#include <boost/asio/io_context.hpp>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace intd::test {

class fake_desk : public front_desk {
public:
  struct question {
    client_ptr from;
    ticket request;
  };

  struct keyed_question {
    client_ptr from;
    ticket request;
    std::string key;
    int64_t value = 0;
  };

  struct ordered {
    question by;
    cluster_order what;
  };

  void mint(client_ptr from, ticket request) override {
    mints.push_back({std::move(from), request});
  }

  void mint(client_ptr from, ticket request, const std::string& key) override {
    keyed.push_back({std::move(from), request, key});
  }

  void tell_last(client_ptr from, ticket request,
                 const std::string& key) override {
    lasts.push_back({std::move(from), request, key});
  }

  void raise(client_ptr from, ticket request, const std::string& key,
             int64_t value) override {
    raises.push_back({std::move(from), request, key, value});
  }

  void report(client_ptr from, ticket request) override {
    reports.push_back({std::move(from), request});
  }

  void order(client_ptr from, ticket request, cluster_order what) override {
    orders.push_back({{std::move(from), request}, std::move(what)});
  }

  void left(const client_ptr&) override {
    ++gone;
  }

  [[nodiscard]] const front_end_options& options() const override {
    return limits;
  }

  /// Answers the oldest question with `value`.
  void answer(int64_t value) {
    auto x = mints.front();
    mints.pop_front();
    x.from->minted(x.request, value);
    x.from->settle();
  }

  /// Answers the oldest question with a key by these integers.
  void answer(const std::vector<run>& integers) {
    auto x = keyed.front();
    keyed.pop_front();
    x.from->minted(x.request, x.key, integers);
    x.from->settle();
  }

  std::deque<question> mints;
  std::deque<keyed_question> keyed;
  std::deque<keyed_question> lasts;
  std::deque<keyed_question> raises;
  std::deque<question> reports;
  std::deque<ordered> orders;
  front_end_options limits;
  int gone = 0;
};

/// One client of `factory` at a fake desk.
struct desk_fixture {
  explicit desk_fixture(const client_factory& factory)
    : desk_fixture(factory, {}) {
    // nop
  }

  desk_fixture(const client_factory& factory, const front_end_options& limits)
    : ends(peer::connect(io)) {
    desk.limits = limits;
    who = factory(std::move(ends.second), desk);
    who->settle();
  }

  ~desk_fixture() {
    desk.mints.clear();
    desk.keyed.clear();
    desk.lasts.clear();
    desk.raises.clear();
    desk.reports.clear();
    desk.orders.clear();
    who->close();
    run();
  }

  /// Sends as the client and lets the server side read.
  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(ends.first.send(bytes));
      run();
    }
  }

  /// What the client got since the last look.
  std::string heard() {
    run();
    return ends.first.receive();
  }

  void run() {
    io.restart();
    io.poll();
  }

  boost::asio::io_context io;
  fake_desk desk;
  std::pair<peer, stream_socket> ends;
  client_ptr who;
};

} // namespace intd::test
