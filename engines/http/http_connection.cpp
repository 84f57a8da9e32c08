#include "engines/http/http_connection.hpp"

#include "engines/lookout.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace intd {

namespace {

using std::chrono::milliseconds;

struct closer {
  void operator()(CURL* handle) const {
    curl_easy_cleanup(handle);
  }
  void operator()(CURLU* url) const {
    curl_url_cleanup(url);
  }
  void operator()(curl_slist* list) const {
    curl_slist_free_all(list);
  }
};

// CURL and CURLM are the same type, void.
struct multi_closer {
  void operator()(CURLM* handle) const {
    curl_multi_cleanup(handle);
  }
};

using easy = std::unique_ptr<CURL, closer>;
using multi = std::unique_ptr<CURLM, multi_closer>;
using headers = std::unique_ptr<curl_slist, closer>;

size_t keep_body(const char* bytes, size_t, size_t size, void* into) {
  auto& body = *static_cast<std::string*>(into);
  if (body.size() + size > max_http_body)
    return 0;
  body.append(bytes, size);
  return size;
}

std::string bare_type(const char* value) {
  std::string_view text = value ? value : "";
  text = text.substr(0, text.find(';'));
  std::string bare;
  for (const char c : text)
    if (c != ' ')
      bare += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return bare;
}

std::string remedy(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "check the host's name";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its certificate must be for this name and of an authority that "
             "this system trusts (update-ca-certificates adds one)";
    case CURLE_SSL_CONNECT_ERROR:
      return "is https spoken there?";
    case CURLE_WRITE_ERROR:
      return "it answers more than any store should; is it one?";
    default:
      return "is it running, and is this its address?";
  }
}

} // namespace

std::string url_of(const server& at) {
  const bool v6 = at.host.find(':') != std::string::npos;
  std::string text = at.tls ? "https://" : "http://";
  text.append(v6 ? "[" : "").append(at.host).append(v6 ? "]" : "");
  return text + ":" + std::to_string(at.port);
}

std::optional<server> server_of_url(const std::string& url) {
  const std::unique_ptr<CURLU, closer> parsed{curl_url()};
  if (!parsed
      || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return std::nullopt;
  const auto part = [&parsed](CURLUPart which, unsigned flags) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, flags) != CURLUE_OK)
      return std::string{};
    std::string copy{text};
    curl_free(text);
    return copy;
  };
  server at;
  at.tls = part(CURLUPART_SCHEME, 0) == "https";
  at.host = part(CURLUPART_HOST, 0);
  if (at.host.starts_with('[') && at.host.ends_with(']'))
    at.host = at.host.substr(1, at.host.size() - 2);
  const auto port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
  at.port = static_cast<uint16_t>(std::strtoul(port.c_str(), nullptr, 10));
  if (at.host.empty() || at.port == 0)
    return std::nullopt;
  return at;
}

/// One request at a time, and what libcurl keeps for it.
struct http_connection::exchange {
  http_login login = http_login::basic;
  milliseconds connect_timeout{0};
  milliseconds answer_timeout{0};
  lookout for_answers;
  /// Keeps the connection from one request to the next.
  multi pool;
  easy handle;
  headers lines;
  std::array<char, CURL_ERROR_SIZE> reason{};
  std::string address;
  std::string body;
  milliseconds bound{0};
  bool connected = false;

