// What the log looks like: spdlog's default logger, on standard error, a line
// an event, for people or for machines. main sets it up; everybody logs.
#pragma once

#include <spdlog/formatter.h>

#include <memory>
#include <string_view>

namespace intd {

/// Sets up the log: `level` and `format` as [log] of the configuration allows.
void start_logging(std::string_view level, std::string_view format);

/// Makes what lays out a line. "text": time, level, text. "json": an object
/// with these three. Either way an event is one line of valid UTF-8, whatever
/// bytes its text holds.
[[nodiscard]] std::unique_ptr<spdlog::formatter>
make_log_formatter(std::string_view format);

} // namespace intd
