#include "tests/checker/mutations.hpp"

#include "tests/checker/picks.hpp"

#include <algorithm>

namespace intd::checker {

namespace {

// -- answers ------------------------------------------------------------------

void duplicate(history& x, rng& random) {
  auto& from = pick_ok(x, random);
  pick_other(x, random, from).values = from.values;
}

void duplicate_in_another_spelling(history& x, rng& random) {
  auto& from = pick_ok(x, random);
  std::string text = " 0";
  text.append(from.values[0]).append("\n");
  pick_other(x, random, from).values = {text};
}

void duplicate_within_a_batch(history& x, rng& random) {
  auto& batch = pick(x, random, [](const call& c) {
    return ok(c) && c.count == 5;
  });
  batch.values[4] = batch.values[0];
}

void late_reply_with_an_answered_integer(history& x, rng& random) {
  auto& from = pick_ok(x, random);
  pick(x, random,
       [](const call& c) {
         return c.result == outcome::unknown;
       })
    .values
    = from.values;
}

void send_twice(history& x, rng& random) {
  x.sends.push_back(x.sends[random() % x.sends.size()]);
}

void answer_without_a_send(history& x, rng& random) {
  x.sends.erase(x.sends.begin()
                + static_cast<ptrdiff_t>(random() % x.sends.size()));
}

void integer_with_an_error(history& x, rng& random) {
  pick(x, random,
       [](const call& c) {
         return c.kind == call_kind::mint && c.result == outcome::failed;
       })
    .values
    = {"123456789"};
}

void two_ends_of_one_call(history& x, rng& random) {
  auto second = pick_ok(x, random);
  second.result = outcome::failed;
  second.values.clear();
  x.calls.push_back(second);
}

void swap_replies(history& x, rng& random) {
  auto& a = pick_ok(x, random);
  std::swap(a.reply_tag, pick_other(x, random, a).reply_tag);
}

template <char First>
void lead(history& x, rng& random) {
  auto& text = pick_ok(x, random).values[0];
  text = std::string(1, First).append(text);
}

void exponent(history& x, rng& random) {
  pick_ok(x, random).values[0] += "e0";
}

void nothing_in_an_answer(history& x, rng& random) {
  pick_ok(x, random).values[0].clear();
}

void zero(history& x, rng& random) {
  pick_ok(x, random).values = {"0"};
}

void past_the_end(history& x, rng& random) {
  pick_ok(x, random).values = {"9223372036854775808"};
}

void above_the_promised_maximum(history& x, rng& random) {
  x.promised.max = 1'000'000;
  pick_ok(x, random).values = {"1000001"};
}

void fewer_than_asked_for(history& x, rng& random) {
  pick(x, random, ok).values.pop_back();
}

// -- bounds, stripes, segments ------------------------------------------------

bound& a_look(history& x) {
  return *std::ranges::find(x.bounds, false, &bound::logged);
}

void disk_below_an_answer(history& x, rng&) {
  a_look(x).value = 1;
}

void bound_never_written(history& x, rng& random) {
  auto n = x.bounds[random() % x.bounds.size()].node;
  std::erase_if(x.bounds, [&n](const bound& b) {
    return b.logged && b.node == n && b.at > 1'000'000'000;
  });
}

void bound_written_after_the_answer(history& x, rng&) {
  for (auto& b : x.bounds)
    b.at += b.logged ? 10'000'000 : 0;
}

void lower_a_bound(history& x, rng&) {
  std::vector<bound*> log;
  for (auto& b : x.bounds)
    if (b.node == "n2" && b.logged)
      log.push_back(&b);
  log.at(log.size() / 2)->value = 2;
}

void swap_stripes(history& x, rng& random) {
  std::swap(pick_of(x, random, "n1").values, pick_of(x, random, "n2").values);
}

void below_the_base(history& x, rng&) {
  for (auto& life : x.boots)
    life.stripes[0].base = 100;
}

void answered_by_nobody(history& x, rng&) {
  std::erase_if(x.boots, [](const boot& life) {
    return life.id == "n1-1";
  });
}

void overlapping_segments(history& x, rng& random) {
  auto& s = x.segments[random() % (x.segments.size() / 2)];
  s.last = 1'000'000;
}

void missing_segment(history& x, rng&) {
  x.segments.erase(x.segments.begin());
}

void answered_before_it_was_granted(history& x, rng&) {
  for (auto& s : x.segments)
    s.at += 10'000'000;
}

// An integer that the first boot of n2 held, and had not answered, comes from
// the second.
void resurrect(history& x, rng& random) {
  auto& old = *std::ranges::find_if(x.segments.rbegin(), x.segments.rend(),
                                    [](const segment& s) {
                                      return s.boot == "n2-0";
                                    });
  pick(x, random,
       [](const call& c) {
         return single(c) && c.node == "n2" && c.begin > 1'000'000'000;
       })
    .values
    = {std::to_string(old.last)};
}

// -- order and set_last -------------------------------------------------------

void reorder(history& x, rng& random) {
  auto [a, b] = in_turn(x, random);
  std::swap(a->values, b->values);
}

// Pipelined on one connection, so that only the connection orders them.
void reorder_on_a_connection(history& x, rng& random) {
  auto [a, b] = in_turn(x, random);
  b->connection = a->connection;
  b->client = a->client;
  b->number = a->number + 1'000'000;
  a->end = b->end;
  std::swap(a->values, b->values);
}

void reorder_within_a_batch(history& x, rng& random) {
  auto& batch = pick(x, random, [](const call& c) {
    return ok(c) && c.count == 5;
  });
  std::swap(batch.values[1], batch.values[2]);
}

call& set_last_of(history& x, outcome result) {
  return *std::ranges::find_if(x.calls, [result](const call& c) {
    return c.kind == call_kind::set_last && c.result == result;
  });
}

void ignore_set_last(history& x, rng&) {
  set_last_of(x, outcome::ok).argument = 10'000'000;
}

void accept_a_lower_set_last(history& x, rng&) {
  set_last_of(x, outcome::failed).result = outcome::ok;
}

void apply_a_refused_set_last(history& x, rng&) {
  set_last_of(x, outcome::ok).result = outcome::failed;
}

// -- liveness and honesty -----------------------------------------------------

void fail_one_operation(history& x, rng& random) {
  auto& c = pick_ok(x, random);
  c.result = outcome::failed;
  c.values.clear();
  c.end = c.begin + 1;
}

void answer_too_late(history& x, rng& random) {
  auto& c = pick_ok(x, random);
  c.end = c.begin + x.promised.budget + 1;
}

void stay_down(history& x, rng&) {
  for (auto& c : x.calls)
    if (c.node == "n1" && c.begin > 1'200'000'000)
      c.result = outcome::failed, c.values.clear();
}

// Dropped acks are missed as soon as more integers are gone than boots explain.
void drop_acks(history& x, rng& random) {
  size_t allowed = 3 * static_cast<size_t>(x.promised.block);
  for (size_t i = 0; i <= allowed; ++i) {
    auto& c = pick_of(x, random, "n2");
    std::erase_if(x.calls, [&c](const call& other) {
      return &other == &c;
    });
  }
}

void answer_nothing(history& x, rng&) {
  for (auto& c : x.calls)
    c.result = outcome::failed, c.values.clear();
  x.promised.budget = x.promised.recovery = x.promised.block = 0;
}

void empty(history& x, rng&) {
  x = {};
}

void fault_without_evidence(history& x, rng&) {
  for (auto& f : x.faults)
    f.evidence.clear();
}

void fault_without_traffic(history& x, rng&) {
  for (auto& f : x.faults)
    f.begin = f.end = 1;
  std::erase_if(x.calls, [](const call& c) {
    return c.begin < 10;
  });
}

void idle_front_end(history& x, rng&) {
  for (auto& c : x.calls)
    c.front_end = "http";
}

void idle_engine(history& x, rng&) {
  for (auto& life : x.boots)
    life.engine = "sqlite";
}

void fault_never_tried(history& x, rng&) {
  x.promised.faults.push_back("freeze");
}

const std::vector<mutation>& of_answers() {
  static const std::vector<mutation> all{
    {"duplicate", "unique", duplicate},
    {"another spelling", "unique", duplicate_in_another_spelling},
    {"duplicate in a batch", "unique", duplicate_within_a_batch},
    {"late reply", "unique_with_unknowns", late_reply_with_an_answered_integer},
    {"sent twice", "unique_with_unknowns", send_twice},
    {"never sent", "unique_with_unknowns", answer_without_a_send},
    {"integer with an error", "definite_means_definite", integer_with_an_error},
    {"two ends", "definite_means_definite", two_ends_of_one_call},
    {"swapped replies", "reply_matching", swap_replies},
    {"leading zero", "range_and_type", lead<'0'>},
    {"sign", "range_and_type", lead<'+'>},
    {"negative", "range_and_type", lead<'-'>},
    {"space", "range_and_type", lead<' '>},
    {"exponent", "range_and_type", exponent},
    {"no digits", "range_and_type", nothing_in_an_answer},
    {"zero", "range_and_type", zero},
    {"2^63", "range_and_type", past_the_end},
    {"above the maximum", "range_and_type", above_the_promised_maximum},
    {"too few", "range_and_type", fewer_than_asked_for},
  };
  return all;
}

const std::vector<mutation>& of_bounds() {
  static const std::vector<mutation> all{
    {"disk below an answer", "durable_before_visible", disk_below_an_answer},
    {"bound never written", "durable_before_visible", bound_never_written},
    {"bound written late", "durable_before_visible",
     bound_written_after_the_answer},
    {"lowered bound", "bound_never_falls", lower_a_bound},
    {"swapped stripes", "stripe_membership", swap_stripes},
    {"below the base", "stripe_membership", below_the_base},
    {"answered by nobody", "stripe_membership", answered_by_nobody},
    {"overlapping segments", "segments_disjoint", overlapping_segments},
    {"missing segment", "segments_disjoint", missing_segment},
    {"granted late", "segments_disjoint", answered_before_it_was_granted},
    {"resurrection", "no_resurrection", resurrect},
  };
  return all;
}

const std::vector<mutation>& of_the_rest() {
  static const std::vector<mutation> all{
    {"reordered", "order", reorder},
    {"reordered on a connection", "order", reorder_on_a_connection},
    {"reordered in a batch", "order", reorder_within_a_batch},
    {"ignored set_last", "admin", ignore_set_last},
    {"accepted lower set_last", "admin", accept_a_lower_set_last},
    {"applied refused set_last", "admin", apply_a_refused_set_last},
    {"failed operation", "availability", fail_one_operation},
    {"late operation", "availability", answer_too_late},
    {"stays down", "recovery", stay_down},
    {"dropped acks", "gap_accounting", drop_acks},
    {"nothing answered", "not_vacuous", answer_nothing},
    {"empty", "not_vacuous", empty},
    {"no evidence", "not_vacuous", fault_without_evidence},
    {"no traffic", "not_vacuous", fault_without_traffic},
    {"idle front end", "not_vacuous", idle_front_end},
    {"idle engine", "not_vacuous", idle_engine},
    {"fault never tried", "not_vacuous", fault_never_tried},
  };
  return all;
}

} // namespace

const std::vector<mutation>& mutations() {
  static const auto all = [] {
    auto out = of_answers();
    for (auto* more : {&of_bounds(), &of_the_rest()})
      out.insert(out.end(), more->begin(), more->end());
    return out;
  }();
  return all;
}

} // namespace intd::checker
