#include "node/flags.hpp"

#include "node/nearest.hpp"

#include <CLI/CLI.hpp>

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ostream>
#include <sstream>
#include <string_view>
#include <utility>

namespace intd {

namespace {

struct known_flag {
  std::string name;
  std::string value;
  std::string help;
  std::string shown;
};

// Splits "-name=value" or "--name=value" into its name; empty if it is none. A
// negative number is a value.
std::string flag_name(std::string_view arg) {
  if (arg.size() < 2 || arg[0] != '-')
    return {};
  arg.remove_prefix(arg[1] == '-' ? 2 : 1);
  if (arg.empty() || std::isdigit(static_cast<unsigned char>(arg[0])) != 0)
    return {};
  return std::string{arg.substr(0, arg.find('='))};
}

// Sets the help of a flag beside its name, in lines of 80 columns.
void print_flag(const known_flag& x, std::ostream& out) {
  constexpr size_t indent = 22;
  constexpr size_t width = 80;
  std::string line = "  -" + x.name + (x.value.empty() ? "" : " " + x.value);
  line.resize(std::max(line.size() + 1, indent), ' ');
  std::istringstream words{
    x.help + (x.shown.empty() ? "" : " (default: " + x.shown + ")")};
  for (std::string word; words >> word;) {
    if (line.size() + 1 + word.size() > width) {
      out << line << "\n";
      line.assign(indent, ' ');
    }
    line += " " + word;
  }
  out << line << "\n";
}

} // namespace

void claim_standard_descriptors() {
  for (int fd : {0, 1, 2}) {
    if (::fcntl(fd, F_GETFD) != -1)
      continue;
    // The lowest free descriptor is `fd`, for those below it are open.
    auto mode = fd == 0 ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode) != fd)
      std::abort();
  }
}

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto* end = text.data() + text.size();
  auto [at, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc{} || at != end)
    return std::nullopt;
  return value;
}

struct flags::impl {
  explicit impl(description text) : what(std::move(text)), app(what.purpose) {
    // The help is our own: the original's flags have one dash.
    app.set_help_flag("--help,-h");
    app.add_flag("--version");
    known.push_back({"help", "", "show this help", ""});
    known.push_back({"version", "", "show the version", ""});
  }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> result;
    result.reserve(known.size());
    for (const auto& x : known)
      result.push_back(x.name);
    return result;
  }

  [[nodiscard]] bool takes_value(const std::string& name) const {
    auto at = std::find_if(known.begin(), known.end(), [&](const auto& x) {
      return x.name == name;
    });
    return at != known.end() && !at->value.empty();
  }

  // Gives each flag the two dashes that CLI11 wants. An unknown flag's name
  // is left in `unknown`, as it was typed.
  std::vector<std::string> normalise(int argc, const char* const* argv,
                                     std::string& unknown) const {
    std::vector<std::string> args;
    auto all = names();
    bool over = false;
    for (int i = 1; i < argc; ++i) {
      std::string arg = argv[i];
      over = over || arg == "--";
      auto name = over ? std::string{} : flag_name(arg);
      if (!name.empty() && name != "h") {
        if (std::find(all.begin(), all.end(), name) == all.end()) {
          unknown = arg.substr(0, arg.find('='));
          return {};
        }
        arg.insert(0, arg[1] == '-' ? "" : "-");
      }
      bool no_value = takes_value(name) && arg.back() == '='
        && arg.size() == name.size() + 3;
      if (no_value)
        arg.pop_back(); // Else CLI11 takes the next argument for the value.
      args.push_back(std::move(arg));
      if (no_value)
        args.emplace_back();
    }
    std::reverse(args.begin(), args.end()); // CLI11 takes them from the back.
    return args;
  }

  void print_help(std::ostream& out) const {
    out << what.program << " " << INTD_VERSION << ": " << what.purpose
        << "\n\nUsage: " << what.program << words
        << " [flags]\n\nFlags (one dash or two, -name value or "
        << "-name=value):\n";
    for (const auto& x : known)
      print_flag(x, out);
    out << "\n" << what.examples;
  }

  description what;
  // What the help calls the words, after a blank.
  std::string words;
  CLI::App app;
  std::vector<known_flag> known;
};

flags::flags(description what)
  : impl_(std::make_unique<impl>(std::move(what))) {
  // nop
}

flags::~flags() = default;

void flags::add_text(const std::string& name, std::string& target,
                     const std::string& help, const std::string& shown) {
  impl_->known.push_back({name, "TEXT", help, shown.empty() ? target : shown});
  impl_->app.add_option("--" + name, target)->take_last();
}

void flags::add_texts(const std::string& name, std::vector<std::string>& target,
                      const std::string& help, const std::string& shown) {
  impl_->known.push_back({name, "TEXT", help, shown});
  impl_->app.add_option("--" + name, target)
    ->delimiter(',')
    ->allow_extra_args(false);
}

void flags::add_integer(const std::string& name, int64_t& target, int64_t min,
                        int64_t max, const std::string& help,
                        const std::string& shown) {
  impl_->known.push_back(
    {name, "N", help, shown.empty() ? std::to_string(target) : shown});
  // CLI11 reads "010" as 8 and caps what is too large in silence.
  auto read = [name, &target, min, max](const std::string& text) {
    auto value = parse_integer(text);
    if (!value || *value < min || *value > max)
      throw CLI::ValidationError{
        "-" + name + ": '" + text + "' is not an integer from "
        + std::to_string(min) + " to " + std::to_string(max)};
    target = *value;
  };
  impl_->app.add_option_function<std::string>("--" + name, read)->take_last();
}

void flags::add_switch(const std::string& name, bool& target,
                       const std::string& help) {
  impl_->known.push_back({name, "", help, target ? "true" : ""});
  impl_->app.add_flag("--" + name, target)->take_last();
}

void flags::add_words(std::vector<std::string>& target,
                      const std::string& shown) {
  impl_->words = " " + shown;
  impl_->app.add_option("words", target);
}

std::optional<exit_code> flags::parse(int argc, const char* const* argv,
                                      std::ostream& out, std::ostream& err) {
  std::string unknown;
  auto args = impl_->normalise(argc, argv, unknown);
  if (!unknown.empty()) {
    auto meant = nearest(flag_name(unknown), impl_->names());
    return misused("there is no flag " + unknown
                     + (meant.empty() ? "" : "; did you mean -" + meant + "?"),
                   err);
  }
  try {
    impl_->app.parse(args);
  } catch (const CLI::CallForHelp&) {
    impl_->print_help(out);
    return exit_fine;
  } catch (const CLI::ArgumentMismatch& problem) {
    std::string_view flag = problem.what(); // "--name: 1 required ..."
    return misused(
      std::string{flag.substr(1, flag.find(':') - 1)} + " needs a value", err);
  } catch (const CLI::ParseError& problem) {
    return misused(problem.what(), err);
  }
  if (given("version")) {
    out << impl_->what.program << " " << INTD_VERSION << "\n";
    return exit_fine;
  }
  return std::nullopt;
}

bool flags::given(const std::string& name) const {
  return impl_->app.count("--" + name) > 0;
}

exit_code flags::misused(const std::string& what, std::ostream& err) const {
  const auto& program = impl_->what.program;
  err << program << ": " << what << "\nTry '" << program << " -help'.\n";
  return exit_usage;
}

} // namespace intd
