// SIGINT and SIGTERM for `int` and `intd-client`: the loop that mints ends, the
// engine is closed cleanly, the output ends with a whole line.
#pragma once

namespace intd {

/// Lets the first signal set a flag, and the second end the process; ignores
/// SIGPIPE, so that writing to a reader that is gone is an error like others.
void catch_interruption();

/// Tells whether a signal came.
[[nodiscard]] bool interrupted();

} // namespace intd
