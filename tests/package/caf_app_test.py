#!/usr/bin/env python3
"""Installs the mint client to a folder, builds examples/caf_app with nothing
but that, and runs it against a live node."""

import argparse
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*command, seconds=240):
    """Runs a command that must succeed, and returns its standard output."""
    done = subprocess.run([str(x) for x in command], capture_output=True,
                          text=True, timeout=seconds, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nends with "
                 f"{done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def actor_port(log, server, seconds=30):
    """Waits until the node serves actors, and returns the address."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        found = re.search(r"actor://(\S+?)[ ;]", log.read_text())
        if found:
            return found[1]
        time.sleep(0.02)
    sys.exit(f"no actor port:\n{log.read_text()}")


def build(options, folder):
    """Returns the program that was built from an installed package."""
    prefix = folder / "prefix"
    run(options.cmake, "--install", options.build, "--prefix", prefix,
        "--component", "client")
    if list(prefix.glob("**/engine.hpp")):
        sys.exit("headers are installed that no mint client needs")
    flags = f"-fsanitize={options.flags}" if options.flags else ""
    run(options.cmake, "-S", ROOT / "examples/caf_app", "-B", folder / "app",
        f"-DCMAKE_PREFIX_PATH={prefix}",
        f"-DCMAKE_CXX_COMPILER={options.compiler}",
        f"-DCMAKE_CXX_FLAGS={flags}")
    run(options.cmake, "--build", folder / "app")
    return folder / "app/caf_app"


def check(program, options, folder):
    """Runs the program twice against one node: twelve integers, none twice."""
    config = folder / "intd.toml"
    config.write_text('[actor]\nlisten = "0"\n')
    log = folder / "log"
    with open(log, "wb") as output:
        server = subprocess.Popen(
            [options.build / "bin/intd-server", "-engine", "memory", "-port",
             "0", "-config", config, "-state-dir", folder / "state"],
            stdout=output, stderr=output)
    try:
        address = actor_port(log, server)
        # A node that is not there keeps nobody from minting.
        seen = run(program, address, "127.0.0.1:1") + run(program, address)
        found = sorted(int(x) for x in re.findall(r"^order (\d+)$", seen, re.M))
        if found != list(range(1, 13)):
            sys.exit(f"expected the orders 1 to 12, found:\n{seen}")
    finally:
        server.terminate()
        ended = server.wait(30)
    if ended != 0:
        sys.exit(f"intd-server ends with {ended}:\n{log.read_text()}")
    bad = subprocess.run([program, "nowhere"], capture_output=True, text=True,
                         timeout=60, check=False)
    if bad.returncode == 0 or "expected host:port" not in bad.stderr:
        sys.exit(f"a wrong address is not refused: {bad.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cmake", default="cmake")
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", default="c++")
    parser.add_argument("--flags", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="intd-") as name:
        folder = pathlib.Path(name)
        check(build(options, folder), options, folder)


if __name__ == "__main__":
    main()
