// One command to a server that speaks Redis' protocol, as tests send them:
// Redis and SummitDB.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace intd::test {

using redis_words = std::vector<std::string>;

/// Connects to 127.0.0.1, sends the commands one after another and returns
/// what the last one answered as text: an array's elements one a line, nothing
/// for nil. Throws `std::runtime_error` with the text of an error that any of
/// them answers, or where there is no answer within a minute.
std::string ask_redis(uint16_t port, const std::vector<redis_words>& commands);

} // namespace intd::test
