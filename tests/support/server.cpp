#include "tests/support/server.hpp"

#include <signal.h>

#include <charconv>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace intd::test {

using std::chrono::milliseconds;

namespace {

// A process that was sent SIGKILL is gone within this, or the machine is ill.
constexpr milliseconds kill_bound{30'000};

constexpr std::string_view serves = " serves ";

} // namespace

int64_t now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch()
    / std::chrono::nanoseconds{1};
}

std::filesystem::path server_program() {
  return INTD_SERVER;
}

server::server(server_options options, address_book& book)
  : options_(std::move(options)), book_(book) {
  // nop
}

server::~server() {
  book_.strike_out(options_.name);
}

command server::command_line() const {
  command out;
  auto& all = out.arguments;
  all = options_.wrapper;
  all.push_back(server_program());
  std::string protocols;
  std::string ports;
  for (auto& x : options_.protocols) {
    protocols.append(protocols.empty() ? "" : ",").append(x);
    ports.append(ports.empty() ? "" : ",").append("0");
  }
  for (auto& x : std::vector<std::string>{
         "-protocol", protocols, "-host", options_.host, "-port", ports,
         "-engine", options_.engine, "-state-dir", options_.state})
    all.push_back(x);
  if (!options_.joins)
    all.insert(all.end(),
               {"-set-offset", std::to_string(options_.stripe.offset),
                "-set-increment", std::to_string(options_.stripe.increment)});
  auto config = options_.config;
  if (options_.actors)
    config += "\n[actor]\nlisten = \"" + std::to_string(options_.actor_port)
      + "\"\n";
  if (!config.empty()) {
    auto file = options_.state.string() + ".toml";
    std::ofstream{file} << config;
    all.insert(all.end(), {"-config", file});
  }
  all.insert(all.end(), options_.flags.begin(), options_.flags.end());
  out.environment = options_.environment;
  out.open_files = options_.open_files;
  return out;
}

process& server::launch() {
  if (child_)
    old_logs_ += child_->standard_error();
  child_ = std::make_unique<process>(command_line());
  return *child_;
}

void server::start() {
  launch();
  if (!wait_until_ready())
    throw std::runtime_error(options_.name
                             + " does not start: " + child_->standard_error());
}

bool server::wait_until_ready() {
  if (!child_->wait_for_error(serves, options_.start_bound))
    return false;
  ports_ = read_ports();
  if (ports_.size() != served().size())
    return false;
  auto now = now_ns();
  for (auto& x : seen_.faults)
    if (x.end == 0)
      x.end = now;
  auto id = options_.name + "-" + std::to_string(++boots_);
  seen_.boots.push_back(
    {options_.name, id, options_.engine, {options_.stripe}, now, 0});
  for (auto& [protocol, port] : ports_)
    book_.enter(options_.name, protocol, port, options_.host);
  return true;
}

std::vector<std::string> server::served() const {
  auto all = options_.protocols;
  if (options_.actors)
    all.push_back("actor");
  return all;
}

// From "... serves http://127.0.0.1:8080 tcp://127.0.0.1:8081; key ...".
std::map<std::string, uint16_t> server::read_ports() const {
  std::map<std::string, uint16_t> out;
  auto text = child_->standard_error();
  auto line = std::string_view{text}.substr(text.find(serves));
  line = line.substr(0, line.find(';'));
  for (auto& protocol : served()) {
    auto url = protocol + "://" + options_.host + ":";
    auto found = line.find(url);
    if (found == line.npos)
      continue;
    auto digits = line.substr(found + url.size());
    uint16_t port = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    out[protocol] = port;
  }
  return out;
}

void server::kill() {
  auto begin = now_ns();
  book_.strike_out(options_.name);
  child_->signal(SIGKILL);
  auto how = child_->wait(kill_bound);
  if (!how)
    throw std::runtime_error(options_.name + " survives kill -9");
  ended("kill", begin, *how);
}

std::optional<ending> server::stop(milliseconds bound) {
  auto begin = now_ns();
  book_.strike_out(options_.name);
  child_->signal(SIGTERM);
  auto how = child_->wait(bound);
  if (how)
    ended("stop", begin, *how);
  return how;
}

std::optional<ending> server::wait_for_end(const std::string& kind,
                                           int64_t begin, milliseconds bound) {
  auto how = child_->wait(bound);
  book_.strike_out(options_.name);
  if (how)
    ended(kind, begin, *how);
  return how;
}

// The fault lasts until the node is ready again.
void server::ended(const std::string& kind, int64_t begin, const ending& how) {
  if (!seen_.boots.empty() && seen_.boots.back().end == 0)
    seen_.boots.back().end = now_ns();
  seen_.faults.push_back({kind, options_.name, begin, 0, true, to_string(how)});
}

void server::record(checker::fault x) {
  seen_.faults.push_back(std::move(x));
}

void server::answers_from(const std::vector<checker::progression>& stripes) {
  for (auto& x : seen_.boots)
    x.stripes = stripes;
}

uint16_t server::port(const std::string& protocol) const {
  auto found = ports_.find(protocol);
  if (found == ports_.end())
    throw std::runtime_error(options_.name + " does not serve " + protocol);
  return found->second;
}

std::string server::log() const {
  return old_logs_ + (child_ ? child_->standard_error() : std::string{});
}

checker::history server::history() const {
  auto out = seen_;
  for (auto& x : out.faults)
    if (x.end == 0)
      x.end = now_ns();
  return out;
}

} // namespace intd::test
