#include "cli/cluster_view.hpp"

#include "cli/printable.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace intd {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(cluster_view::key, key, last)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(cluster_view::stripe, engine, offset,
                                   increment, epoch, healthy, reason, given,
                                   keys, keys_left_out)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(cluster_view::gift, to, offset, increment,
                                   epoch)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(cluster_view::node, id, name, boot, version,
                                   address, alive, reason, silent_ms, draining,
                                   stripes, spares, gifts)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(cluster_view, nodes)

namespace {

using row = std::vector<std::string>;

// Keys beyond these are counted.
constexpr size_t keys_shown = 2;
constexpr size_t id_shown = 8;

std::string one_digit(double value) {
  char text[64];
  auto size = std::snprintf(text, sizeof text, "%.1f", value);
  return {text, static_cast<size_t>(size)};
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : printable(text);
}

std::string label_of(const cluster_view::node& x) {
  return or_dash(x.name.empty() ? x.id.substr(0, id_shown) : x.name);
}

std::string state_of(const cluster_view::node& x) {
  if (x.alive)
    return x.draining ? "draining" : "up";
  if (x.silent_ms < 0)
    return "never heard";
  return "silent " + one_digit(static_cast<double>(x.silent_ms) / 1'000) + " s";
}

std::string text_of(int64_t offset, int64_t increment) {
  if (increment == 0)
    return "none";
  return std::to_string(offset) + " mod " + std::to_string(increment);
}

std::string lasts_of(const cluster_view::stripe& x) {
  std::string text;
  auto shown = std::min(x.keys.size(), keys_shown);
  for (size_t i = 0; i < shown; ++i)
    text += (i == 0 ? "" : ", ") + printable(x.keys[i].key) + " "
      + std::to_string(x.keys[i].last);
  auto more = x.keys.size() - shown + x.keys_left_out;
  if (more > 0)
    text += " and " + std::to_string(more) + " more";
  return or_dash(text);
}

// Two blanks between columns, none at the end of a line.
std::string align(const std::vector<row>& rows) {
  std::vector<size_t> widths(rows.front().size());
  for (const auto& cells : rows)
    for (size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  std::string text;
  for (const auto& cells : rows) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      line += cells[i];
      line.append(widths[i] - cells[i].size() + 2, ' ');
    }
    text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string nodes_of(const cluster_view& now) {
  std::vector<row> rows{{"NODE", "STATE", "VERSION", "ADDRESS", "ID"}};
  for (const auto& x : now.nodes)
    rows.push_back({label_of(x), state_of(x), or_dash(x.version),
                    or_dash(x.address), or_dash(x.id)});
  return align(rows);
}

// A node that is not there any more has no row of its own: its id is needed.
std::string receiver_of(const cluster_view& now, const cluster_view::gift& y) {
  for (const auto& x : now.nodes)
    if (x.id == y.to)
      return label_of(x);
  return or_dash(y.to);
}

row row_of(const cluster_view::node& x, const cluster_view::gift& y,
           const std::string& health) {
  return {label_of(x),
          "-",
          text_of(y.offset, y.increment),
          std::to_string(y.epoch),
          health,
          "-",
          "-",
          "-"};
}

std::string stripes_of(const cluster_view& now, const cluster_view* before,
                       std::chrono::nanoseconds apart) {
  std::vector<row> rows{
    {"NODE", "ENGINE", "STRIPE", "EPOCH", "HEALTH", "GIVEN", "PER S", "LAST"}};
  for (const auto& x : now.nodes) {
    for (const auto& y : x.stripes)
      rows.push_back({label_of(x), or_dash(y.engine),
                      text_of(y.offset, y.increment), std::to_string(y.epoch),
                      y.healthy ? "ok" : "not ok", std::to_string(y.given),
                      rate_of(x, y, before, apart), lasts_of(y)});
    for (const auto& y : x.spares)
      rows.push_back(row_of(x, y, "spare"));
    for (const auto& y : x.gifts)
      rows.push_back(row_of(x, y, "gift to " + receiver_of(now, y)));
  }
  return align(rows);
}

std::string troubles_of(const cluster_view& now) {
  std::string text;
  for (const auto& x : now.nodes) {
    if (!x.reason.empty())
      text += label_of(x) + ": " + printable(x.reason) + "\n";
    for (const auto& y : x.stripes)
      if (!y.reason.empty())
        text += label_of(x) + " " + or_dash(y.engine) + ": "
          + printable(y.reason) + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

// The same stripe of the same process, as it was read before.
const cluster_view::stripe* find_before(const cluster_view::node& node,
                                        const std::string& engine,
                                        const cluster_view& before) {
  for (const auto& x : before.nodes)
    if (x.id == node.id && x.boot == node.boot)
      for (const auto& y : x.stripes)
        if (y.engine == engine)
          return &y;
  return nullptr;
}

} // namespace

std::optional<cluster_view> parse_cluster(std::string_view body) {
  auto parsed = nlohmann::json::parse(body, nullptr, false);
  try {
    return parsed.get<cluster_view>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string rate_of(const cluster_view::node& node,
                    const cluster_view::stripe& now, const cluster_view* before,
                    std::chrono::nanoseconds apart) {
  const auto* then
    = before == nullptr ? nullptr : find_before(node, now.engine, *before);
  if (then == nullptr || node.boot.empty() || then->given > now.given
      || apart.count() <= 0)
    return "-";
  return one_digit(static_cast<double>(now.given - then->given)
                   / std::chrono::duration<double>(apart).count());
}

std::string lay_out(const cluster_view& now, const cluster_view* before,
                    std::chrono::nanoseconds apart) {
  return nodes_of(now) + "\n" + stripes_of(now, before, apart)
    + troubles_of(now);
}

} // namespace intd
