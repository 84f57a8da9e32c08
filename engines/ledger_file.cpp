#include "engines/ledger_file.hpp"

#include "engines/checksum.hpp"
#include "engines/file.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>

namespace intd {

using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(stripe, offset, increment)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(key_mark, key, last, bound)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(holding, engine, epoch, stripe, request,
                                   left, claimed_s, floors, above)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(gift, request, to, stripe, epoch, floors,
                                   taken, above)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(testimony, node, name, address, engine,
                                   stripe, epoch, store, shared, claimed_s,
                                   marks, above)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ledger, holdings, gifts, spares, testimonies)

namespace {

std::filesystem::path path_in(const state_directory& state) {
  return state.path() / "ledger";
}

std::string checksum_line(const std::string& text) {
  return "crc " + std::to_string(checksum(text.data(), text.size())) + "\n";
}

} // namespace

result<ledger> read_ledger(const state_directory& state) {
  const auto path = path_in(state);
  std::error_code failure;
  if (!std::filesystem::exists(path, failure) && !failure)
    return ledger{};
  auto text = open_file(path, O_RDONLY).and_then([&path](const auto& fd) {
    return read_all(fd, path);
  });
  if (!text)
    return tl::unexpected{std::move(text.error())};
  const auto body = text->substr(0, text->find('\n') + 1);
  auto parsed = json::parse(body, nullptr, false);
  if (!body.empty() && *text == body + checksum_line(body)
      && !parsed.is_discarded()) {
    try {
      // That of an older node does not tell it.
      for (auto& x : parsed.at("testimonies"))
        x.emplace("above", 0);
      return parsed.get<ledger>();
    } catch (const json::exception&) {
      // A form that this version does not know: refused below.
    }
  }
  return fail(ec::corrupt,
              path.string() + " is damaged (its checksum or form is wrong)"
                + std::string{begin_anew});
}

result<void> write_ledger(const state_directory& state, const ledger& x) {
  const auto body = json(x).dump() + "\n";
  return publish(path_in(state), body + checksum_line(body), in_place::replace);
}

} // namespace intd
