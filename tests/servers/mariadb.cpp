#include "tests/servers/mariadb.hpp"

#include <fcntl.h>
#include <mysql.h>
#include <sys/file.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <stdexcept>
#include <utility>

namespace intd::test {

namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

constexpr milliseconds install_bound{120'000};
constexpr unsigned connect_seconds = 2;
constexpr unsigned answer_seconds = 60;

// What every server and the making of its tables have to agree on; small, as a
// test wants many of them to start and to be copied.
const std::vector<std::string> size_flags{"--innodb-log-file-size=8M",
                                          "--innodb-buffer-pool-size=16M"};

// The bootstrap reads one statement a line, and knows of users only once told.
constexpr const char* first_statements
  = "FLUSH PRIVILEGES;\n"
    "CREATE DATABASE intd;\n"
    "CREATE USER intd@'127.0.0.1' IDENTIFIED BY 'secret';\n"
    "GRANT ALL ON *.* TO intd@'127.0.0.1' WITH GRANT OPTION;\n"
    "CREATE USER intd@localhost IDENTIFIED BY 'secret';\n"
    "GRANT ALL ON *.* TO intd@localhost WITH GRANT OPTION;\n";

void add_user(std::vector<std::string>& arguments) {
  if (::geteuid() == 0)
    arguments.emplace_back("--user=root");
}

// Debian has the server in /usr/sbin, which is not in everyone's PATH.
std::string program() {
  constexpr auto debian = "/usr/sbin/mariadbd";
  return fs::exists(debian) ? debian : "mariadbd";
}

std::string version() {
  std::string output;
  auto how = run({{program(), "--no-defaults", "--version"}, {}}, install_bound,
                 output);
  if (!how || how->status != 0)
    throw std::runtime_error("mariadbd does not run: " + output);
  std::string out;
  for (char c : output.substr(output.find("Ver ") + 4))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.')
      out += c;
    else if (c == ' ')
      break;
  return out;
}

void install(const fs::path& to) {
  fs::remove_all(to);
  fs::create_directories(to);
  auto statements = to / "first.sql";
  std::ofstream{statements} << first_statements;
  command what{{"mariadb-install-db", "--no-defaults",
                "--datadir=" + (to / "data").string(), "--skip-test-db",
                "--auth-root-authentication-method=normal",
                "--extra-file=" + statements.string()},
               {}};
  add_user(what.arguments);
  what.arguments.insert(what.arguments.end(), size_flags.begin(),
                        size_flags.end());
  std::string output;
  auto how = run(what, install_bound, output);
  if (!how || how->status != 0)
    throw std::runtime_error("mariadb-install-db fails: " + output);
}

// Tables as they are after the installation, made by the first test that needs
// them on this machine.
fs::path installed_tables() {
  auto made = servers_cache() / ("mariadb-" + version() + "-1");
  if (fs::exists(made))
    return made / "data";
  fs::create_directories(made.parent_path());
  int lock = ::open((made.string() + ".lock").c_str(),
                    O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ::flock(lock, LOCK_EX);
  try {
    if (!fs::exists(made)) {
      auto making = made;
      making += ".new";
      install(making);
      fs::rename(making, made);
    }
  } catch (...) {
    ::close(lock);
    throw;
  }
  ::close(lock);
  return made / "data";
}

// A connection with one use.
class connection {
public:
  connection(uint16_t port, const std::string& database)
    : handle_{::mysql_init(nullptr)} {
    ::mysql_options(handle_, MYSQL_OPT_CONNECT_TIMEOUT, &connect_seconds);
    ::mysql_options(handle_, MYSQL_OPT_READ_TIMEOUT, &answer_seconds);
    if (::mysql_real_connect(handle_, "127.0.0.1", "intd", "secret",
                             database.empty() ? nullptr : database.c_str(),
                             port, nullptr, CLIENT_MULTI_STATEMENTS)
        == nullptr) {
      auto text = error();
      ::mysql_close(handle_);
      throw std::runtime_error(text);
    }
  }

  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  ~connection() {
    ::mysql_close(handle_);
  }

  /// Runs statements; the first cell of the first result that has one.
  std::optional<std::string> run(const std::string& statements) {
    std::optional<std::string> out;
    if (::mysql_real_query(handle_, statements.data(), statements.size()) != 0)
      throw std::runtime_error(statements + ": " + error());
    for (int more = 0; more == 0; more = ::mysql_next_result(handle_)) {
      if (auto* rows = ::mysql_store_result(handle_); rows != nullptr) {
        if (auto* row = ::mysql_fetch_row(rows); row != nullptr && !out)
          out.emplace(row[0] == nullptr ? "" : row[0]);
        ::mysql_free_result(rows);
      }
    }
    if (::mysql_errno(handle_) != 0)
      throw std::runtime_error(statements + ": " + error());
    return out;
  }

private:
  std::string error() {
    return "MariaDB error " + std::to_string(::mysql_errno(handle_)) + ": "
      + ::mysql_error(handle_);
  }

  MYSQL* handle_;
};

} // namespace

mariadb_server::mariadb_server(mariadb_options options)
  : options_{std::move(options)} {
  // nop
}

std::string mariadb_server::dsn(std::string_view database) const {
  return "intd:secret@tcp(127.0.0.1:" + std::to_string(port()) + ")/"
    + std::string{database};
}

void mariadb_server::create_database(const std::string& name) {
  execute("DROP DATABASE IF EXISTS `" + name + "`; CREATE DATABASE `" + name
            + "`",
          "");
}

void mariadb_server::execute(const std::string& statements,
                             const std::string& database) {
  connection{port(), database}.run(statements);
}

std::string mariadb_server::ask(const std::string& statement,
                                const std::string& database) {
  auto out = connection{port(), database}.run(statement);
  if (!out)
    throw std::runtime_error(statement + " answers no row");
  return *out;
}

void mariadb_server::make_data() {
  std::filesystem::remove(data());
  std::filesystem::copy(installed_tables(), data(),
                        std::filesystem::copy_options::recursive);
}

command mariadb_server::command_line() const {
  command out;
  out.arguments = {program(),
                   "--no-defaults",
                   "--datadir=" + data().string(),
                   "--socket=" + socket().string(),
                   "--pid-file=" + (home() / "pid").string(),
                   "--bind-address=127.0.0.1",
                   "--port=" + std::to_string(port()),
                   "--skip-name-resolve"};
  // A server that starts empties its directory for temporary tables, which
  // others must not share then.
  out.arguments.push_back("--tmpdir=" + home().string());
  add_user(out.arguments);
  auto& all = out.arguments;
  all.insert(all.end(), size_flags.begin(), size_flags.end());
  all.insert(all.end(), options_.flags.begin(), options_.flags.end());
  return out;
}

bool mariadb_server::answers() {
  try {
    return ask("SELECT 1", "") == "1";
  } catch (const std::runtime_error&) {
    return false;
  }
}

} // namespace intd::test
