"""The load that the benchmarks of this folder put on a server: wrk for the
figures, and a few calls one by one to see that the answers are right."""

import collections
import re
import subprocess
import sys
import urllib.request

UNITS = {"us": 1, "ms": 1e3, "s": 1e6}
Cell = collections.namedtuple("Cell", "rate p50 p99 bad")


def wrk(port, connections, seconds, threads):
    """Runs wrk; returns requests a second, and latencies in microseconds."""
    done = subprocess.run(
        ["wrk", "-t", str(min(threads, connections)), "-c", str(connections),
         "-d", f"{seconds}s", "--latency", f"http://127.0.0.1:{port}/"],
        capture_output=True, text=True, check=True).stdout

    def latency(percent):
        value, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)\b",
                                done).groups()
        return float(value) * UNITS[unit]

    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])
    bad = re.findall(r"(?:Non-2xx.*|Socket errors:.*)", done)
    return Cell(rate, latency(50), latency(99), bad)


def check_unique(port, calls=300):
    """Asks on one port, one by one: integers that rise, none twice."""
    seen = []
    for _ in range(calls):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            seen.append(int(answer.read()))
    if any(a >= b for a, b in zip(seen, seen[1:])):
        sys.exit(f"integers do not rise: {seen}")
