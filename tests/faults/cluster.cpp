#include "tests/faults/cluster.hpp"

#include "tests/checker/checker.hpp"
#include "tests/support/http_client.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <utility>

namespace intd::test {

namespace {

// Where a history is kept that the checker refused.
std::filesystem::path file_of_failure() {
  auto name = boost::unit_test::framework::current_test_case().full_name();
  for (auto& c : name)
    if (c == '/')
      c = '.';
  return std::filesystem::temp_directory_path() / (name + ".history");
}

} // namespace

server& cluster::add(server_options options) {
  if (options.state.empty())
    options.state = directory() / options.name;
  nodes_.push_back(std::make_unique<server>(std::move(options), book_));
  return *nodes_.back();
}

std::unique_ptr<load> cluster::clients(load_options options) {
  options.nodes.clear();
  for (auto& node : nodes_)
    options.nodes.push_back(node->options().name);
  return std::make_unique<load>(std::move(options), book_);
}

void cluster::judge(std::vector<checker::call> calls,
                    const checker::promise& promised) {
  checker::history all = notes_;
  all.promised = promised;
  for (auto& node : nodes_)
    append(all, node->history());
  for (auto& x : calls)
    all.calls.push_back(std::move(x));
  auto found = checker::check(all);
  BOOST_TEST_MESSAGE(to_string(found));
  if (found.verdict == checker::verdict::valid)
    return;
  auto file = file_of_failure();
  std::ofstream out{file};
  write(out, all);
  for (auto& node : nodes_)
    BOOST_TEST_MESSAGE(node->options().name << ":\n" << node->log());
  BOOST_ERROR(to_string(found) << "the history is in " << file);
}

checker::promise promise_of(const std::vector<std::string>& nodes,
                            const std::vector<std::string>& front_ends,
                            const std::vector<std::string>& faults) {
  checker::promise out;
  out.faults = faults;
  for (auto& x : nodes)
    out.minimum.push_back({"node", x, 10});
  for (auto& x : front_ends)
    out.minimum.push_back({"front_end", x, 10});
  out.recovery = std::chrono::nanoseconds{soon}.count();
  return out;
}

void stop_cleanly(server& node) {
  auto how = node.stop(soon);
  BOOST_TEST_REQUIRE(how.has_value(), "it does not stop");
  BOOST_TEST(to_string(*how) == "exit status 0", node.log());
}

std::string integer_from(server& node) {
  auto client = http_client::connect(node.port("http"), in(soon));
  if (!client)
    return {};
  auto answer = client->get("/", in(soon));
  return answer && answer->status == 200 ? answer->body : std::string{};
}

std::string next_integer(server& node) {
  std::string out;
  for (auto deadline = in(soon);
       out.empty() && std::chrono::steady_clock::now() < deadline;)
    out = integer_from(node);
  BOOST_TEST_REQUIRE(!out.empty(), node.log());
  return out;
}

} // namespace intd::test
