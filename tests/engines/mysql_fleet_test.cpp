// Old clients, which send the original's statements, and engines of different
// stripes and counts mint from one table at the same time: no integer comes
// twice, whatever the table's storage engine is.
#include "tests/engines/fleet.hpp"
#include "tests/engines/mysql_scene.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <atomic>
#include <stdexcept>

using namespace intd;
using namespace intd::test;

namespace {

void add_old_client(fleet& to, mysql_scene& at, int64_t offset,
                    int64_t increment, std::atomic<size_t>& refused) {
  to.add_client([&at, &refused, offset, increment](fleet::member& me) {
    old_client client{at.server.port(), offset, increment};
    while (me.goes_on()) {
      const auto given = client.next();
      if (given > static_cast<uint64_t>(max_integer))
        throw std::runtime_error("past 2^63");
      if (given == 0)
        ++refused;
      else
        me.keep({static_cast<int64_t>(given), 1, 1});
    }
  });
}

/// Adds an engine that raises the sequence now and then, as an operator does.
void add_raising_engine(fleet& to, const opening& open, const stripe& of,
                        int64_t count) {
  to.add_engine(of, [open, of, count](fleet::member& me) {
    const auto store = open().value();
    const sequence what{"integers", of};
    for (int round = 0; me.goes_on(); ++round) {
      if (round % 20 == 19) // Others may have gone further by then.
        (void)store->set_last(what, store->last(what).value() + 1'000);
      me.keep(store->reserve(what, count).value());
    }
    if (const auto closed = store->close(); !closed)
      throw std::runtime_error(to_string(closed.error()));
  });
}

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
  const opening open = [&at, &x] {
    return parse_mysql_dsn(at.server.dsn()).and_then([&x](const mysql_dsn& to) {
      return open_mysql(to, {}, x.dialect);
    });
  };
  std::atomic<size_t> refused = 0;
  fleet all;
  add_old_client(all, at, 1, 2, refused);
  add_old_client(all, at, 2, 2, refused);
  add_old_client(all, at, 1, 1, refused);
  all.add_engine(open, {1, 1}, 1);
  all.add_engine(open, {1, 2}, 10);
  add_raising_engine(all, open, {3, 5}, 7);
  all.add_engine(open, {1, 60}, 1'000);
  all.add_engine(open, {2, 2}, 1);
  all.add_engine(open, {5, 100'003}, 3);
  all.run_until(120'000, 60);
  all.judge();
  BOOST_TEST_MESSAGE(x << ": " << all.total() << " integers, " << refused
                       << " refusals of old clients");
}
