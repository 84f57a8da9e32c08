// How to talk to a store, whatever the store: the registry hands it to each
// engine that it opens.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

namespace intd {

struct store_options {
  /// How long one attempt to connect may take, names and logins included.
  std::chrono::milliseconds connect_timeout{1'000};
  /// How long one write, and one read, may take. Past it the connection is
  /// closed, since a late answer must never be read as the next one.
  std::chrono::milliseconds answer_timeout{2'000};
  /// How long at most an answer is looked out for before the thread sleeps;
  /// 0: it sleeps at once.
  std::chrono::microseconds spin{0};
  /// Told, in a sentence that names the store, of what an operator should
  /// know: settings by which the store can forget, a leader that changed.
  std::function<void(std::string_view)> warn;
};

} // namespace intd
