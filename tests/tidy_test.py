#!/usr/bin/env python3
"""Tests of tests/tidy: every rule catches a sample that breaks it, and leaves
one alone that does not. Each sample is a tree of its own."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
HEADER = "// A sample.\n#pragma once\n"


def body(lines, opening="void f() {", closing="}\n"):
    """A function that is `lines` long, braces and all."""
    return "\n".join([opening, *["  g();"] * (lines - 2), closing])


class Tidy(unittest.TestCase):
    def run_on(self, check, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            shutil.copy(HERE.parent / ".clang-format", folder)
            done = subprocess.run(
                [sys.executable, HERE / "tidy", "--root", folder, check],
                capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def caught(self, check, files, *places):
        code, output = self.run_on(check, files)
        self.assertEqual(code, 1, output)
        for place in places:
            self.assertIn(place, output)

    def clean(self, check, files):
        code, output = self.run_on(check, files)
        self.assertEqual(code, 0, output)

    def test_a_wide_line_is_caught(self):
        self.caught("width", {"a.cpp": "//" + "x" * 79}, "a.cpp:1:")
        self.clean("width", {"a.cpp": "//" + "x" * 78})
        self.caught("width", {"a.cpp": "int a; \n"}, "a.cpp:1: space")

    def test_a_table_of_a_document_may_be_wide(self):
        self.clean("width", {"a.md": "| " + "x" * 90 + " |"})
        self.caught("width", {"a.md": "x" * 90}, "a.md:1:")

    def test_a_long_file_is_caught(self):
        self.caught("lengths", {"a.cpp": "\n" * 401}, "401 lines")
        self.clean("lengths", {"a.cpp": "\n" * 400})

    def test_a_long_function_is_caught(self):
        self.caught("lengths", {"a.cpp": body(41)}, "a.cpp:1:")
        self.clean("lengths", {"a.cpp": body(40)})

    def test_long_functions_are_caught_in_every_shape(self):
        for opening in ("int x::f(int a,\n         int b) const noexcept {",
                        "x::x(int a) : a_{a}, b_(1) {",
                        "x::x() : a_{1} {",
                        "template <class T>\nstd::vector<T> f() {",
                        "bool operator==(x, y) {",
                        "BOOST_AUTO_TEST_CASE(a_name) {",
                        "BOOST_FIXTURE_TEST_CASE(a_name,\n  a_fixture) {",
                        "struct stat f() {",
                        "auto f() -> int {\n  // } not the end\n"
                        "  auto s = \"}\";\n  char c = '}';"):
            with self.subTest(opening):
                self.caught("lengths", {"a.cpp": body(41, opening)}, ": a f")

    def test_long_functions_are_caught_wherever_they_stand(self):
        for opening, closing in (("namespace a {\n", "\n} // namespace a"),
                                 ("class a {\npublic:\n", "\n};"),
                                 ("namespace {\nstruct a : b {\n", "};\n}")):
            with self.subTest(opening):
                text = opening + body(41) + closing
                self.caught("lengths", {"a.cpp": text}, ": a function of 41")

    def test_what_is_no_function_may_be_long(self):
        for opening in ("namespace a {", "struct a {",
                        "const std::map<int, int> a = {", "enum class a {"):
            with self.subTest(opening):
                self.clean("lengths",
                           {"a.cpp": body(60, opening).replace("g()", "g")})

    def test_raw_strings_do_not_count(self):
        text = 'void f() {\n  g(R"(' + "\n" * 60 + ')");\n}\n'
        self.clean("lengths", {"a.cpp": text})
        text = 'void f() {\n  g(R"(\n)");\n' + "  g();\n" * 40 + "}\n"
        self.caught("lengths", {"a.cpp": text}, "a.cpp:1:")

    def test_a_macro_is_no_part_of_the_function_after_it(self):
        self.clean("lengths",
                   {"a.cpp": "BOOST_AUTO_TEST_SUITE_END()\n\n" + body(40)})

    def test_long_functions_of_scripts_are_caught(self):
        python = "#!/usr/bin/env python3\ndef f():\n" + "    g()\n" * 40
        self.caught("lengths", {"a": python}, "a:2: a function of 41")
        shell = "#!/usr/bin/env bash\nf() {\n" + "  g\n" * 39 + "}\n"
        self.caught("lengths", {"a": shell}, "a:2: a function of 41")

    def test_an_include_upward_is_caught(self):
        up = {"engines/a.cpp": "actors/b.hpp", "actors/a.cpp": "node/b.hpp",
              "node/a.cpp": "cli/b.hpp", "engines/b.hpp": "cli/b.hpp"}
        for name, target in up.items():
            with self.subTest(name):
                self.caught("includes", {name: f'#include "{target}"\n'},
                            f"{name}:1: {target} is a floor above")

    def test_an_include_downward_is_fine(self):
        self.clean("includes", {
            "cli/a.cpp": '#include "node/b.hpp"\n#include <caf/a.hpp>\n',
            "tests/a.cpp": '#include "cli/b.hpp"\n'})

    def test_an_engine_that_knows_actors_is_caught(self):
        self.caught("includes", {"engines/a.hpp": "#include <caf/a.hpp>\n"})

    def test_a_wrong_include_order_is_caught(self):
        self.caught("includes", {
            "node/a.hpp": "", "node/a.cpp": '#include "node/b.hpp"\n'},
            "node/a.cpp:1: node/a.hpp comes first")
        self.caught("includes", {
            "node/a.cpp": '#include <map>\n#include "node/b.hpp"\n'},
            "node/a.cpp:2:")

    def test_empty_names_are_caught(self):
        for word in ("manager", "help" + "er", "util", "utils", "common"):
            with self.subTest(word):
                self.caught("words", {f"a/file_{word}.cpp": ""}, word)
                self.caught("words", {f"{word}/a.cpp": ""}, word)
                self.caught("words", {"a.cpp": f"\nclass a_{word};"}, "a.cpp:2")
        self.clean("words", {"a.cpp": "// in common\nstd::common_type_t<int>"})

    def test_foreign_words_are_caught(self):
        for text in ("TO" + "DO: later", "FIX" + "ME", "see iss" + "ue 7",
                     "this ses" + "sion", "/wo" + "rk/x", "a help" + "er",
                     "pypi" + ".org", "deb.debian" + ".org"):
            with self.subTest(text):
                self.caught("words", {"a.md": f"\n{text}\n"}, "a.md:2:")
        self.clean("words", {"a.md": "a TLS ses" + "sion, an iss" + "ue"})

    def test_a_header_without_prose_or_guard_is_caught(self):
        self.caught("shape", {"a.hpp": "#pragma once\n"}, "what it is")
        self.caught("shape", {"a.hpp": "// A.\n"}, "#pragma once")
        self.clean("shape", {"a.hpp": HEADER})

    def test_captures_without_names_are_caught(self):
        self.caught("shape", {"node/a.cpp": "auto f = [=] { };"}, "a.cpp:1")
        self.caught("shape", {"actors/a.cpp": "auto f = [&] { };"}, "a.cpp:1")
        self.clean("shape", {"actors/a.cpp": "auto f = [&x, this] { };\n"
                                             'auto s = "[=] [&]";'})

    def test_a_header_that_needs_another_is_caught(self):
        self.caught("headers", {"a.hpp": HEADER + "std::string f();\n"},
                    "a.hpp:1: does not compile alone")
        self.clean("headers", {
            "a.hpp": HEADER + "#include <string>\nstd::string f();\n"})

    def test_a_file_in_another_format_is_caught(self):
        self.caught("format", {"a.cpp": "int a ;\n"}, "a.cpp:1:")
        self.clean("format", {"a.cpp": "int a;\n"})

    def test_a_folder_the_readme_leaves_out_is_caught(self):
        self.caught("readme", {"README.md": "", "node/a.cpp": ""}, "node/")
        self.caught("readme", {"README.md": "| `node/` | x |"}, "README.md:1")
        self.caught("readme", {"a.cpp": ""}, "is missing")
        self.clean("readme",
                   {"README.md": "| `node/` | x |", "node/a.cpp": ""})

    def test_an_unknown_check_is_an_error(self):
        code, output = self.run_on("nothing", {})
        self.assertEqual(code, 2, output)


if __name__ == "__main__":
    unittest.main()
