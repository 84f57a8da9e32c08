"""A cluster of intd-servers on loopback, each of which can be killed or stopped
and comes back at the same addresses with the same state."""

import contextlib
import http.client
import json
import signal
import time

import processes

PATIENCE = 30
MEMORY = 'engine = "memory"'
OUT_OF_REACH = 'engine = "mysql"\ndsn = "nobody@unix(/nonexistent)/none"'
CONFIG = """
[node]
name = "n{number}"
state_dir = "{path}/state"
[[engine]]
{store}
offset = {number}
increment = {nodes}
[[listen]]
host = "127.0.0.1"
port = {port}
[actor]
listen = "{actors}"
[cluster]
peers = {peers}
[router]
strategy = "{strategy}"
"""


def wait_until(what, holds):
    """Returns once `holds()`; ends where that takes too long."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.005)


class Node:
    """An intd-server with a stripe and addresses that survive it."""

    def __init__(self, number, path):
        self.number, self.path = number, path
        self.port = processes.free_port()
        self.actors = f"127.0.0.1:{processes.free_port()}"
        self.child = None

    def configure(self, store, strategy, nodes):
        """Must be called before its first start, `nodes` are all."""
        peers = [x.actors for x in nodes if x is not self]
        (self.path / "intd.toml").write_text(CONFIG.format(
            number=self.number, path=self.path, store=store, nodes=len(nodes),
            port=self.port, actors=self.actors, peers=json.dumps(peers),
            strategy=strategy))

    def start(self):
        self.child = processes.launch(
            [processes.BIN / "intd-server", "-config",
             self.path / "intd.toml"], self.path / "log")

    def end(self):
        self.child.send_signal(signal.SIGCONT)
        processes.end(self.child)

    def healthy(self):
        """How many stripes it counts on, its own and its peers'."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        with contextlib.closing(link):
            try:
                link.request("GET", "/readyz")
                stripes = json.load(link.getresponse())["stripes"]
            except (OSError, http.client.HTTPException):
                return -1
        return sum(x["healthy"] for x in stripes)
