#include "engines/sequence.hpp"

#include "tests/support/results.hpp"
#include "tests/support/seed.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace intd;

namespace {

__extension__ using wide = __int128;

constexpr int rounds = 20'000;

/// Integers from every region where arithmetic likes to break.
class numbers {
public:
  int64_t below(int64_t limit) {
    return std::uniform_int_distribution<int64_t>{0, limit - 1}(generator_);
  }

  int64_t integer() {
    constexpr int64_t half = int64_t{1} << 62;
    switch (below(6)) {
      case 0:
        return below(50);
      case 1:
        return max_integer - below(2000);
      case 2:
        return half - 1000 + below(2000);
      case 3:
        return half + below(half);
      default:
        return below(max_integer);
    }
  }

  stripe small_stripe() {
    const int64_t increment = 1 + below(60);
    return {1 + below(increment), increment};
  }

  stripe any_stripe() {
    if (below(2) == 0)
      return small_stripe();
    const int64_t increment = std::max<int64_t>(1, integer());
    return {1 + below(increment), increment};
  }

private:
  std::mt19937_64 generator_ = test::seeded();
};

// The definition, read aloud: congruent, and not below the offset.
bool is_member(const stripe& x, wide value) {
  return value >= x.offset && (value - x.offset) % x.increment == 0;
}

std::vector<int64_t> integers_of(const run& x) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < x.count; ++i)
    all.push_back(static_cast<int64_t>(wide{x.first} + wide{i} * x.increment));
  return all;
}

// All members in (after, after + width], one by one.
std::vector<int64_t> members(const stripe& x, wide after, wide width) {
  std::vector<int64_t> all;
  for (wide v = after + 1; v <= after + width && v <= max_integer; ++v)
    if (is_member(x, v))
      all.push_back(static_cast<int64_t>(v));
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_key_is_a_short_identifier) {
  for (const auto* good : {"integers", "_", "a", "A9_z", "_0"})
    BOOST_TEST(valid_key(good), good);
  BOOST_TEST(valid_key(std::string(64, 'k')));
  for (const auto* bad :
       {"", "9a", "a-b", "a b", "a.b", "\xc3\xa4", "a\n", "-"})
    BOOST_TEST(!valid_key(bad), bad);
  BOOST_TEST(!valid_key(std::string(65, 'k')));
  BOOST_TEST(!valid_key(std::string_view{"a\0b", 3}));
}

BOOST_AUTO_TEST_CASE(an_offset_lies_between_one_and_the_increment) {
  for (const stripe good :
       {stripe{1, 1}, {2, 2}, {1, max_integer}, {max_integer, max_integer}})
    BOOST_TEST(valid(good), good);
  for (const stripe bad :
       {stripe{0, 1}, {2, 1}, {-1, 5}, {1, 0}, {1, -1}, {0, 0}, {3, 2}})
    BOOST_TEST(!valid(bad), bad);
}

BOOST_AUTO_TEST_CASE(stripes_overlap_exactly_when_they_share_an_integer) {
  for (int64_t i1 = 1; i1 <= 12; ++i1)
    for (int64_t i2 = 1; i2 <= 12; ++i2)
      for (int64_t o1 = 1; o1 <= i1; ++o1)
        for (int64_t o2 = 1; o2 <= i2; ++o2) {
          bool shared = false;
          for (int64_t v = 1; v <= i1 * i2 + 12 && !shared; ++v)
            shared = is_member({o1, i1}, v) && is_member({o2, i2}, v);
          BOOST_REQUIRE(overlap({o1, i1}, {o2, i2}) == shared);
        }
}

BOOST_AUTO_TEST_CASE(overlap_is_right_for_huge_increments) {
  constexpr int64_t huge = int64_t{1} << 62;
  BOOST_TEST(overlap({1, huge}, {1 + huge / 2, huge / 2 + huge / 4}));
  BOOST_TEST(!overlap({1, huge}, {2, huge}));
  BOOST_TEST(!overlap({1, huge}, {huge / 2, huge / 2}));
  BOOST_TEST(overlap({1, huge}, {1, max_integer}));
  BOOST_TEST(overlap({max_integer, max_integer}, {7, 8}));
}

