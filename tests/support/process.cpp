#include "tests/support/process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Between two looks at a child's output.
constexpr milliseconds look_again{2};

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string{what} + ": " + std::strerror(errno));
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (auto& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

std::vector<std::string> environment(const std::vector<std::string>& added) {
  auto name = [](std::string_view entry) {
    return entry.substr(0, entry.find('='));
  };
  auto out = added;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::ranges::none_of(added, [&](const std::string& x) {
          return name(x) == name(*entry);
        }))
      out.emplace_back(*entry);
  return out;
}

// As much as there is now: one that writes faster than this reads would be
// followed for ever.
std::string contents(int fd) {
  struct stat now {};
  if (::fstat(fd, &now) != 0)
    return {};
  std::string out(static_cast<size_t>(now.st_size), '\0');
  size_t done = 0;
  ssize_t size = 1;
  for (; done < out.size() && size > 0; done += static_cast<size_t>(size))
    size = std::max(::pread(fd, out.data() + done, out.size() - done,
                            static_cast<off_t>(done)),
                    ssize_t{0});
  out.resize(done);
  return out;
}

// The fields of /proc/pid/stat from the third on: those behind the name, which
// stands in parentheses.
std::istringstream status_of(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto end = text.rfind(')');
  return std::istringstream{end == text.npos ? "" : text.substr(end + 1)};
}

// In the child, where only async-signal-safe calls are allowed.
[[noreturn]] void become(char** arguments, char** variables, int out, int err,
                         rlim_t open_files) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, STDIN_FILENO);
  // Nothing that the test was itself given is passed on.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  if (open_files != 0) {
    rlimit limit{open_files, open_files};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execvpe(arguments[0], arguments, variables);
  ::_exit(127);
}

} // namespace

std::string to_string(const ending& x) {
  return x.status ? "exit status " + std::to_string(*x.status)
                  : "signal " + std::to_string(x.signal);
}

process::process(const command& what) {
  auto arguments = what.arguments;
  auto variables = environment(what.environment);
  auto argument_pointers = pointers(arguments);
  auto variable_pointers = pointers(variables);
  out_fd_ = ::memfd_create("out", MFD_CLOEXEC);
  err_fd_ = ::memfd_create("err", MFD_CLOEXEC);
  if (out_fd_ < 0 || err_fd_ < 0)
    fail("memfd_create");
  // Appended to, as strace and the program it runs may share it.
  ::fcntl(out_fd_, F_SETFL, O_APPEND);
  ::fcntl(err_fd_, F_SETFL, O_APPEND);
  pid_ = ::fork();
  if (pid_ < 0)
    fail("fork");
  if (pid_ == 0)
    become(argument_pointers.data(), variable_pointers.data(), out_fd_, err_fd_,
           what.open_files);
  ::setpgid(pid_, pid_); // Whoever comes first.
  // glibc 2.36 declares pidfd_open for C only.
  pid_fd_ = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
}

process::~process() {
  ::kill(-pid_, SIGKILL);
  if (!ended_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  for (int fd : {pid_fd_, out_fd_, err_fd_})
    if (fd >= 0)
      ::close(fd);
}

void process::signal(int number) {
  if (running())
    ::kill(pid_, number);
}

std::optional<ending> process::wait(milliseconds bound) {
  if (ended_)
    return ended_;
  pollfd watched{pid_fd_, POLLIN, 0};
  auto deadline = steady_clock::now() + bound;
  int ready = 0;
  do {
    auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
    ready = ::poll(&watched, 1,
                   static_cast<int>(std::max<int64_t>(left.count(), 0)));
  } while (ready < 0 && errno == EINTR);
  int status = 0;
  if (ready <= 0 || ::waitpid(pid_, &status, 0) != pid_)
    return std::nullopt;
  ended_ = WIFEXITED(status) ? ending{WEXITSTATUS(status), 0}
                             : ending{std::nullopt, WTERMSIG(status)};
  return ended_;
}

bool process::running() {
  return !wait(milliseconds{0});
}

bool process::wait_for_error(std::string_view text, milliseconds bound) {
  auto deadline = steady_clock::now() + bound;
  for (;;) {
    bool ended = wait(look_again).has_value();
    if (standard_error().find(text) != std::string::npos)
      return true;
    if (ended || steady_clock::now() > deadline)
      return false;
  }
}

std::string process::standard_output() const {
  return contents(out_fd_);
}

std::string process::standard_error() const {
  return contents(err_fd_);
}

uint64_t process::memory() const {
  std::ifstream in{"/proc/" + std::to_string(pid_) + "/statm"};
  uint64_t pages = 0;
  in >> pages >> pages;
  return pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

milliseconds process::processor_time() const {
  auto rest = status_of(pid_);
  std::string skipped;
  for (int i = 3; i < 14; ++i)
    rest >> skipped;
  int64_t user = 0;
  int64_t system = 0;
  rest >> user >> system;
  return milliseconds{(user + system) * 1'000 / ::sysconf(_SC_CLK_TCK)};
}

char process::state() const {
  char out = 'X';
  status_of(pid_) >> out;
  return out;
}

size_t process::open_files() const {
  std::error_code ignored;
  std::filesystem::directory_iterator files{
    "/proc/" + std::to_string(pid_) + "/fd", ignored};
  return ignored ? 0
                 : static_cast<size_t>(std::distance(begin(files), end(files)));
}

std::optional<ending> run(const command& what, milliseconds bound,
                          std::string& output) {
  process child{what};
  auto result = child.wait(bound);
  output = child.standard_output() + child.standard_error();
  return result;
}

} // namespace intd::test
