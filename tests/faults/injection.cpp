#include "tests/faults/injection.hpp"

#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <stdexcept>

namespace intd::test {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds attach_bound{30'000};

std::vector<std::string> thread_ids(pid_t pid) {
  std::vector<std::string> out;
  for (auto& entry : std::filesystem::directory_iterator{
         "/proc/" + std::to_string(pid) + "/task"})
    out.push_back(entry.path().filename());
  return out;
}

command strace_command(const std::vector<std::string>& ids,
                       const std::string& calls, const std::string& what,
                       const std::string& also, threads whose,
                       const std::string& file) {
  auto traced = also.empty() ? calls : calls + "," + also;
  command out{{"strace", "-s", "64", "-e", "trace=" + traced, "-e",
               "inject=" + calls + ":" + what},
              {},
              0};
  if (whose == threads::all)
    out.arguments.emplace_back("-f");
  if (!file.empty())
    out.arguments.insert(out.arguments.end(), {"-P", file});
  for (auto& id : ids) {
    out.arguments.emplace_back("-p");
    out.arguments.push_back(id);
  }
  return out;
}

} // namespace

injection::injection(server& node, const std::string& calls,
                     const std::string& what, const std::string& also,
                     threads whose, const std::string& file)
  : injection(whose == threads::all
                ? std::vector{std::to_string(node.child().pid())}
                : thread_ids(node.child().pid()),
              calls, what, also, whose, file) {
  // nop
}

injection::injection(const std::vector<std::string>& ids,
                     const std::string& calls, const std::string& what,
                     const std::string& also, threads whose,
                     const std::string& file)
  : strace_(strace_command(ids, calls, what, also, whose, file)) {
  for (auto& id : ids)
    if (!strace_.wait_for_error("Process " + id + " attached", attach_bound))
      throw std::runtime_error("strace does not attach (is it installed, and "
                               "may this user trace?): "
                               + strace_.standard_error());
}

void injection::detach() {
  strace_.signal(SIGINT);
  std::ignore = strace_.wait(attach_bound);
}

void injection::abandon() {
  strace_.signal(SIGKILL);
  std::ignore = strace_.wait(attach_bound);
}

bool injection::wait_for(std::string_view text, milliseconds bound) {
  return strace_.wait_for_error(text, bound);
}

std::vector<std::string> injection::trace() const {
  std::istringstream in{strace_.standard_error()};
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

size_t injection::fired() const {
  auto lines = trace();
  return static_cast<size_t>(
    std::ranges::count_if(lines, [](const std::string& line) {
      return line.find("(INJECTED)") != line.npos
        || line.find("(DELAYED)") != line.npos;
    }));
}

std::vector<std::string> injected_from_start(const std::string& calls,
                                             const std::string& what) {
  return {"strace", "-D",
          "-f",     "-qq",
          "-o",     "/dev/null",
          "-e",     "trace=" + calls,
          "-e",     "inject=" + calls + ":" + what};
}

} // namespace intd::test