BOOST_AUTO_TEST_CASE(within_means_that_every_integer_is_in_both) {
  for (int64_t i1 = 1; i1 <= 12; ++i1)
    for (int64_t i2 = 1; i2 <= 12; ++i2)
      for (int64_t o1 = 1; o1 <= i1; ++o1)
        for (int64_t o2 = 1; o2 <= i2; ++o2) {
          bool all = true;
          for (int64_t v = o1; v <= o1 + i1 * i2 + i1; v += i1)
            all = all && is_member({o2, i2}, v);
          BOOST_REQUIRE(within({o1, i1}, {o2, i2}) == all);
        }
}

BOOST_AUTO_TEST_CASE(contains_is_the_definition) {
  numbers random;
  for (int i = 0; i < rounds; ++i) {
    const auto x = random.any_stripe();
    const auto value
      = random.below(2) ? random.integer() : last_within(x, random.integer());
    BOOST_REQUIRE(contains(x, value) == is_member(x, value));
  }
  BOOST_TEST(!contains({1, 2}, -1));
  BOOST_TEST(!contains({1, 2}, 0));
}

BOOST_AUTO_TEST_CASE(the_neighbours_of_a_value_are_those_found_one_by_one) {
  numbers random;
  for (int i = 0; i < rounds; ++i) {
    const auto x = random.small_stripe();
    const auto value = random.integer();
    const auto above = members(x, value, x.increment);
    const auto next = next_above(x, value);
    BOOST_REQUIRE(next.has_value() == !above.empty());
    if (next)
      BOOST_REQUIRE(*next == above.front());
    const auto low = std::max<int64_t>(0, value - x.increment);
    const auto below = members(x, low, wide{value} - low);
    BOOST_REQUIRE(last_within(x, value) == (below.empty() ? 0 : below.back()));
  }
}

BOOST_AUTO_TEST_CASE(no_stripe_however_wide_overflows) {
  numbers random;
  for (int i = 0; i < rounds; ++i) {
    const auto x = random.any_stripe();
    const auto value = random.integer();
    const auto below = last_within(x, value);
    BOOST_REQUIRE((below == 0 || is_member(x, below)));
    BOOST_REQUIRE(below <= value);
    BOOST_REQUIRE((below == 0 || wide{value} - below < x.increment));
    const wide expected
      = below == 0 ? wide{x.offset} : wide{below} + x.increment;
    const auto next = next_above(x, value);
    BOOST_REQUIRE(next.has_value() == (expected <= max_integer));
    if (next)
      BOOST_REQUIRE(*next == static_cast<int64_t>(expected));
    const wide count
      = expected > max_integer ? 0 : (max_integer - expected) / x.increment + 1;
    BOOST_REQUIRE(count_above(x, value) == static_cast<int64_t>(count));
  }
}

BOOST_AUTO_TEST_CASE(a_run_takes_the_next_integers_and_ends_with_the_stripe) {
  numbers random;
  for (int i = 0; i < rounds; ++i) {
    const auto x = random.small_stripe();
    const auto last = random.integer();
    const auto count = 1 + random.below(40);
    const auto expected = members(x, last, wide{count} * x.increment);
    const auto given = take(x, last, count);
    BOOST_REQUIRE(given.has_value() == !expected.empty());
    if (given) {
      BOOST_REQUIRE(integers_of(*given) == expected);
      BOOST_REQUIRE(last_of(*given) == expected.back());
    }
  }
}

