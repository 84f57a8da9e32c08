#include "engines/guard/state_directory.hpp"

#include "engines/checksum.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <optional>
#include <sstream>
#include <utility>

namespace intd {

namespace fs = std::filesystem;

namespace {

constexpr const char* magic = "intd-node";
constexpr int format_version = 1;

struct node_record {
  std::string id;
  node_label label;
  std::vector<std::string> guards;
};

std::string crc_line(std::string_view body) {
  char line[sizeof "crc 00000000\n"];
  std::snprintf(line, sizeof line, "crc %08x\n",
                static_cast<unsigned>(checksum(body.data(), body.size())));
  return line;
}

std::string write_record(const node_record& x) {
  std::ostringstream out;
  out << magic << ' ' << format_version << "\nid " << x.id << "\nnode "
      << std::quoted(x.label.node) << "\ncluster "
      << std::quoted(x.label.cluster) << "\nguards " << x.guards.size() << '\n';
  for (const auto& guard : x.guards)
    out << "guard " << guard << '\n';
  auto text = std::move(out).str();
  return text += crc_line(text);
}

std::optional<node_record> read_record(const std::string& text) {
  constexpr size_t tail = sizeof "crc 00000000\n" - 1;
  if (text.size() < tail)
    return std::nullopt;
  const auto body = text.substr(0, text.size() - tail);
  if (text.substr(body.size()) != crc_line(body))
    return std::nullopt;
  node_record x;
  std::istringstream in{body};
  std::string word[5];
  int version = 0;
  size_t guards = 0;
  in >> word[0] >> version >> word[1] >> x.id >> word[2]
    >> std::quoted(x.label.node) >> word[3] >> std::quoted(x.label.cluster)
    >> word[4] >> guards;
  if (!in || word[0] != magic || version != format_version || word[1] != "id"
      || x.id.size() != 32 || word[2] != "node" || word[3] != "cluster"
      || word[4] != "guards")
    return std::nullopt;
  for (std::string name; guards > 0 && in >> word[0] >> name; --guards)
    x.guards.push_back(name);
  if (guards != 0)
    return std::nullopt;
  return x;
}

// A file that only a guard leaves behind, if there is one.
result<std::optional<fs::path>> guard_file(const fs::path& directory) {
  std::error_code failure;
  for (fs::directory_iterator at{directory, failure}, end;
       !failure && at != end; at.increment(failure))
    if (at->path().extension() == ".ceilings"
        || at->path().extension() == ".marks")
      return at->path();
  if (failure)
    return file_error("list", directory, failure.value());
  return std::nullopt;
}

result<void> take_name(std::string& recorded, const std::string& given,
                       std::string_view what, const fs::path& path) {
  if (!given.empty() && !recorded.empty() && given != recorded)
    return fail(ec::wrong_owner,
                path.string() + " is the state of the " + std::string{what}
                  + " \"" + recorded + "\", not of \"" + given
                  + "\"; correct the name or the state directory");
  if (!given.empty())
    recorded = given;
  return {};
}

} // namespace

result<std::shared_ptr<state_directory>>
state_directory::open(const fs::path& path, const node_label& label) {
  std::error_code failure;
  std::shared_ptr<state_directory> state{new state_directory};
  state->path_ = fs::absolute(path, failure);
  if (failure)
    return file_error("open", path, failure.value());
  auto done = make_directories(state->path_)
                .and_then([&state] {
                  return state->lock();
                })
                .and_then([&state, &label] {
                  return state->load(label);
                });
  if (!done)
    return tl::unexpected{std::move(done.error())};
  return state;
}

bool state_directory::knows_guard(std::string_view name) const {
  return std::find(guards_.begin(), guards_.end(), name) != guards_.end();
}

result<void> state_directory::add_guard(const std::string& name) {
  if (knows_guard(name))
    return {};
  guards_.push_back(name);
  return save();
}

result<void> state_directory::lock() {
  const auto path = path_ / "lock";
  auto fd = open_file(path, O_RDWR | O_CREAT);
  if (!fd)
    return tl::unexpected{std::move(fd.error())};
  const auto locked = try_lock(*fd, path);
  if (!locked)
    return tl::unexpected{locked.error()};
  auto pid = read_all(*fd, path).value_or("");
  if (!*locked) {
    pid.resize(std::min(pid.find('\n'), pid.size()));
    return fail(ec::in_use,
                path_.string() + " is in use by process "
                  + (pid.empty() ? "(unknown)" : pid)
                  + "; stop it, or use another state directory");
  }
  pid = std::to_string(getpid()) + "\n";
  if (ftruncate(fd->get(), 0) != 0)
    return file_error("write", path, errno);
  lock_ = std::move(*fd);
  return write_at(lock_, pid, 0, path);
}

result<void> state_directory::load(const node_label& label) {
  const auto path = path_ / "node";
  std::error_code failure;
  if (!fs::exists(path, failure) && !failure) {
    const auto left = guard_file(path_);
    if (!left)
      return tl::unexpected{left.error()};
    if (*left)
      return fail(ec::corrupt,
                  path.string() + " is missing, but " + (*left)->string()
                    + " is there" + std::string{begin_anew});
    node_id_ = random_hex(16);
    label_ = label;
    return save();
  }
  auto text = open_file(path, O_RDONLY).and_then([&path](const auto& fd) {
    return read_all(fd, path);
  });
  if (!text)
    return tl::unexpected{std::move(text.error())};
  auto record = read_record(*text);
  if (!record)
    return fail(ec::corrupt,
                path.string() + " is damaged (its checksum or form is wrong)"
                  + std::string{begin_anew});
  node_id_ = std::move(record->id);
  label_ = std::move(record->label);
  guards_ = std::move(record->guards);
  return adopt(label);
}

result<void> state_directory::adopt(const node_label& label) {
  const auto recorded = label_;
  return take_name(label_.node, label.node, "node", path_)
    .and_then([this, &label] {
      return take_name(label_.cluster, label.cluster, "cluster", path_);
    })
    .and_then([this, &recorded]() -> result<void> {
      return label_ == recorded ? result<void>{} : save();
    });
}

result<void> state_directory::save() const {
  return publish(path_ / "node", write_record({node_id_, label_, guards_}),
                 in_place::replace);
}

} // namespace intd
