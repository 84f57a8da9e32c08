// Mints three integers without a server: opens an engine, asks it, closes it.
// Run it twice on one file, and the second run goes on where the first ended.
//
//   example_embed [DSN]     the default is sqlite:///tmp/integers.db
#include "engines/minter.hpp"
#include "engines/registry.hpp"

#include <cstdlib>
#include <iostream>
#include <utility>

namespace {

int stop(const intd::error& why) {
  std::cerr << "example_embed: " << to_string(why) << '\n';
  return EXIT_FAILURE;
}

} // namespace

int main(int argc, char** argv) {
  auto engine = intd::make_engine(
    "sqlite", argc > 1 ? argv[1] : "sqlite:///tmp/integers.db");
  if (!engine)
    return stop(engine.error());
  intd::minter minter{std::move(*engine)};
  for (int i = 0; i < 3; ++i) {
    const auto integer = minter.next_int();
    if (!integer)
      return stop(integer.error());
    std::cout << *integer << '\n';
  }
  if (const auto closed = minter.close(); !closed)
    return stop(closed.error());
  return EXIT_SUCCESS;
}
