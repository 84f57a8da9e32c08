#include "tests/servers/rqlite.hpp"

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace intd::test {

namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr size_t cluster_size = 3;
constexpr milliseconds version_bound{30'000};
constexpr long connect_ms = 1'000;
constexpr long answer_ms = 30'000;
constexpr long state_ms = 1'000;

std::string program() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe)
  const char* named = std::getenv("INTD_RQLITED");
  return named != nullptr && *named != '\0'
    ? named
    : (servers_cache() / INTD_RQLITED_NAME).string();
}

// Since version 8 a node joins by Raft's address; before, by HTTP's.
bool joins_by_raft() {
  static const bool answer = [] {
    std::string output;
    auto how = run({{program(), "-h"}, {}}, version_bound, output);
    if (!how || output.find("-raft-addr") == std::string::npos)
      throw std::runtime_error("rqlited does not run; scripts/install-servers "
                               "builds it: "
                               + program() + " " + output);
    return output.find("-join-as") != std::string::npos;
  }();
  return answer;
}

size_t append(char* bytes, size_t size, size_t count, void* to) {
  static_cast<std::string*>(to)->append(bytes, size * count);
  return size * count;
}

// Sends one request on a connection of its own; throws where its status is not
// 200. A null `post` stands for a GET.
std::string request(const std::string& url, const std::string* post,
                    long bound_ms) {
  auto* handle = ::curl_easy_init();
  std::string body;
  ::curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  ::curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
  ::curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  ::curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
  ::curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, bound_ms);
  ::curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 1L);
  ::curl_easy_setopt(handle, CURLOPT_MAXREDIRS, 3L);
  ::curl_easy_setopt(handle, CURLOPT_UNRESTRICTED_AUTH, 1L);
  ::curl_easy_setopt(handle, CURLOPT_POSTREDIR, CURL_REDIR_POST_ALL);
  ::curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, append);
  ::curl_easy_setopt(handle, CURLOPT_WRITEDATA, &body);
  auto* fields = ::curl_slist_append(nullptr, "Content-Type: application/json");
  ::curl_easy_setopt(handle, CURLOPT_HTTPHEADER, fields);
  if (post != nullptr)
    ::curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, post->c_str());
  auto code = ::curl_easy_perform(handle);
  long status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  ::curl_slist_free_all(fields);
  ::curl_easy_cleanup(handle);
  if (code != CURLE_OK)
    throw std::runtime_error(url + ": " + ::curl_easy_strerror(code));
  if (status != 200)
    throw std::runtime_error(url + ": " + std::to_string(status) + " " + body);
  return body;
}

// The one result that a request of one statement has.
json result_of(const std::string& body) {
  auto answer = json::parse(body, nullptr, false);
  if (!answer.is_object() || answer.contains("error")
      || !answer.contains("results") || answer["results"].empty())
    throw std::runtime_error("rqlite answers " + body);
  for (const auto& result : answer["results"])
    if (result.contains("error"))
      throw std::runtime_error("rqlite answers " + result["error"].dump());
  return answer["results"].front();
}

std::string escaped(const std::string& text) {
  char* made
    = ::curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
  std::string out = made;
  ::curl_free(made);
  return out;
}

// The node's own view; nothing where it has none.
json state_of(const std::string& dsn) {
  try {
    auto status = json::parse(request(dsn + "/status", nullptr, state_ms));
    return status.at("store");
  } catch (const std::exception&) {
    return {};
  }
}

std::vector<std::unique_ptr<store_server>>
make_nodes(const rqlite_options& options) {
  std::vector<std::unique_ptr<store_server>> out;
  while (out.size() < cluster_size)
    out.push_back(std::make_unique<rqlite_server>(options));
  return out;
}

} // namespace

rqlite_server::rqlite_server(rqlite_options options)
  : options_{std::move(options)} {
  // nop
}

std::string rqlite_server::dsn() const {
  auto user = options_.user.empty()
    ? ""
    : options_.user + ":" + options_.password + "@";
  return "http://" + user + "127.0.0.1:" + std::to_string(port());
}

void rqlite_server::join(std::vector<const rqlite_server*> others) {
  others_ = std::move(others);
}

std::string rqlite_server::get(const std::string& path) {
  return request(dsn() + path, nullptr, answer_ms);
}

std::string rqlite_server::post(const std::string& path,
                                const std::string& body) {
  return request(dsn() + path, &body, answer_ms);
}

void rqlite_server::execute(const std::vector<std::string>& statements) {
  result_of(post("/db/execute", json(statements).dump()));
}

std::string rqlite_server::ask(const std::string& query) {
  auto result = result_of(get("/db/query?level=strong&q=" + escaped(query)));
  if (!result.contains("values") || result["values"].empty())
    throw std::runtime_error(query + " answers no row");
  const auto& cell = result["values"][0].at(0);
  return cell.is_null() ? ""
    : cell.is_string()  ? cell.get<std::string>()
                        : cell.dump();
}

bool rqlite_server::leads() {
  auto state = state_of(dsn());
  return state.is_object() && state.contains("raft")
    && state["raft"].value("state", "") == "Leader";
}

void rqlite_server::add_user(std::vector<std::string>& arguments) const {
  if (options_.user.empty())
    return;
  auto file = home() / "users.json";
  std::ofstream{file} << json::array({{{"username", options_.user},
                                       {"password", options_.password},
                                       {"perms", {"all"}}}});
  arguments.insert(arguments.end(), {"-auth", file.string()});
}

void rqlite_server::add_join(std::vector<std::string>& arguments) const {
  std::string addresses;
  for (const auto* other : others_) {
    addresses += addresses.empty() ? "" : ",";
    addresses += joins_by_raft()
      ? "127.0.0.1:" + std::to_string(other->raft_port_.number())
      : other->dsn();
  }
  if (addresses.empty())
    return;
  arguments.insert(arguments.end(), {"-join", addresses});
  if (joins_by_raft() && !options_.user.empty())
    arguments.insert(arguments.end(), {"-join-as", options_.user});
}

command rqlite_server::command_line() const {
  command out;
  auto& all = out.arguments;
  // Elections in half of the usual time, which is the shortest that Raft's
  // lease of half a second allows.
  all = {program(),
         "-http-addr",
         "127.0.0.1:" + std::to_string(port()),
         "-raft-addr",
         "127.0.0.1:" + std::to_string(raft_port_.number()),
         "-raft-timeout",
         "500ms",
         "-raft-election-timeout",
         "500ms"};
  add_user(all);
  add_join(all);
  all.insert(all.end(), options_.flags.begin(), options_.flags.end());
  all.push_back(data().string());
  return out;
}

// A node without a leader answers nothing of use. Version 4 names it by a
// string, 8 by an object.
bool rqlite_server::answers() {
  auto state = state_of(dsn());
  if (!state.is_object() || !state.contains("leader"))
    return false;
  const auto& leader = state["leader"];
  return leader.is_object() ? leader.value("addr", "") != "" : leader != "";
}

rqlite_cluster::rqlite_cluster(const rqlite_options& options)
  : store_cluster{make_nodes(options)} {
  // nop
}

bool rqlite_cluster::leads(size_t node) {
  return rqlite(node).leads();
}

void rqlite_cluster::join(size_t node, const std::vector<size_t>& others) {
  std::vector<const rqlite_server*> servers;
  for (auto i : others)
    servers.push_back(&rqlite(i));
  rqlite(node).join(std::move(servers));
}

} // namespace intd::test
