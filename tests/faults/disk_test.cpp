// Disks that are full, slow, or fail to sync.
#include "tests/faults/cluster.hpp"
#include "tests/faults/injection.hpp"
#include "tests/support/http_client.hpp"

#include <boost/algorithm/string/join.hpp>
#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string>
#include <vector>

using namespace intd::test;
namespace checker = intd::checker;
namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Every reservation raises the ceiling: memory, too, writes for each answer.
constexpr const char* eager = "[[engine]]\nguard_block = 1\n";

http_answer get(server& node, std::string_view path) {
  auto client = http_client::connect(node.port("http"), in(soon));
  BOOST_TEST_REQUIRE(client.has_value());
  auto answer = client->get(path, in(soon));
  BOOST_TEST_REQUIRE(answer.has_value(), node.log());
  return *answer;
}

void require_clean_error(const http_answer& x) {
  BOOST_TEST(x.status == 503);
  BOOST_TEST(x.field("content-type") == "application/problem+json");
  BOOST_TEST(!x.field("retry-after").empty());
}

milliseconds since(time_point begin) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
}

// Below the ceiling that is on the disk already, one more may be answered.
// Returns how long the error took.
milliseconds refuse_at_last(server& node) {
  auto begin = steady_clock::now();
  auto answer = get(node, "/");
  if (answer.status == 200) {
    begin = steady_clock::now();
    answer = get(node, "/");
  }
  require_clean_error(answer);
  return since(begin);
}

// -- full ---------------------------------------------------------------------

// Runs a node with a small file system of its own, which is gone with it.
std::vector<std::string> on_small_disk(const fs::path& where) {
  std::vector<std::string> out{"unshare", "--mount"};
  if (::geteuid() != 0)
    out.push_back("--map-root-user");
  for (auto* x :
       {"sh", "-c", "mount -t tmpfs -o size=400k tmpfs \"$0\" && exec \"$@\""})
    out.emplace_back(x);
  out.push_back(where);
  return out;
}

// A file that takes all space that is left on a node's disk.
class filler {
public:
  filler(server& node, const fs::path& disk)
    : path_(fs::path{"/proc"} / std::to_string(node.child().pid()) / "root"
            / disk.relative_path() / "filler") {
    fd_
      = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    BOOST_TEST_REQUIRE(fd_ >= 0, path_);
  }

  filler(const filler&) = delete;
  filler& operator=(const filler&) = delete;

  ~filler() {
    ::close(fd_);
    std::error_code ignored;
    fs::remove(path_, ignored);
  }

  /// Takes what is free now; the error that ended it.
  int fill() const {
    std::string block(4'096, 'x');
    while (::write(fd_, block.data(), block.size()) > 0)
      continue;
    return errno;
  }

private:
  fs::path path_;
  int fd_ = -1;
};

// Keeps the disk full until the node answers an error.
void fill_until_refused(server& node, const filler& full) {
  for (auto deadline = in(soon);;) {
    BOOST_TEST(full.fill() == ENOSPC);
    auto answer = get(node, "/");
    if (answer.status != 200)
      return require_clean_error(answer);
    BOOST_TEST_REQUIRE((steady_clock::now() < deadline), node.log());
  }
}

// -- failing syncs ------------------------------------------------------------

size_t find(const std::vector<std::string>& lines, size_t from,
            std::string_view text) {
  auto found = std::find_if(lines.begin() + static_cast<ptrdiff_t>(from),
                            lines.end(), [text](const std::string& line) {
                              return line.find(text) != line.npos;
                            });
  return static_cast<size_t>(found - lines.begin());
}

// "[pid 17] fdatasync(7) = ..." gives "[pid 17]", and 7 of the same thread's
// last sync, whose line may be apart from its result.
std::string file_of_sync(const std::vector<std::string>& trace, size_t at) {
  auto thread = trace[at].substr(0, trace[at].find(']'));
  for (auto i = at + 1; i-- > 0;) {
    auto call = trace[i].find("sync(");
    if (trace[i].starts_with(thread) && call != std::string::npos)
      return trace[i].substr(call + 5,
                             trace[i].find_first_not_of("0123456789", call + 5)
                               - call - 5);
  }
  return {};
}

// After the failed sync the node lets go of the file, without another try,
// before it answers anybody.
void require_fence(const std::vector<std::string>& trace) {
  auto failed = find(trace, 0, "(INJECTED)");
  BOOST_TEST_REQUIRE(failed < trace.size());
  auto file = file_of_sync(trace, failed);
  BOOST_TEST_REQUIRE(!file.empty());
  auto closed = find(trace, failed, "close(" + file);
  BOOST_TEST(closed < find(trace, failed, "HTTP/1.1 200"));
  BOOST_TEST(closed < find(trace, failed + 1, "sync(" + file),
             boost::algorithm::join(trace, "\n"));
  BOOST_TEST(find(trace, failed, "HTTP/1.1 200") < trace.size());
}

size_t times_opened(server& node) {
  auto log = node.log();
  size_t out = 0;
  for (size_t at = 0; (at = log.find(" is open", at)) != log.npos; ++at)
    ++out;
  return out;
}

// One client, so that every answer in the trace is to what came after the
// fault.
void fail_sync(cluster& all, std::vector<checker::call>& calls, size_t n) {
  auto& node = all.node(0);
  auto opened = times_opened(node);
  // So that the store's log holds something that it could be tempted to move.
  for (int i = 0; i < 5; ++i)
    std::ignore = next_integer(node);
  auto begin = now_ns();
  injection fault{node, "fdatasync,fsync",
                  "error=EIO:when=" + std::to_string(n), "close,sendto,sendmsg",
                  threads::present};
  load_options one;
  one.clients = 1;
  one.front_ends = {"http"};
  one.name = "c" + std::to_string(n) + ".";
  auto client = all.clients(one);
  BOOST_TEST_REQUIRE(fault.wait_for("(INJECTED)", soon), node.log());
  BOOST_TEST_REQUIRE(client->wait_for(20, soon), node.log());
  fault.detach();
  for (auto& x : client->stop())
    calls.push_back(std::move(x));
  node.record({"sync", node.options().name, begin, now_ns(), true,
               std::to_string(fault.fired()) + " failed"});
  require_fence(fault.trace());
  BOOST_TEST(times_opened(node) == opened + 1);
}

// -- slow ---------------------------------------------------------------------

constexpr const char* impatient = "[[engine]]\nguard_block = 1\n"
                                  "[timeouts]\nrequest_ms = 400\n";

} // namespace

