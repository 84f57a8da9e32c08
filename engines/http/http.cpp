#include "engines/http/http.hpp"

#include "engines/http/http_connection.hpp"
#include "engines/http/http_protocol.hpp"
#include "engines/sticky_engine.hpp"

#include <algorithm>
#include <cstdio>
#include <deque>
#include <limits>
#include <optional>
#include <unordered_map>
#include <utility>

namespace intd {

namespace {

using http_protocol::problem;

// Which of a site's errors are this engine's too. Any other leaves the site in
// doubt.
bool is_passed_on(ec code) {
  return code == ec::exhausted || code == ec::overloaded
    || code == ec::invalid_key || code == ec::invalid_count
    || code == ec::too_small;
}

// A site tells no identity, so its address stands for it: another address may
// be another store, and a guard then goes on above all it gave. FNV-1a, twice
// from different starts, see http://www.isthe.com/chongo/tech/comp/fnv/.
std::string identity_of(const std::string& address) {
  const auto hash = [&address](uint64_t value) {
    for (const char c : address)
      value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return value;
  };
  char text[33];
  std::snprintf(text, sizeof(text), "%016llx%016llx",
                static_cast<unsigned long long>(hash(0xcbf29ce484222325U)),
                static_cast<unsigned long long>(hash(0x84222325cbf29ce4U)));
  return text;
}

// A key, as this engine knows it.
struct known_key {
  /// Of what is kept, and for what `one_in` holds.
  intd::stripe stripe;
  /// Reserved at the site and not handed out; each lies in `stripe`.
  std::deque<run> kept;
  /// Of how many of the site's integers one lies in `stripe`.
  int64_t one_in = 1;
  /// How far the site is known to be: nothing before it was asked.
  std::optional<int64_t> mark;
  /// How far the site's integers lie apart, by its last run.
  int64_t apart = 1;
  /// What was set and could not be said to the site.
  int64_t floor = 0;
};

class http final : public sticky_engine {
public:
  http(server at, const store_options& options)
    : at_{std::move(at)}, connection_{http_login::bearer, options} {
  }

  // Any key will do: a site that has /v1/ answers of a key that it does not
  // serve by a code.
  result<void> start() {
    auto answer = ask({http_method::get, "/v1/integers/last", ""});
    if (!answer)
      return tl::unexpected{std::move(answer.error())};
    const bool found = answer->status == 200
      || http_protocol::parse_problem(answer->body).code != ec::none;
    if (!found && answer->status != 404)
      return refused(*answer, "");
    has_v1_ = found;
    return {};
  }

  std::string_view name() const override {
    return "http";
  }

  durability durable() const override {
    return durability::durable;
  }

private:
  void hang_up(const error&) override {
    connection_.close();
    keys_.clear();
  }

  result<int64_t> highest(const sequence& what) override {
    return mark_of(what).map([&what](int64_t mark) {
      return last_within(what.stripe, mark);
    });
  }

  result<std::string> read_identity() override {
    return identity_of(url_of(at_));
  }

  result<run> mint(const sequence& what, int64_t count) override {
    auto key = find(what.key);
    if (!key)
      return tl::unexpected{std::move(key.error())};
    auto& known = **key;
    if (known.stripe != what.stripe) {
      // What was kept may lie below what the other stripe is given now.
      known.kept.clear();
      known.one_in = 1;
      known.stripe = what.stripe;
    }
    // Twice, since the first answer may have none of the stripe, and tells
    // then how many hold one.
    for (int i = 0; i < 2 && known.kept.empty(); ++i)
      if (auto done = fetch(what, known, count); !done)
        return tl::unexpected{std::move(done.error())};
    if (known.kept.empty())
      return fail(ec::invalid_stripe,
                  "the integers of " + url_of(at_)
                    + " are of another stripe "
                      "than "
                    + to_string(what.stripe)
                    + " or hold it too rarely; set offset and increment as "
                      "there");
    return serve(known, count);
  }

  // A run's increment is the stripe's. Where the site's integers lie further
  // apart, each is a run of its own.
  static run serve(known_key& known, int64_t count) {
    auto& front = known.kept.front();
    const bool apart = front.increment != known.stripe.increment;
    auto given = cut_front(front, apart ? 1 : count);
    given.increment = known.stripe.increment;
    if (front.count == 0)
      known.kept.pop_front();
    return given;
  }

  // Reserves at the site, and keeps what lies in the stripe.
  result<void> fetch(const sequence& what, known_key& known, int64_t count) {
    const auto runs = has_v1_ ? next_runs(what, known, count) : next_integer();
    if (!runs)
      return tl::unexpected{runs.error()};
    for (const auto& x : *runs) {
      if (x.first <= known.floor)
        return below_floor(what.key, x.first, known.floor);
      known.mark = std::max(known.mark.value_or(0), last_of(x));
      known.apart = x.increment;
      const auto part = http_protocol::share_of(x, what.stripe);
      if (part.one_in > 0)
        known.one_in = part.one_in;
      if (part.in_both.count > 0)
        known.kept.push_back(part.in_both);
    }
    return {};
  }

  tl::unexpected<error> below_floor(const std::string& key, int64_t given,
                                    int64_t floor) const {
    const auto to = std::to_string(floor);
    return fail(ec::corrupt,
                url_of(at_) + " gave " + std::to_string(given) + " of " + key
                  + ", and up to " + to
                  + " was given before; raise it there (intd-server "
                    "-set-last-int "
                  + to + "), or name its admin token here");
  }

