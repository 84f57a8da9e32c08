// HTTP's codec: a request as a browser or wrk sends it, and its answer.
#include "actors/http/codec.hpp"
#include "bench/micro.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/buffer.hpp>

namespace {

using namespace intd;
using bench::repeat;

constexpr int iterations = 1'000;
constexpr std::string_view request
  = "GET / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: bench\r\n"
    "Accept: */*\r\n\r\n";

void parses(benchmark::State& state) {
  repeat(state, "http_parse", [] {
    http::request_parser parser{8'192, 65'536};
    boost::beast::error_code code;
    parser.put(boost::asio::buffer(request), code);
    benchmark::DoNotOptimize(parser.asks_for());
  });
}
BENCHMARK(parses)->Iterations(iterations);

void answers(benchmark::State& state) {
  std::string out;
  repeat(state, "http_answer", [&out] {
    out.clear();
    http::append_integer(out, 1'234'567'890, {true, true, false});
    benchmark::DoNotOptimize(out);
  });
}
BENCHMARK(answers)->Iterations(iterations);

} // namespace