BOOST_AUTO_TEST_SUITE(disk_test)

BOOST_AUTO_TEST_CASE(sqlite_on_a_full_disk_refuses_and_resumes_with_space) {
  cluster all;
  auto disk = all.directory() / "disk";
  fs::create_directory(disk);
  server_options options;
  options.engine = "sqlite";
  options.state = disk;
  options.wrapper = on_small_disk(disk);
  auto& node = all.add(options);
  node.start();
  auto clients = all.clients();
  BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
  auto begin = now_ns();
  {
    filler full{node, disk};
    fill_until_refused(node, full);
    node.record({"full", "n1", begin, now_ns(), true, "ENOSPC, and a 503"});
  }
  BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
  auto calls = clients->stop();
  stop_cleanly(node);
  all.judge(std::move(calls), promise_of({"n1"}, {"http", "tcp"}, {"full"}));
}

// Its file has all its space from the beginning.
BOOST_AUTO_TEST_CASE(guarded_memory_does_not_notice_a_full_disk) {
  cluster all;
  auto disk = all.directory() / "disk";
  fs::create_directory(disk);
  server_options options;
  options.state = disk;
  options.wrapper = on_small_disk(disk);
  options.config = eager;
  auto& node = all.add(options);
  node.start();
  auto clients = all.clients();
  BOOST_TEST_REQUIRE(clients->wait_for(50, soon));
  filler full{node, disk};
  auto begin = now_ns();
  BOOST_TEST(full.fill() == ENOSPC);
  BOOST_TEST_REQUIRE(clients->wait_for(200, soon));
  node.record({"full", "n1", begin, now_ns(), false, "ENOSPC"});
  auto calls = clients->stop();
  BOOST_TEST(std::ranges::all_of(calls, [](const checker::call& x) {
    return x.result == checker::outcome::ok;
  }));
  stop_cleanly(node);
  all.judge(std::move(calls), promise_of({"n1"}, {"http", "tcp"}, {"full"}));
}

BOOST_AUTO_TEST_CASE(after_a_failed_sync_a_node_trusts_only_what_it_reopens) {
  for (auto& engine : engines) {
    cluster all;
    server_options options;
    options.engine = engine;
    options.config = eager;
    auto& node = all.add(options);
    node.start();
    std::vector<checker::call> calls;
    for (size_t n : {1u, 2u, 3u})
      fail_sync(all, calls, n);
    stop_cleanly(node);
    all.judge(std::move(calls), promise_of({"n1"}, {"http"}, {"sync"}));
  }
}

BOOST_AUTO_TEST_CASE(while_every_sync_fails_nothing_is_answered) {
  for (auto& engine : engines) {
    cluster all;
    server_options options;
    options.engine = engine;
    options.config = impatient;
    auto& node = all.add(options);
    node.start();
    auto last = std::stoll(next_integer(node));
    {
      injection fault{node, "fdatasync,fsync", "error=EIO"};
      refuse_at_last(node);
      for (auto deadline = in(soon); fault.fired() < 3;) {
        require_clean_error(get(node, "/"));
        BOOST_TEST_REQUIRE((steady_clock::now() < deadline), node.log());
      }
      BOOST_TEST(get(node, "/readyz").status == 503);
      BOOST_TEST(get(node, "/ping").status == 200);
      fault.detach();
    }
    BOOST_TEST(std::stoll(next_integer(node)) > last);
    stop_cleanly(node);
  }
}

BOOST_AUTO_TEST_CASE(a_slow_disk_is_answered_for_by_the_deadline) {
  for (auto& engine : engines) {
    cluster all;
    server_options options;
    options.engine = engine;
    options.config = impatient;
    auto& node = all.add(options);
    auto other = options;
    other.name = "n2";
    auto& healthy = all.add(other);
    node.start();
    healthy.start();
    std::ignore = next_integer(node);
    {
      injection fault{node, "fdatasync,fsync", "delay_enter=1500000"};
      auto took = refuse_at_last(node);
      BOOST_TEST(took.count() >= 300);
      BOOST_TEST(took.count() < (sanitized ? 6'000 : 1'400));
      auto begin = steady_clock::now();
      require_clean_error(get(node, "/"));
      BOOST_TEST(get(node, "/ping").body == "pong");
      BOOST_TEST(get(healthy, "/").status == 200);
      BOOST_TEST(since(begin).count() < (sanitized ? 6'000 : 1'400));
      BOOST_TEST(fault.wait_for("(DELAYED)", soon));
      fault.detach();
    }
    BOOST_TEST(!next_integer(node).empty());
  }
}

BOOST_AUTO_TEST_SUITE_END()
