#!/usr/bin/env python3
"""Tests of run_store: it serves while it is wanted, and leaves nothing behind.

    run_store_test.py PROGRAM
"""

import re
import signal
import socket
import subprocess
import sys
import unittest

PROGRAM = ""
BOUND = 120  # Seconds that nothing takes unless it is broken.


def answers(dsn):
    """What Redis at a DSN answers to PING; nothing where nobody is there."""
    port = int(re.fullmatch(r"redis://127\.0\.0\.1:(\d+)/0", dsn)[1])
    try:
        with socket.create_connection(("127.0.0.1", port), BOUND) as made:
            made.sendall(b"PING\r\n")
            return made.recv(100)
    except ConnectionRefusedError:
        return b""


class RunStore(unittest.TestCase):
    def start(self, *words):
        child = subprocess.Popen(
            [PROGRAM, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(child.communicate)
        self.addCleanup(child.kill)
        return child

    def test_it_serves_until_its_input_ends(self):
        child = self.start("redis")
        dsn = child.stdout.readline().strip()
        self.assertEqual(answers(dsn), b"+PONG\r\n")
        child.stdin.write("not the end\n")
        child.stdin.flush()
        self.assertEqual(answers(dsn), b"+PONG\r\n")
        child.stdin.close()
        self.assertEqual(child.wait(BOUND), 0)
        self.assertEqual(answers(dsn), b"")
        child.stdin = None

    def test_it_serves_until_it_is_told_to_end(self):
        child = self.start("redis", "--persistence", "none",
                           "--", "--maxmemory", "7mb")
        dsn = child.stdout.readline().strip()
        self.assertEqual(answers(dsn), b"+PONG\r\n")
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(BOUND), 0)
        self.assertEqual(answers(dsn), b"")

    def test_flags_reach_the_server(self):
        child = self.start("redis", "--", "--no-such-flag", "1")
        output, error = child.communicate(timeout=BOUND)
        self.assertEqual((output, child.returncode), ("", 1), error)
        self.assertIn("no-such-flag", error)

    def test_a_wrong_command_line_is_explained(self):
        for words in ((), ("postgres",), ("redis", "--low"),
                      ("redis", "--persistence", "some")):
            child = self.start(*words)
            output, error = child.communicate(timeout=BOUND)
            self.assertEqual((output, child.returncode), ("", 2), error)
            self.assertIn("usage: run_store", error)


if __name__ == "__main__":
    PROGRAM = sys.argv.pop(1)
    unittest.main()
