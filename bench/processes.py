"""The processes that the benchmarks of this folder measure: intd-server and
nginx, each on a free loopback port with a folder of its own."""

import contextlib
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
BIN = pathlib.Path(os.environ.get("INTD_BIN", ROOT / "build/release/bin"))
TESTS = BIN.parent / "tests"
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log {folder}/error.log warn;
worker_rlimit_nofile 30000;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path {folder}/a;
  proxy_temp_path {folder}/b;
  fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location / {{ default_type text/plain; return 200 "12345678"; }}
  }}
}}
"""


def need(*programs):
    """Ends with what to do where a program is missing."""
    path = os.environ["PATH"] + ":/usr/sbin"
    for name in programs:
        if not shutil.which(name, path=path):
            sys.exit(f"{name} is not there: run scripts/install-packages bench")
    if not (BIN / "intd-server").exists():
        sys.exit(f"no intd-server in {BIN}: run scripts/run or "
                 "cmake --preset release && cmake --build --preset release")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raise_open_files():
    """Allows this process and its children as many files as it may."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def state_base():
    """Where folders for state are made; INTD_BENCH_DIR chooses another place.
    It should be on a real disk: on a tmpfs a sync costs nothing."""
    base = pathlib.Path(os.environ.get("INTD_BENCH_DIR")
                        or ROOT / "build/bench-state")
    base.mkdir(parents=True, exist_ok=True)
    return base


def disk():
    """The kind of file system that state is kept on."""
    done = subprocess.run(["stat", "-f", "-c", "%T", state_base()],
                          capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextlib.contextmanager
def folder():
    """A folder for state, removed afterwards."""
    path = tempfile.mkdtemp(dir=state_base())
    try:
        yield pathlib.Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def launch(command, log, **options):
    """Starts a process that writes to `log`, and does not wait for it."""
    with open(log, "ab") as output:
        return subprocess.Popen([str(x) for x in command], stdout=output,
                                stderr=output, stdin=subprocess.DEVNULL,
                                **options)


def end(child):
    """Ends a process, by force where it takes too long."""
    child.terminate()
    try:
        child.wait(10)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@contextlib.contextmanager
def process(command, port, log, **options):
    """A process that serves HTTP on `port`; ended afterwards."""
    child = launch(command, log, **options)
    try:
        wait_for(child, port, log)
        yield child
    finally:
        end(child)


def wait_for(child, port, log, seconds=10):
    """Returns once GET / answers 200."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"{child.args[0]} does not answer on port {port}:\n"
             + pathlib.Path(log).read_text(errors="replace"))


@contextlib.contextmanager
def nginx(path):
    """One worker that answers a constant; yields its port."""
    port = free_port()
    config = path / "nginx.conf"
    config.write_text(NGINX.format(folder=path, port=port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with process([program, "-p", path, "-c", config], port, path / "log"):
        yield port


@contextlib.contextmanager
def intd(path, engine, *flags):
    """intd-server with all its state in `path`; yields the port and the
    process."""
    port = free_port()
    environment = {**os.environ, "XDG_STATE_HOME": str(path),
                   "HOME": str(path)}
    command = [BIN / "intd-server", "-host", "127.0.0.1", "-port", port,
               "-engine", engine, *flags]
    with process(command, port, path / "log", env=environment) as child:
        yield port, child


def median(values):
    return statistics.median(values)


def table(head, rows):
    """Prints rows in columns as wide as they need, numbers to the right."""
    cells = [[str(x) for x in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        print("  ".join(x.ljust(w) if i == 0 else x.rjust(w)
                        for i, (x, w) in enumerate(zip(row, widths))).rstrip(),
              flush=True)


def machine():
    """One line that says where the figures come from."""
    model = "an unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{os.cpu_count()} cores of {model}, Linux {os.uname().release}"