  // How many to ask for. A site that has fewer left than it is asked for gives
  // none, and may lose them, so near the end it is asked for what it has.
  result<int64_t> wanted_of(const sequence& what, known_key& known,
                            int64_t count) {
    if (!known.mark)
      if (auto mark = mark_of(what); !mark)
        return mark;
    const auto many
      = count > most_ / known.one_in ? most_ : count * known.one_in;
    const auto left = (max_integer - *known.mark) / known.apart;
    return std::max<int64_t>(1, std::min(many, left));
  }

  // Asks for less where the site has less to give, or gives less at a time.
  result<std::vector<run>> next_runs(const sequence& what, known_key& known,
                                     int64_t count) {
    const auto& key = what.key;
    const auto most = wanted_of(what, known, count);
    if (!most)
      return tl::unexpected{most.error()};
    for (auto wanted = *most;;) {
      auto answer = ask(
        {http_method::post,
         "/v1/" + key + "/next?format=run&count=" + std::to_string(wanted),
         ""});
      if (!answer)
        return tl::unexpected{std::move(answer.error())};
      if (answer->status == 200) {
        auto runs = http_protocol::parse_runs(answer->body, key, wanted);
        if (!runs)
          return fail(ec::corrupt,
                      url_of(at_) + " answers what are no "
                        + std::to_string(wanted) + " integers of " + key);
        return std::move(*runs);
      }
      const auto why = http_protocol::parse_problem(answer->body);
      if (why.code == ec::invalid_count && why.max > 0 && why.max < wanted)
        wanted = most_ = why.max;
      else if (why.code == ec::exhausted && wanted > 1)
        wanted /= 2;
      else
        return refused(*answer, key);
    }
  }

  result<std::vector<run>> next_integer() {
    auto answer = ask({http_method::get, "/", ""});
    if (!answer)
      return tl::unexpected{std::move(answer.error())};
    if (answer->status != 200)
      return refused(*answer, "");
    const auto value = http_protocol::parse_integer(answer->body, 1);
    if (!value)
      return fail(ec::corrupt,
                  url_of(at_)
                    + " answers what is no integer; is it an "
                      "intd-server?");
    return std::vector<run>{{*value, 1, 1}};
  }

  // The mark, of any stripe.
  result<int64_t> mark_of(const sequence& what) {
    auto key = find(what.key);
    if (!key)
      return tl::unexpected{std::move(key.error())};
    auto& known = **key;
    if (!has_v1_)
      return std::max(known.mark.value_or(0), known.floor);
    auto answer = ask({http_method::get, "/v1/" + what.key + "/last", ""});
    if (!answer)
      return tl::unexpected{std::move(answer.error())};
    if (answer->status != 200)
      return refused(*answer, what.key);
    const auto value = http_protocol::parse_integer(answer->body, 0);
    if (!value)
      return fail(ec::corrupt,
                  url_of(at_) + " answers what is no integer as the last of "
                    + what.key);
    known.mark = value;
    return std::max(*value, known.floor);
  }

  result<void> raise(const sequence& what, int64_t value) override {
    const auto mark = mark_of(what);
    if (!mark)
      return tl::unexpected{mark.error()};
    const auto present = last_within(what.stripe, *mark);
    if (value < 0 || value < present)
      return too_small(what, value, present);
    if (value <= *mark)
      return drop_up_to(what.key, value);
    if (!has_v1_ || at_.password.empty()) {
      auto& known = keys_[what.key];
      known.floor = std::max(known.floor, value);
      return drop_up_to(what.key, value);
    }
    auto answer = ask(
      {http_method::put, "/v1/" + what.key + "/last", std::to_string(value)});
    if (!answer)
      return tl::unexpected{std::move(answer.error())};
    if (answer->status != 204 && answer->status != 200)
      return refused(*answer, what.key);
    keys_[what.key].mark = value;
    return drop_up_to(what.key, value);
  }

  // Nothing kept may be handed out at or below what was set.
  result<void> drop_up_to(const std::string& key, int64_t value) {
    auto& kept = keys_[key].kept;
    if (!kept.empty() && kept.front().first <= value)
      kept.clear();
    return {};
  }

  // A site without /v1/ has one key, whatever its name is there.
  result<known_key*> find(const std::string& key) {
    if (!has_v1_ && !keys_.empty() && !keys_.contains(key))
      return fail(ec::invalid_key,
                  url_of(at_)
                    + " has no /v1/ and so gives one sequence, "
                      "which is "
                    + keys_.begin()->first + " here");
    return &keys_[key];
  }

  result<http_answer> ask(const http_request& what) {
    return connection_.send(at_, what, "text/plain");
  }

  tl::unexpected<error> refused(const http_answer& answer,
                                const std::string& key) const {
    const auto why = http_protocol::parse_problem(answer.body);
    const auto it = url_of(at_);
    if (is_passed_on(why.code))
      return fail(why.code, it + ": " + why.detail);
    if (answer.status == 401 || answer.status == 403)
      return fail(ec::unavailable,
                  it + " refuses to raise " + key
                    + "; its admin token goes into the data source name, as "
                      "http://:token@host:port");
    if (!answer.location.empty())
      return fail(ec::unavailable,
                  it + " points to " + answer.location
                    + "; name the site itself");
    return fail(ec::unavailable,
                it + " answers HTTP " + std::to_string(answer.status) + ", "
                  + why.detail);
  }

  server at_;
  http_connection connection_;
  bool has_v1_ = false;
  /// The most integers that the site gives at a time.
  int64_t most_ = max_count;
  std::unordered_map<std::string, known_key> keys_;
};

} // namespace

result<engine_ptr> open_http(const server& at, const store_options& options) {
  auto made = std::make_unique<http>(at, options);
  if (auto done = made->start(); !done)
    return tl::unexpected{std::move(done.error())};
  return made;
}

} // namespace intd
