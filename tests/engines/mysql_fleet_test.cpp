// Old clients, which send the original's statements, and engines of different
// stripes and counts mint from one table at the same time: no integer comes
// twice, whatever the table's storage engine is.
#include "tests/engines/mysql_scene.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <thread>

using namespace intd;
using namespace intd::test;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr size_t wanted_integers = 120'000;
constexpr size_t wanted_rounds = 60;
constexpr std::chrono::seconds bound{90};

// On a member's own thread, where the framework must not be asked.
void expect(bool fine, const char* otherwise) {
  if (!fine)
    throw std::runtime_error(otherwise);
}

struct member {
  stripe what;
  int64_t count;
  /// Raises the sequence now and then, as an operator does.
  bool raises = false;
};

class fleet {
public:
  explicit fleet(mysql_scene& at) : at_{at} {
  }

  void add_old_client(int64_t offset, int64_t increment) {
    add([this, offset, increment](size_t me) {
      old_client client{at_.server.port(), offset, increment};
      while (go_on()) {
        const auto given = client.next();
        if (given == 0) {
          ++refused;
          continue;
        }
        expect(given <= static_cast<uint64_t>(max_integer), "past 2^63");
        keep(me, {static_cast<int64_t>(given), 1, 1});
      }
    });
  }

  void add_engine(const member& x, mysql_dialect dialect) {
    add([this, x, dialect](size_t me) {
      const auto store = at_.open(dialect);
      const sequence what{"integers", x.what};
      int64_t before = 0;
      for (int round = 0; go_on(); ++round) {
        if (x.raises && round % 20 == 19) {
          before = must(store->last(what)) + 1'000;
          // Others may have gone further by then.
          (void)store->set_last(what, before);
        }
        const auto given = must(store->reserve(what, x.count));
        expect(given.first > before, "an engine went back");
        expect(contains(x.what, given.first), "not of its stripe");
        before = last_of(given);
        keep(me, given);
      }
      must(store->close());
    });
  }

  /// Waits until all have given enough, and returns every integer, sorted.
  std::vector<int64_t> finish() {
    for (auto& x : threads_)
      x.join();
    BOOST_TEST(failure_ == "");
    std::vector<int64_t> all;
    for (const auto& runs : given_) {
      BOOST_TEST(runs.size() >= wanted_rounds);
      for (auto x : runs)
        for (; x.count > 0; (void)cut_front(x, 1))
          all.push_back(x.first);
    }
    std::sort(all.begin(), all.end());
    return all;
  }

  std::atomic<size_t> refused{0};

  void start() {
    for (size_t me = 0; me < work_.size(); ++me)
      threads_.emplace_back([this, me] {
        try {
          work_[me](me);
        } catch (const std::exception& x) {
          const std::lock_guard hold{lock_};
          failure_ = x.what();
          stopping_ = true;
        } catch (...) { // a check that failed
          const std::lock_guard hold{lock_};
          failure_ = "a check failed";
          stopping_ = true;
        }
      });
  }

private:
  void add(std::function<void(size_t)> work) {
    given_.emplace_back();
    rounds_.push_back(0);
    work_.push_back(std::move(work));
  }

  void keep(size_t me, const intd::run& x) {
    given_[me].push_back(x);
    const std::lock_guard hold{lock_};
    ++rounds_[me];
    integers_ += static_cast<size_t>(x.count);
    if (integers_ >= wanted_integers
        && *std::min_element(rounds_.begin(), rounds_.end()) >= wanted_rounds)
      stopping_ = true;
  }

  bool go_on() const {
    return !stopping_ && clock_type::now() < end_;
  }

  mysql_scene& at_;
  const clock_type::time_point end_ = clock_type::now() + bound;
  std::atomic<bool> stopping_{false};
  std::mutex lock_;
  std::string failure_;
  size_t integers_ = 0;
  std::vector<size_t> rounds_;
  std::vector<std::vector<intd::run>> given_;
  std::vector<std::function<void(size_t)>> work_;
  std::vector<std::thread> threads_;
};

struct kind {
  std::string storage;
  mysql_dialect dialect;

  friend std::ostream& operator<<(std::ostream& out, const kind& x) {
    return out << x.storage
               << (x.dialect == mysql_dialect::set_session ? " by session"
                                                           : "");
  }
};

const std::vector<kind> kinds{
  {"MyISAM", mysql_dialect::by_version},
  {"Aria", mysql_dialect::by_version},
  {"InnoDB", mysql_dialect::by_version},
  {"InnoDB", mysql_dialect::set_session},
};

} // namespace

BOOST_DATA_TEST_CASE(a_mixed_fleet_never_mints_an_integer_twice,
                     boost::unit_test::data::make(kinds), x) {
  mysql_scene at;
  at.table(x.storage);
  fleet all{at};
  all.add_old_client(1, 2);
  all.add_old_client(2, 2);
  all.add_old_client(1, 1);
  const std::vector<member> members{
    {{1, 1}, 1},      {{1, 2}, 10}, {{3, 5}, 7, true},
    {{1, 60}, 1'000}, {{2, 2}, 1},  {{5, 100'003}, 3},
  };
  for (const auto& y : members)
    all.add_engine(y, x.dialect);
  all.start();
  const auto integers = all.finish();
  BOOST_TEST(integers.size() >= 100'000u);
  BOOST_TEST(
    (std::adjacent_find(integers.begin(), integers.end()) == integers.end()));
  BOOST_TEST_MESSAGE(x << ": " << integers.size() << " integers, "
                       << all.refused << " refusals of old clients");
}
