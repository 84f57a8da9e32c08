"""The load that the benchmarks of this folder put on a server: wrk for the
figures, a few calls one by one to see that the answers are right, and threads
that write down each request where one of them matters."""

import collections
import http.client
import re
import subprocess
import sys
import threading
import time
import urllib.request

import processes

UNITS = {"us": 1, "ms": 1e3, "s": 1e6}
Cell = collections.namedtuple("Cell", "rate p50 p99 bad")
Lone = collections.namedtuple("Lone", "rate p50 added")


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


def round_trips(engine, path, seconds, dsn, ports):
    """Asks the store, then a server on each of the ports, in turns, as a lone
    client; returns of each its integers a second, the median of a round trip,
    and what it added to the store's, in µs (bench/round_trips.cpp)."""
    done = subprocess.run(
        [processes.BIN / "round_trips", engine, path, str(seconds), dsn,
         *map(str, ports)],
        check=True, stdout=subprocess.PIPE, text=True).stdout
    return [Lone(*(float(x.split("=")[1]) for x in line.split()))
            for line in done.splitlines()]


def check_unique(port, calls=300):
    """Asks on one port, one by one: integers that rise, none twice."""
    seen = []
    for _ in range(calls):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            seen.append(int(answer.read()))
    if any(a >= b for a, b in zip(seen, seen[1:])):
        sys.exit(f"integers do not rise: {seen}")


class Asker(threading.Thread):
    """Asks without a pause; `seen` is begin, end and integer of each request,
    0 for one that failed."""

    def __init__(self, stopping, next_integer):
        super().__init__()
        self.stopping, self.next = stopping, next_integer
        self.seen = []

    def run(self):
        while not self.stopping.is_set():
            begin = time.monotonic()
            integer = self.next()
            self.seen.append((begin, time.monotonic(), integer))


def http_asker(stack, stopping, port):
    """Asks a node by HTTP, over one connection."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    stack.callback(link.close)

    def next_integer():
        try:
            link.request("GET", "/")
            answer = link.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            link.close()
            return 0
        return int(body) if answer.status == 200 else 0
    return Asker(stopping, next_integer)


def mint_asker(stack, stopping, addresses):
    """Asks a mint client of nodes, in a process of its own."""
    child = subprocess.Popen(
        [processes.BIN / "caf_ask", *addresses],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stack.callback(processes.end, child)

    def next_integer():
        child.stdin.write(b"\n")
        child.stdin.flush()
        return int(child.stdout.readline() or 0)
    return Asker(stopping, next_integer)
