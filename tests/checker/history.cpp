#include "tests/checker/history.hpp"

#include "tests/checker/record_text.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <type_traits>

namespace intd::checker {

namespace {

// `X` is a record or a constant one, `Visit` a reader or a writer.
template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, call>
void fields(Visit& f, X& x) {
  f("client", x.client);
  f("number", x.number);
  f("operation", x.operation);
  f("connection", x.connection);
  f("kind", x.kind);
  f("key", x.key);
  f("front_end", x.front_end);
  f("node", x.node);
  f("count", x.count);
  f("argument", x.argument);
  f("begin", x.begin);
  f("end", x.end);
  f("result", x.result);
  f("values", x.values);
  f("tag", x.tag);
  f("reply_tag", x.reply_tag);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, boot>
void fields(Visit& f, X& x) {
  f("node", x.node);
  f("id", x.id);
  f("engine", x.engine);
  f("stripes", x.stripes);
  f("begin", x.begin);
  f("end", x.end);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, bound>
void fields(Visit& f, X& x) {
  f("node", x.node);
  f("source", x.source);
  f("key", x.key);
  f("stripe", x.stripe);
  f("value", x.value);
  f("at", x.at);
  f("logged", x.logged);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, segment>
void fields(Visit& f, X& x) {
  f("node", x.node);
  f("boot", x.boot);
  f("key", x.key);
  f("stripe", x.stripe);
  f("first", x.first);
  f("last", x.last);
  f("at", x.at);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, sent>
void fields(Visit& f, X& x) {
  f("node", x.node);
  f("key", x.key);
  f("value", x.value);
  f("at", x.at);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, fault>
void fields(Visit& f, X& x) {
  f("kind", x.kind);
  f("node", x.node);
  f("begin", x.begin);
  f("end", x.end);
  f("blocks", x.blocks);
  f("evidence", x.evidence);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, least>
void fields(Visit& f, X& x) {
  f("dimension", x.dimension);
  f("name", x.name);
  f("calls", x.calls);
}

template <class Visit, class X>
requires std::is_same_v<std::remove_const_t<X>, promise>
void fields(Visit& f, X& x) {
  f("max", x.max);
  f("budget", x.budget);
  f("recovery", x.recovery);
  f("block", x.block);
  f("faults", x.faults);
}

template <class X>
std::string line_of(std::string_view word, const X& x) {
  writer out{word};
  fields(out, x);
  return out.line();
}

template <class X>
X record_from(std::string_view rest) {
  reader in{rest};
  X out;
  fields(in, out);
  in.end();
  return out;
}

// The minimum has lines of its own, before or after this one.
void set_promise(promise& to, promise from) {
  from.minimum = std::move(to.minimum);
  to = std::move(from);
}

void add_line(history& to, std::string_view word, std::string_view rest) {
  if (word == "call")
    to.calls.push_back(record_from<call>(rest));
  else if (word == "boot")
    to.boots.push_back(record_from<boot>(rest));
  else if (word == "bound")
    to.bounds.push_back(record_from<bound>(rest));
  else if (word == "segment")
    to.segments.push_back(record_from<segment>(rest));
  else if (word == "sent")
    to.sends.push_back(record_from<sent>(rest));
  else if (word == "fault")
    to.faults.push_back(record_from<fault>(rest));
  else if (word == "least")
    to.promised.minimum.push_back(record_from<least>(rest));
  else if (word == "promise")
    set_promise(to.promised, record_from<promise>(rest));
  else
    throw std::runtime_error("unknown record: " + std::string{word});
}

template <class X>
void move_all(std::vector<X>& to, std::vector<X>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
}

} // namespace

void append(history& to, history more) {
  move_all(to.calls, more.calls);
  move_all(to.boots, more.boots);
  move_all(to.bounds, more.bounds);
  move_all(to.segments, more.segments);
  move_all(to.sends, more.sends);
  move_all(to.faults, more.faults);
}

std::string to_line(const call& x) {
  return line_of("call", x);
}

std::string to_line(const boot& x) {
  return line_of("boot", x);
}

std::string to_line(const bound& x) {
  return line_of("bound", x);
}

std::string to_line(const segment& x) {
  return line_of("segment", x);
}

std::string to_line(const sent& x) {
  return line_of("sent", x);
}

std::string to_line(const fault& x) {
  return line_of("fault", x);
}

void write(std::ostream& out, const history& x) {
  out << line_of("promise", x.promised) << '\n';
  for (auto& record : x.promised.minimum)
    out << line_of("least", record) << '\n';
  auto all = [&out](auto& records) {
    for (auto& record : records)
      out << to_line(record) << '\n';
  };
  all(x.boots);
  all(x.faults);
  all(x.bounds);
  all(x.segments);
  all(x.sends);
  all(x.calls);
}

std::optional<history> read(std::istream& in, std::string& problem) {
  history out;
  std::string line;
  for (size_t at = 1; std::getline(in, line); ++at) {
    auto first = at;
    for (std::string more; in.peek() == ' ' && std::getline(in, more); ++at)
      line
        += more.substr(std::min(more.find_first_not_of(' '), more.size()) - 1);
    if (line.empty() || line.front() == '#')
      continue;
    std::string_view rest = line;
    auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    try {
      add_line(out, word, rest);
    } catch (const std::exception& e) {
      problem = "line " + std::to_string(first) + ": " + e.what();
      return std::nullopt;
    }
  }
  return out;
}

} // namespace intd::checker