BOOST_AUTO_TEST_CASE(a_run_of_any_size_and_stripe_stays_in_range) {
  numbers random;
  for (int i = 0; i < rounds; ++i) {
    const auto x = random.any_stripe();
    const auto last = random.integer();
    const auto count = std::max<int64_t>(1, random.integer());
    const auto given = take(x, last, count);
    BOOST_REQUIRE(given.has_value() == next_above(x, last).has_value());
    if (!given)
      continue;
    const wide end
      = wide{given->first} + (wide{given->count} - 1) * x.increment;
    BOOST_REQUIRE(given->count >= 1);
    BOOST_REQUIRE(given->count <= count);
    BOOST_REQUIRE(end <= max_integer);
    BOOST_REQUIRE((given->count == count || end + x.increment > max_integer));
    BOOST_REQUIRE(last_of(*given) == static_cast<int64_t>(end));
  }
}

BOOST_AUTO_TEST_CASE(a_run_up_to_a_bound_holds_what_lies_between) {
  for (const stripe x : {stripe{1, 1}, {1, 2}, {2, 2}, {3, 5}, {7, 7}})
    for (int64_t last = 0; last < 20; ++last)
      for (int64_t top = last; top < 30; ++top)
        for (const int64_t count : {1, 3, 100}) {
          std::vector<int64_t> expected;
          for (int64_t v = last + 1; v <= top; ++v)
            if (contains(x, v) && std::ssize(expected) < count)
              expected.push_back(v);
          const auto given = take_up_to(x, last, top, count);
          BOOST_REQUIRE(given.has_value() == !expected.empty());
          if (given)
            BOOST_REQUIRE(integers_of(*given) == expected);
        }
  BOOST_TEST((take_up_to({1, 1}, max_integer - 3, max_integer, 10)
              == run{max_integer - 2, 1, 3}));
}

BOOST_AUTO_TEST_CASE(a_window_of_count_increments_holds_count_integers) {
  numbers random;
  for (int i = 0; i < rounds; ++i) {
    const auto x = random.small_stripe();
    const auto count = 1 + random.below(30);
    const auto width = count * x.increment;
    const auto top = random.integer();
    const auto given = run_in_window(x, top, count);
    BOOST_REQUIRE(given.has_value() == (width <= top));
    if (given)
      BOOST_REQUIRE(integers_of(*given)
                    == members(x, wide{top} - width, width));
  }
}

BOOST_AUTO_TEST_CASE(a_window_wider_than_all_integers_is_refused) {
  BOOST_TEST(!run_in_window({1, max_integer}, max_integer, 2));
  BOOST_TEST(!run_in_window({1, int64_t{1} << 40}, max_integer, max_count));
  BOOST_TEST(!run_in_window({1, 2}, 3, 2));
  BOOST_TEST((run_in_window({1, 2}, 4, 2) == run{1, 2, 2}));
  BOOST_TEST((run_in_window({max_integer, max_integer}, max_integer, 1)
              == run{max_integer, max_integer, 1}));
}

BOOST_AUTO_TEST_CASE(the_last_integer_is_minted_and_none_after_it) {
  BOOST_TEST((take({1, 1}, max_integer - 3, 10) == run{max_integer - 2, 1, 3}));
  BOOST_TEST((take({1, 1}, max_integer - 1, 1) == run{max_integer, 1, 1}));
  BOOST_TEST(!take({1, 1}, max_integer, 1));
  BOOST_TEST(!take({2, 2}, max_integer - 1, 1));
  BOOST_TEST(!take({max_integer, max_integer}, max_integer, 1));
}

BOOST_AUTO_TEST_CASE(pieces_cut_off_a_run_are_the_run) {
  numbers random;
  for (int i = 0; i < 2000; ++i) {
    const auto x = random.small_stripe();
    const auto whole = take(x, random.integer(), 1 + random.below(50));
    if (!whole)
      continue;
    auto rest = *whole;
    std::vector<int64_t> pieces;
    while (rest.count > 0) {
      const auto wanted = random.below(20);
      const auto piece = cut_front(rest, wanted);
      BOOST_REQUIRE(piece.count <= wanted);
      for (const auto v : integers_of(piece))
        pieces.push_back(v);
    }
    BOOST_REQUIRE(pieces == integers_of(*whole));
    BOOST_REQUIRE(cut_front(rest, 1).count == 0);
  }
}
