#include "tests/engines/http_subjects.hpp"

#include "engines/registry.hpp"
#include "tests/support/address_book.hpp"
#include "tests/support/server.hpp"

#include <map>
#include <memory>
#include <string>

namespace intd::test {

namespace fs = std::filesystem;

namespace {

constexpr const char* token = "contract";

test::server& site_of(const fs::path& directory) {
  static address_book book;
  static std::map<fs::path, std::unique_ptr<test::server>> all;
  std::erase_if(all, [](const auto& x) {
    return !fs::exists(x.first);
  });
  auto& found = all[directory];
  if (!found) {
    server_options options;
    options.state = directory / "site";
    options.protocols = {"http"};
    options.environment = {std::string{"INTD_ADMIN_TOKEN="} + token};
    found = std::make_unique<test::server>(std::move(options), book);
    found->start();
  }
  return *found;
}

result<engine_ptr> site(const fs::path& directory) {
  const auto port = std::to_string(site_of(directory).port("http"));
  return make_engine("http",
                     std::string{"http://:"} + token + "@127.0.0.1:" + port);
}

result<engine_ptr> guarded_site(const fs::path& directory) {
  return guarded(site(directory), directory);
}

} // namespace

void add_http_subjects(std::vector<subject>& to) {
  to.push_back({"http", site, true});
  to.push_back({"guarded http", guarded_site, true});
}

} // namespace intd::test
