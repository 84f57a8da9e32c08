// Tables as the original's users have them.
#pragma once

#include <string>

namespace intd::test {

/// Makes the SQL of a table with the original's schema.
inline std::string original_table(const std::string& key,
                                  const std::string& storage) {
  return "CREATE TABLE `" + key
    + "` (id BIGINT(20) UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, "
      "stub CHAR(1) NOT NULL DEFAULT '', UNIQUE KEY stub (stub)) ENGINE="
    + storage;
}

} // namespace intd::test
