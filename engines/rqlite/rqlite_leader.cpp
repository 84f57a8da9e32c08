#include "engines/rqlite/rqlite_leader.hpp"

#include "engines/http/http_connection.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace intd {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// At level weak only the leader answers; others say where it is.
constexpr const char* ask_leader = "/db/query?level=weak&redirect&q=SELECT%201";
constexpr const char* ask_through = "/db/query?level=weak&q=SELECT%201";
constexpr milliseconds pause{50};
constexpr size_t most_nodes = 32;

struct candidate {
  server at;
  /// How often it was asked.
  int asked = 0;
  bool waiting = false;
  clock::time_point next{};
  /// Whether any answer came from it, and what the last one was.
  bool alive = false;
  error last;
};

class search {
public:
  search(const std::vector<server>& nodes, const store_options& options)
    : options_{options}, group_{http_login::basic, options} {
    for (const auto& x : nodes)
      candidates_.push_back({x, 0, false, {}, false, {}});
  }

  result<server> run() {
    const auto wait = options_.connect_timeout + options_.answer_timeout;
    const auto end = clock::now() + wait;
    while (clock::now() < end) {
      ask_whoever_is_due();
      auto told = group_.next(pause);
      if (!told) {
        if (!group_.waiting() && !anybody_alive())
          break;
        continue;
      }
      auto& from = candidates_[told->tag];
      from.waiting = false;
      from.next = clock::now() + pause;
      if (understand(from, told->answer))
        return candidates_[told->tag].at;
      if (refused_)
        return tl::unexpected{*refused_};
    }
    return nobody();
  }

private:
  void ask_whoever_is_due() {
    for (size_t i = 0; i < candidates_.size(); ++i) {
      auto& x = candidates_[i];
      // One that gave no answer at all is asked again only while another is
      // alive, which may see it come back.
      if (x.waiting || clock::now() < x.next
          || (x.asked > 0 && !anybody_alive()))
        continue;
      // Every other time through it: where the leader answers here, it was
      // found before, and a node that forwards to a dead one hangs.
      const bool through = x.alive && x.asked % 2 == 1;
      x.waiting = true;
      ++x.asked;
      group_.get(i, x.at, through ? ask_through : ask_leader,
                 through ? options_.answer_timeout / 4 : milliseconds::max());
    }
  }

  // True where it answers as the leader, or for it.
  bool understand(candidate& from, const result<http_answer>& answer) {
    if (!answer) {
      from.last = answer.error();
      return false;
    }
    from.alive = true;
    if (answer->status == 200
        && answer->body.find("\"error\"") == std::string::npos)
      return true;
    from.last
      = {ec::unavailable,
         url_of(from.at) + " answers HTTP " + std::to_string(answer->status)
           + ", " + answer->body.substr(0, 100)};
    if (answer->status == 401 || answer->status == 403)
      refused_ = error{ec::unavailable,
                       url_of(from.at)
                         + " refuses user and password of the data source "
                           "name, or they are missing there"};
    if (const auto leader = pointed_to(from.at, answer->location)) {
      from.last.context = url_of(from.at) + " points to " + url_of(*leader);
      add(*leader);
    }
    return false;
  }

  void add(const server& x) {
    const bool known = std::any_of(candidates_.begin(), candidates_.end(),
                                   [&x](const auto& y) {
                                     return x == y.at;
                                   });
    if (!known && candidates_.size() < most_nodes)
      candidates_.push_back({x, 0, false, {}, false, {}});
  }

  bool anybody_alive() const {
    return std::any_of(candidates_.begin(), candidates_.end(),
                       [](const auto& x) {
                         return x.alive;
                       });
  }

  result<server> nobody() const {
    std::string text = "no node of rqlite leads";
    auto code = ec::timeout;
    for (const auto& x : candidates_) {
      if (x.last.code != ec::none && x.last.code != ec::timeout)
        code = ec::unavailable;
      text += "; "
        + (x.last.context.empty() ? url_of(x.at) + " does not answer"
                                  : x.last.context);
    }
    return fail(code, std::move(text));
  }

  const store_options& options_;
  std::vector<candidate> candidates_;
  std::optional<error> refused_;
  http_group group_;
};

} // namespace

result<server> find_rqlite_leader(const std::vector<server>& nodes,
                                  const store_options& options) {
  return search{nodes, options}.run();
}

std::optional<server> pointed_to(const server& from,
                                 const std::string& location) {
  auto to = server_of_url(location);
  if (to) {
    to->tls = from.tls;
    to->user = from.user;
    to->password = from.password;
  }
  return to;
}

} // namespace intd
