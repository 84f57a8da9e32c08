#include "node/logging.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <string>
#include <utility>

namespace intd {

namespace {

// Returns how many bytes at the front of `x` (not empty) are one well-formed
// character of UTF-8, or 0: RFC 3629, section 4.
size_t utf8_length(std::string_view x) {
  auto byte = [x](size_t i) {
    return static_cast<unsigned char>(x[i]);
  };
  auto tail = [&](size_t i) {
    return i < x.size() && byte(i) >> 6 == 2;
  };
  auto first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xc2 && first < 0xe0)
    return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first < 0xf0) {
    bool fine = tail(1) && tail(2) && (first != 0xe0 || byte(1) >= 0xa0)
      && (first != 0xed || byte(1) < 0xa0);
    return fine ? 3 : 0;
  }
  if (first >= 0xf0 && first < 0xf5) {
    bool fine = tail(1) && tail(2) && tail(3)
      && (first != 0xf0 || byte(1) >= 0x90)
      && (first != 0xf4 || byte(1) < 0x90);
    return fine ? 4 : 0;
  }
  return 0;
}

// Appends `text` with control characters as JSON's \u escapes (RFC 8259,
// section 7); quotes and backslashes too where `quoted`.
void append_escaped(std::string_view text, bool quoted,
                    spdlog::memory_buf_t& out) {
  auto append = [&out](std::string_view x) {
    out.append(x.data(), x.data() + x.size());
  };
  while (!text.empty()) {
    auto length = utf8_length(text);
    auto c = text[0];
    if (length == 0)
      append("\xef\xbf\xbd"); // U+FFFD, the replacement character.
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      append(fmt::format("\\u{:04x}", static_cast<unsigned>(c)));
    else if (quoted && (c == '"' || c == '\\'))
      append({c == '"' ? "\\\"" : "\\\\"});
    else
      append(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

// UTC, as RFC 3339 writes it.
std::string time_of(const spdlog::log_clock::time_point& when) {
  using namespace std::chrono;
  auto since = duration_cast<milliseconds>(when.time_since_epoch()).count();
  auto seconds = static_cast<std::time_t>(since / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec, since % 1000);
}

std::string_view name_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warn";
    default:
      return "error";
  }
}

class line_formatter final : public spdlog::formatter {
public:
  explicit line_formatter(bool json) : json_(json) {
    // nop
  }

  void format(const spdlog::details::log_msg& event,
              spdlog::memory_buf_t& out) override {
    auto append = [&out](std::string_view x) {
      out.append(x.data(), x.data() + x.size());
    };
    append(json_ ? R"({"time":")" : "");
    append(time_of(event.time));
    append(json_ ? R"(","level":")" : " ");
    append(name_of(event.level));
    append(json_ ? R"(","text":")" : " ");
    append_escaped({event.payload.data(), event.payload.size()}, json_, out);
    append(json_ ? "\"}\n" : "\n");
  }

  [[nodiscard]] std::unique_ptr<formatter> clone() const override {
    return std::make_unique<line_formatter>(json_);
  }

private:
  bool json_;
};

} // namespace

void start_logging(std::string_view level, std::string_view format) {
  auto logger = std::make_shared<spdlog::logger>(
    "intd", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_formatter(make_log_formatter(format));
  logger->set_level(spdlog::level::from_str(std::string{level}));
  spdlog::set_default_logger(std::move(logger));
}

std::unique_ptr<spdlog::formatter> make_log_formatter(std::string_view format) {
  return std::make_unique<line_formatter>(format == "json");
}

} // namespace intd
