#include "node/logging.hpp"

#include <boost/test/unit_test.hpp>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <regex>
#include <sstream>
#include <string>

using namespace intd;

namespace {

std::string logged(std::string_view format, spdlog::level::level_enum level,
                   std::string_view text) {
  std::ostringstream out;
  spdlog::logger logger{"x",
                        std::make_shared<spdlog::sinks::ostream_sink_st>(out)};
  logger.set_formatter(make_log_formatter(format));
  logger.set_level(spdlog::level::trace);
  logger.log(level, spdlog::string_view_t{text.data(), text.size()});
  return out.str();
}

constexpr size_t time_size = sizeof("2026-01-01T00:00:00.000Z") - 1;

std::string json_text(std::string_view text) {
  auto line = logged("json", spdlog::level::info, text);
  auto begin = line.find(R"("text":)") + 7;
  return line.substr(begin, line.size() - begin - 2);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_line_has_time_level_and_text) {
  auto line = logged("text", spdlog::level::warn, "a text");
  std::regex time{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"};
  BOOST_TEST(std::regex_match(line.substr(0, time_size), time), line);
  BOOST_TEST(line.substr(time_size) == " warn a text\n");
}

BOOST_AUTO_TEST_CASE(an_object_has_time_level_and_text) {
  auto line = logged("json", spdlog::level::err, "a text");
  BOOST_TEST(line.starts_with(R"({"time":"2)"), line);
  BOOST_TEST(line.substr(sizeof(R"({"time":")") - 1 + time_size)
             == R"(","level":"error","text":"a text"})"
                "\n");
}

BOOST_AUTO_TEST_CASE(levels_have_the_names_of_the_configuration) {
  using namespace spdlog;
  for (auto [level, name] : {std::pair{level::debug, "debug"},
                             {level::info, "info"},
                             {level::warn, "warn"},
                             {level::err, "error"}})
    BOOST_TEST(logged("text", level, "").substr(time_size)
               == " " + std::string{name} + " \n");
}

BOOST_AUTO_TEST_CASE(an_event_is_one_line_whatever_it_says) {
  BOOST_TEST(
    logged("text", spdlog::level::info, "a\nb\x1b[m\x7f\tc").substr(time_size)
    == " info a\\u000ab\\u001b[m\\u007f\\u0009c\n");
  BOOST_TEST(
    logged("text", spdlog::level::info, R"(say "a\b")").substr(time_size)
    == " info say \"a\\b\"\n");
}

BOOST_AUTO_TEST_CASE(json_is_escaped) {
  BOOST_TEST(json_text("a\"b\\c\nd") == R"("a\"b\\c\u000ad")");
  BOOST_TEST(json_text(std::string_view{"\0", 1}) == R"("\u0000")");
  BOOST_TEST(json_text("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80")
             == "\"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_are_replaced) {
  const std::string replaced = "\xef\xbf\xbd";
  BOOST_TEST(json_text("a\xff") == "\"a" + replaced + "\"");
  // Cut, overlong, a surrogate, above U+10FFFF.
  BOOST_TEST(json_text("\xe2\x82") == "\"" + replaced + replaced + "\"");
  BOOST_TEST(json_text("\xc0\x80") == "\"" + replaced + replaced + "\"");
  BOOST_TEST(json_text("\xed\xa0\x80")
             == "\"" + replaced + replaced + replaced + "\"");
  BOOST_TEST(json_text("\xf4\x90\x80\x80")
             == "\"" + replaced + replaced + replaced + replaced + "\"");
}
