// What a node remembers of stripes, from one start to the next.
#include "engines/ledger_file.hpp"

#include "engines/checksum.hpp"
#include "tests/support/full_ledger.hpp"
#include "tests/support/results.hpp"
#include "tests/support/temp_dir.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <string>

using namespace intd;
using namespace intd::test;

namespace {

struct scene {
  temp_dir files;
  std::shared_ptr<state_directory> state
    = must(state_directory::open(files.path() / "state", {}));

  [[nodiscard]] std::string text() const {
    std::ifstream in{state->path() / "ledger"};
    return {std::istreambuf_iterator<char>{in}, {}};
  }

  void put(const std::string& all) const {
    std::ofstream{state->path() / "ledger"} << all;
  }

  // With the checksum that belongs to it.
  void put_line(const std::string& line) const {
    put(line + "crc " + std::to_string(checksum(line.data(), line.size()))
        + "\n");
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(a_ledger, scene)

BOOST_AUTO_TEST_CASE(is_empty_at_first) {
  BOOST_TEST((must(read_ledger(*state)) == ledger{}));
}

BOOST_AUTO_TEST_CASE(is_read_as_it_was_written) {
  must(write_ledger(*state, full_ledger()));
  BOOST_TEST((must(read_ledger(*state)) == full_ledger()));
  must(write_ledger(*state, {}));
  BOOST_TEST((must(read_ledger(*state)) == ledger{}));
}

BOOST_AUTO_TEST_CASE(of_an_older_node_is_read) {
  must(write_ledger(*state, full_ledger()));
  auto line = text().substr(0, text().find('\n') + 1);
  const std::string word = "\"above\":103,";
  const auto at = line.find(word);
  BOOST_TEST_REQUIRE(at != std::string::npos, line);
  put_line(line.erase(at, word.size()));
  auto older = full_ledger();
  older.testimonies.front().above = 0;
  BOOST_TEST((must(read_ledger(*state)) == older));
}

// Nothing but what an older node did not know may be missing.
BOOST_AUTO_TEST_CASE(that_tells_no_epoch_is_refused) {
  must(write_ledger(*state, full_ledger()));
  auto line = text().substr(0, text().find('\n') + 1);
  for (const std::string word :
       {"\"epoch\":6,", "\"epoch\":3,", "\"to\":\"n2\""}) {
    auto without = line;
    const auto at = without.find(word);
    BOOST_TEST_REQUIRE(at != std::string::npos, line);
    put_line(
      without.replace(at, word.size(), word.back() == ',' ? "" : "\"x\":1"));
    BOOST_TEST(code_of(read_ledger(*state)) == ec::corrupt, word);
  }
}

BOOST_AUTO_TEST_CASE(that_is_damaged_is_refused_and_named) {
  must(write_ledger(*state, full_ledger()));
  const auto good = text();
  for (size_t at = 0; at < good.size(); ++at) {
    auto damaged = good;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    put(damaged);
    const auto refused = read_ledger(*state);
    BOOST_TEST(code_of(refused) == ec::corrupt, at);
    BOOST_TEST(says(refused, (state->path() / "ledger").string()));
  }
  for (const size_t length : {size_t{0}, size_t{1}, good.size() - 1}) {
    put(good.substr(0, length));
    BOOST_TEST(code_of(read_ledger(*state)) == ec::corrupt, length);
  }
}

BOOST_AUTO_TEST_CASE(of_another_form_is_refused) {
  for (const auto* line : {"[]\n", "{}\n",
                           R"({"holdings":[{}]})"
                           "\n"}) {
    put_line(line);
    BOOST_TEST(code_of(read_ledger(*state)) == ec::corrupt, line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
