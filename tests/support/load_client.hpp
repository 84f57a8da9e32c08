// One client of a load: asks for one integer after the other, at one node and,
// where that fails, at the next, and writes down each attempt.
#pragma once

#include "tests/checker/history.hpp"
#include "tests/support/address_book.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/load.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace intd::test {

class load_client {
public:
  load_client(size_t index, const load_options& options, address_book& book,
              const std::atomic<bool>& stopping, std::atomic<size_t>& answered);

  /// Works until `stopping`.
  void run();

  [[nodiscard]] std::vector<checker::call> calls();

private:
  struct kept {
    http_client client;
    uint16_t port = 0;
    std::string name;
  };

  /// Tries until an integer came or the budget is spent.
  void operate();
  /// Tries once; false where the node is not there or did not answer.
  bool attempt(const std::string& node);
  bool attempt_tcp(const std::string& node, uint16_t port);
  bool attempt_http(const std::string& node, uint16_t port);
  bool pipeline(kept& at, const std::string& node, time_point deadline);
  kept* connection(const std::string& node, uint16_t port, time_point deadline);
  checker::call begin(const std::string& node, const std::string& connection);
  bool end(checker::call& x, checker::outcome result);
  bool end(checker::call& x, const std::optional<http_answer>& answer);

  const load_options& options_;
  address_book& book_;
  const std::atomic<bool>& stopping_;
  std::atomic<size_t>& answered_;
  std::string name_;
  std::string front_end_;
  size_t next_node_;
  int64_t number_ = 0;
  int64_t operation_ = 0;
  int64_t connections_ = 0;
  std::map<std::string, kept> kept_;
  std::vector<checker::call> calls_;
};

} // namespace intd::test
