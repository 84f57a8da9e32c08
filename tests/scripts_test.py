#!/usr/bin/env python3
"""Tests of scripts/: what they install and print, with Debian's tools replaced
by stubs, so that nothing is installed or built."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[1]
TOOLS = ("bash", "awk", "sed", "grep", "sort", "env", "dirname", "cat",
         "mkdir", "mv", "setpriv")
STUBS = {
    # Knows the packages in $INSTALLED, and fails for any other, as it does.
    "dpkg-query": """
code=0
for name in "${@:4}"; do
  case " $INSTALLED " in
    *" $name "*) echo "ii  $name" ;;
    *) code=1 ;;
  esac
done
exit $code
""",
    "apt-get": 'echo "apt-get ${*: -1}" && cat >/dev/null\n'
               '[[ $* == *install* ]] && echo "installing $*"; exit $FAILS\n',
    "sudo": 'echo "sudo $*"; "$@"\n',
    "ccache": "", "cmake": 'echo "cmake $*"\n',
}


def packages(section):
    text = (ROOT / "scripts/packages").read_text(encoding="utf-8")
    body = re.search(rf"(?ms)^\[{section}\].*?$(.*?)(?=^\[|\Z)", text)[1]
    return body.split()


class Scripts(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name, "bin")
        self.path.mkdir()
        for name in TOOLS:
            (self.path / name).symlink_to(shutil.which(name))
        for name, body in STUBS.items():
            file = self.path / name
            file.write_text("#!/bin/bash\n" + body, encoding="utf-8")
            file.chmod(0o755)
        os.chmod(folder.name, 0o755)
        # As the script stands in a clone, readable by everyone.
        self.scripts = pathlib.Path(folder.name, "scripts")
        shutil.copytree(ROOT / "scripts", self.scripts)

    def run_script(self, name, *args, installed=(), fails=0, root=True,
                   environment=None):
        command = [str(self.scripts / name), *args]
        if os.geteuid() == 0 and not root:
            command = ["setpriv", "--reuid=65534", "--clear-groups", *command]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
            env={"PATH": str(self.path), "INSTALLED": " ".join(installed),
                 "FAILS": str(fails), **(environment or {})})
        return done.returncode, done.stdout + done.stderr

    def test_nothing_is_asked_of_apt_where_all_is_there(self):
        code, output = self.run_script("install-packages", "run",
                                       installed=packages("run"))
        self.assertEqual(code, 0, output)
        self.assertNotIn("apt-get", output)

    def test_what_is_missing_is_installed_and_nothing_else(self):
        wanted = packages("run")
        for missing in (wanted, wanted[:1], wanted[-2:]):
            there = [x for x in wanted if x not in missing]
            code, output = self.run_script("install-packages", "run",
                                           installed=there)
            self.assertEqual(code, 0, output)
            line = re.search(r"(?m)^installing (.*)$", output)[1].split()
            self.assertEqual(line[-len(missing):], sorted(missing))
            self.assertEqual(set(line) & set(there), set())

    def test_a_package_of_two_sections_is_installed_once(self):
        _, output = self.run_script("install-packages", "test", "bench")
        line = re.search(r"(?m)^installing (.*)$", output)[1].split()
        self.assertEqual(line.count("python3"), 1)

    def test_a_failed_installation_is_an_error(self):
        code, output = self.run_script("install-packages", "run", fails=100)
        self.assertEqual(code, 1, output)
        self.assertIn("error: apt-get could not install", output)

    def test_who_is_not_root_is_told_of_sudo(self):
        code, output = self.run_script("install-packages", "run", root=False)
        self.assertEqual(code, 0, output)
        self.assertIn("asking sudo", output)

    def test_without_root_and_sudo_it_says_what_to_run(self):
        (self.path / "sudo").unlink()
        code, output = self.run_script("install-packages", "run", root=False)
        self.assertEqual(code, 1, output)
        self.assertIn("apt-get install cmake", output)

    def test_an_unknown_section_is_an_error(self):
        for args in ((), ("nothing",)):
            code, output = self.run_script("install-packages", *args)
            self.assertEqual(code, 1, output)
            self.assertIn("error:", output)

    def test_run_prints_the_line_to_try(self):
        server = self.scripts.parent / "build/release/bin/intd-server"
        server.parent.mkdir(parents=True)
        server.write_text('#!/bin/bash\necho "server [$*]"\n')
        server.chmod(0o755)
        lines = {"": "curl localhost:8080",
                 "-port 9090": "curl localhost:9090",
                 "--port=9090 -engine memory": "curl localhost:9090",
                 "-host 127.0.0.1": "curl 127.0.0.1:8080"}
        for args, line in lines.items():
            code, output = self.run_script("run", *args.split(),
                                           installed=packages("run"))
            self.assertEqual(code, 0, output)
            self.assertIn(f"  {line}\n", output)
            self.assertIn(f"server [{args}]", output)
        for args in ("-protocol tcp", "-config x.toml", "-h"):
            _, output = self.run_script("run", *args.split(),
                                        installed=packages("run"))
            self.assertNotIn("curl", output)

    def run_install_servers(self, environment=None):
        there = self.scripts.parent / "tests/servers/go"
        if not there.exists():
            shutil.copytree(ROOT / "tests/servers/go", there)
        home = {"HOME": str(self.scripts.parent)}
        return self.run_script("install-servers",
                               environment=home | (environment or {}))

    def stub_go(self, body):
        file = self.path / "go"
        file.write_text("#!/bin/bash\n" + body, encoding="utf-8")
        file.chmod(0o755)

    def place_of(self, output, server, file):
        place = re.search(rf"(?m)^{server}: (.*/\.cache/intd/servers/"
                          rf"{file}-[0-9][-0-9a-f.]+)$", output)[1]
        self.assertEqual(pathlib.Path(place).read_text("utf-8"), "built\n")
        return place

    # go build ... -o FILE PACKAGE
    BUILDS = ('echo "go $*"; file=${*: -2:1}\n'
              'echo built >"$file"; /usr/bin/chmod +x "$file"\n')

    def test_a_server_is_built_once(self):
        self.stub_go('[[ $1 == build ]] || exit 0\n' + self.BUILDS)
        code, output = self.run_install_servers()
        self.assertEqual(code, 0, output)
        self.assertRegex(output, "(?m)^go build .*rqlite/v8/cmd/rqlited$")
        self.assertRegex(output, "(?m)^go build .*/cmd/summitdb-server$")
        rqlite = self.place_of(output, "rqlite", "rqlited")
        summitdb = self.place_of(output, "summitdb", "summitdb-server")
        (self.path / "go").unlink()
        code, output = self.run_install_servers()
        self.assertEqual((code, output), (0, f"rqlite: {rqlite}\n"
                                             f"summitdb: {summitdb}\n"))

    def test_what_no_proxy_serves_is_left_out_and_said(self):
        self.stub_go('[[ $1 != mod ]] || { echo "403 Forbidden"; exit 1; }\n'
                     '[[ $1 != env ]] || { echo "the proxy"; exit 0; }\n'
                     + self.BUILDS)
        code, output = self.run_install_servers()
        self.assertEqual(code, 0, output)
        self.place_of(output, "rqlite", "rqlited")
        self.assertNotIn("\nsummitdb: ", output)
        for part in ("403 Forbidden", "cannot be had from the proxy",
                     "INTD_SUMMITDB_SERVER may name a program"):
            self.assertIn(part, output)

    def test_a_server_that_is_named_is_not_built(self):
        code, output = self.run_install_servers(
            {"INTD_RQLITED": "/bin/true", "INTD_SUMMITDB_SERVER": "/bin/false"})
        self.assertEqual((code, output), (0, "rqlite: /bin/true\n"
                                             "summitdb: /bin/false\n"))
        code, output = self.run_install_servers({"INTD_RQLITED": "/nothing"})
        self.assertEqual(code, 1, output)
        self.assertIn("error: INTD_RQLITED=/nothing", output)

    def test_an_unknown_server_is_an_error(self):
        code, output = self.run_script("install-servers", "oracle")
        self.assertEqual(code, 1, output)
        self.assertIn("usage: scripts/install-servers", output)

    def test_without_go_it_is_asked_for(self):
        code, output = self.run_install_servers()
        self.assertEqual(code, 1, output)
        self.assertIn("error: rqlite is built by Go", output)

    def test_a_build_that_fails_leaves_nothing(self):
        self.stub_go("exit 1\n")
        code, output = self.run_install_servers()
        self.assertEqual(code, 1, output)
        self.assertIn("does not build", output)
        made = self.scripts.parent / ".cache/intd/servers"
        self.assertEqual(list(made.iterdir()), [])

    def test_test_refuses_what_it_does_not_know(self):
        code, output = self.run_script("test", "some")
        self.assertEqual(code, 1, output)
        self.assertIn("usage:", output)


if __name__ == "__main__":
    unittest.main()