  /// Makes the handle, with what is the same for every request.
  bool open() {
    handle.reset(curl_easy_init());
    const auto curl = handle.get();
    if (!curl)
      return false;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason.data());
    return true;
  }

  void set_login(const server& to) const {
    const auto curl = handle.get();
    const auto password = to.password.c_str();
    if (login == http_login::bearer) {
      curl_easy_setopt(curl, CURLOPT_HTTPAUTH,
                       to.password.empty() ? CURLAUTH_NONE : CURLAUTH_BEARER);
      curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, password);
      return;
    }
    const bool named = !to.user.empty() || !to.password.empty();
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH,
                     named ? CURLAUTH_BASIC : CURLAUTH_NONE);
    curl_easy_setopt(curl, CURLOPT_USERNAME, named ? to.user.c_str() : nullptr);
    curl_easy_setopt(curl, CURLOPT_PASSWORD, named ? password : nullptr);
  }

  /// Says what the next transfer does; `what` must live until it ends.
  bool prepare(const server& to, const http_request& what,
               const char* content_type, milliseconds at_most) {
    if (!handle && !open())
      return false;
    const auto curl = handle.get();
    address = url_of(to);
    body.clear();
    reason.front() = '\0';
    bound = std::min(at_most,
                     (connected ? milliseconds{0} : connect_timeout)
                       + answer_timeout);
    const auto url = address + what.path;
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                     static_cast<long>(bound.count()));
    set_login(to);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST,
                     what.method == http_method::put ? "PUT" : nullptr);
    if (what.method == http_method::get) {
      curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
      curl_easy_setopt(curl, CURLOPT_HTTPHEADER, nullptr);
      return true;
    }
    // Without "Expect" a body never waits for leave to be sent.
    const auto type = std::string{"Content-Type: "} + content_type;
    lines.reset(curl_slist_append(nullptr, type.c_str()));
    curl_slist_append(lines.get(), "Expect:");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, what.body.data());
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(what.body.size()));
    return true;
  }

  /// Carries out what was prepared. As curl_easy_perform does, but for that it
  /// looks out for the answer before it sleeps.
  CURLcode perform() {
    if (!pool)
      pool.reset(curl_multi_init());
    if (curl_multi_add_handle(pool.get(), handle.get()) != CURLM_OK)
      return CURLE_OUT_OF_MEMORY;
    int busy = 0;
    const auto is_over = [this, &busy] {
      return curl_multi_perform(pool.get(), &busy) != CURLM_OK || busy == 0;
    };
    while (!for_answers.sees(is_over)) {
      curl_multi_poll(pool.get(), nullptr, 0, 1'000, nullptr);
      for_answers.came();
    }
    int left = 0;
    const auto* message = curl_multi_info_read(pool.get(), &left);
    const auto code = message ? message->data.result : CURLE_OUT_OF_MEMORY;
    curl_multi_remove_handle(pool.get(), handle.get());
    return code;
  }

  /// Reads what came of it.
  result<http_answer> finish(CURLcode code) {
    if (code == CURLE_OPERATION_TIMEDOUT)
      return fail(ec::timeout,
                  address + " does not answer within "
                    + std::to_string(bound.count())
                    + " ms; is it running, and is the way to it open?");
    if (code != CURLE_OK) {
      const std::string why{reason.front() ? reason.data()
                                           : curl_easy_strerror(code)};
      return fail(ec::unavailable,
                  address + " cannot be asked: " + why + "; " + remedy(code));
    }
    connected = true;
    http_answer answer;
    long status = 0;
    char* text = nullptr;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    curl_easy_getinfo(handle.get(), CURLINFO_CONTENT_TYPE, &text);
    answer.content_type = bare_type(text);
    curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &text);
    answer.location = text ? text : "";
    answer.body = std::move(body);
    return answer;
  }
};

http_connection::http_connection(http_login login, const store_options& options)
  : exchange_{std::make_unique<exchange>()} {
  // libcurl does this by itself, but only then from any thread.
  static const auto ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(ready);
  exchange_->login = login;
  exchange_->connect_timeout = options.connect_timeout;
  exchange_->answer_timeout = options.answer_timeout;
  exchange_->for_answers = lookout{options.spin};
}

http_connection::http_connection(http_connection&&) noexcept = default;
http_connection&
http_connection::operator=(http_connection&&) noexcept = default;
http_connection::~http_connection() = default;

result<http_answer> http_connection::send(const server& to,
                                          const http_request& what,
                                          const char* content_type) {
  if (!exchange_->prepare(to, what, content_type, milliseconds::max()))
    return fail(ec::unavailable, url_of(to) + ": out of memory");
  auto answer = exchange_->finish(exchange_->perform());
  if (!answer)
    close();
  return answer;
}

void http_connection::close() {
  exchange_->handle.reset();
  exchange_->pool.reset();
  exchange_->connected = false;
}

struct http_group::state {
  http_login login = http_login::basic;
  store_options options;
  multi pool{curl_multi_init()};
  /// What is under way: the tag, the request and its connection.
  struct flight {
    size_t tag;
    http_request what;
    http_connection by;
  };
  std::map<CURL*, flight> flights;
};

http_group::http_group(http_login login, const store_options& options)
  : state_{std::make_unique<state>()} {
  state_->login = login;
  state_->options = options;
}

http_group::~http_group() {
  for (const auto& [handle, flight] : state_->flights)
    curl_multi_remove_handle(state_->pool.get(), handle);
}

void http_group::get(size_t tag, const server& to, const std::string& path,
                     milliseconds bound) {
  state::flight made{tag,
                     {http_method::get, path, ""},
                     http_connection{state_->login, state_->options}};
  auto& exchange = *made.by.exchange_;
  if (!exchange.prepare(to, made.what, "", bound))
    return;
  const auto handle = exchange.handle.get();
  state_->flights.emplace(handle, std::move(made));
  curl_multi_add_handle(state_->pool.get(), handle);
}

std::optional<http_group::told> http_group::next(milliseconds bound) {
  const auto pool = state_->pool.get();
  const auto end = std::chrono::steady_clock::now() + bound;
  for (;;) {
    int busy = 0;
    curl_multi_perform(pool, &busy);
    int left = 0;
    while (const auto* message = curl_multi_info_read(pool, &left)) {
      if (message->msg != CURLMSG_DONE)
        continue;
      const auto handle = message->easy_handle;
      const auto code = message->data.result;
      curl_multi_remove_handle(pool, handle);
      const auto found = state_->flights.find(handle);
      told outcome{found->second.tag, found->second.by.exchange_->finish(code)};
      state_->flights.erase(found);
      return outcome;
    }
    const auto rest
      = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
    if (rest.count() <= 0)
      return std::nullopt;
    curl_multi_poll(pool, nullptr, 0, static_cast<int>(rest.count()), nullptr);
  }
}

bool http_group::waiting() const {
  return !state_->flights.empty();
}

} // namespace intd
