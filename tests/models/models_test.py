#!/usr/bin/env python3
"""Searches the models of docs/models with spin, exhaustively.

    models_test.py FOLDER                          everything
    models_test.py FOLDER histories|breaks|places  these tests only

Needs spin and a C compiler; one core, less than a minute and 1 GB each.
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path()
BOUND = 500  # Seconds that nothing takes unless it is broken.
MEGABYTES = 1900
DEEP = 10000  # Steps; no history within the bounds has as many.

# What may happen in the histories of one search of ownership.pml. Together in
# one they would be too many for a minute.
HISTORIES = {
    "split": "ASKS=2",
    "split and leave": "LEAVES=1 ASKS=3 MAX=4",
    "two leave": "LEAVES=2 MAX=3",
    "the first node restored": "RESTORES=1 ASKS=1",
    "the first node restored, two join": "RESTORES=1 MAX=2",
    "the second node restored": "RESTORES=1 RESTORED=1 ASKS=1",
    "one leaves, restored": "RESTORES=1 LEAVES=1 ASKS=1 MAX=2",
    "one joins, leaves, restored":
        "RESTORES=1 RESTORED=1 LEAVES=1 ASKS=1 MAX=3",
    "the first node adopted": "ADOPTS=1 ASKS=2 MAX=3",
    "the second node adopted": "ADOPTS=1 DEAD=1 ASKS=2 MAX=2",
    "one leaves, adopted": "ADOPTS=1 LEAVES=1 ASKS=1 MAX=3",
    "one joins, leaves, adopted":
        "ADOPTS=1 DEAD=1 LEAVES=1 ASKS=1 MAX=3",
    "one adopted that is alive": "ADOPTS=1 WRONG ASKS=1 MAX=4",
    "another adopted that is alive": "ADOPTS=1 DEAD=1 WRONG ASKS=2 MAX=2",
    "one node restored and adopted": "RESTORES=1 ADOPTS=1 ASKS=1 MAX=3",
    "one restored, the first adopted":
        "RESTORES=1 RESTORED=1 ADOPTS=1 ASKS=1 MAX=2",
    "the first restored, one adopted":
        "RESTORES=1 ADOPTS=1 DEAD=1 ASKS=1 MAX=2",
}

TWICE = "given & (1 << v)"
OWNERS = "own.set"
COST = "cost["

# A rule that is broken, in which histories, and the assertions it may fail.
BREAKS = [
    ("SPLIT_ORDER", "MAX=4", (TWICE, OWNERS)),
    ("STOP", "MAX=4", (TWICE,)),
    ("SAME_GIFT", "MAX=4", (COST,)),
    ("FLOOR", "MAX=4", (TWICE,)),
    ("LEAVE", "LEAVES=1 MAX=4", (TWICE, OWNERS)),
    ("HAND_TWICE", "LEAVES=1 MAX=4", (TWICE, OWNERS)),
    ("WITNESS", "RESTORES=1 ASKS=1 MAX=4", (TWICE, OWNERS)),
    ("WITNESS", "ADOPTS=1 ASKS=1 MAX=4", (TWICE, OWNERS)),
    ("RAISE", "RESTORES=1 ASKS=1 MAX=4", (TWICE,)),
    ("BOOT", "RESTORES=1 ASKS=1 MAX=4", (TWICE, OWNERS)),
    ("ONE_WITNESS", "RESTORES=1 ASKS=1 MAX=4", (TWICE, OWNERS)),
    ("SILENT", "RESTORES=1 ASKS=1 MAX=4", (TWICE, OWNERS)),
    ("TESTIFY", "RESTORES=1 RESTORED=1 ADOPTS=1 ASKS=1 MAX=3",
     (TWICE, OWNERS)),
    ("ADOPT_ALONE", "ADOPTS=1 ASKS=1 MAX=3", (TWICE, OWNERS)),
    ("OUTBID", "ADOPTS=1 MAX=3", (TWICE, OWNERS)),
    ("PING", "ADOPTS=1 WRONG ASKS=1 MAX=4", ("!(met)",)),
    ("UNHEARD", "RESTORES=1 ASKS=1 MAX=4", (TWICE,)),
    ("UNHEARD", "ADOPTS=1 ASKS=1 MAX=4", (TWICE,)),
    ("LAST", "", ("given & (1 << last)",), "ceilings.pml"),
]

# What must be possible, by its name in the model.
PLACES = [
    ("SPLIT_MINTED", ""),
    ("SPARE_MINTED", "LEAVES=1"),
    ("LEFT_AND_BACK", "LEAVES=1"),
    ("RESTORED_MINTS", "RESTORES=1 ASKS=1"),
    ("RESTORED_RAISED", "RESTORES=1 ASKS=1"),
    ("RESTORED_REFUSED", "RESTORES=1 ASKS=1"),
    ("ADOPTED_MINTED", "ADOPTS=1 ASKS=1"),
    ("DEAD_REFUSED", "ADOPTS=1 ASKS=1"),
    ("CEILING_RAISED", "", "ceilings.pml"),
]


class Search:
    """One run of spin: what it found, and whether it saw everything."""

    def __init__(self, settings, model="ownership.pml", *, optimise="-O0",
                 deep=DEEP):
        with tempfile.TemporaryDirectory() as folder:
            self._run(folder, "spin", "-a",
                      *("-D" + s for s in settings.split()),
                      str(FOLDER / model))
            self._run(folder, "cc", optimise, "-w", "-DSAFETY", "-DNOREDUCE",
                      f"-DMEMLIM={MEGABYTES}", "-o", "pan", "pan.c")
            self.text = self._run(folder, "./pan", f"-m{deep}", "-w22")

    @staticmethod
    def _run(folder, *command):
        done = subprocess.run(
            command, cwd=folder, timeout=BOUND, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stdout}")
        return done.stdout

    def complete(self):
        """Every history within the bounds was searched."""
        return ("Full statespace search" in self.text
                and not any(word in self.text for word in (
                    "too small", "not completed", "memory limit",
                    "out of memory", "Interrupted", "aborting")))

    def violated(self):
        """The assertion that failed, and nothing else is an error."""
        words = [line for line in self.text.splitlines()
                 if line.startswith("pan:1: assertion violated")]
        return words[0].partition(" (at")[0].replace(" ", "") if words else ""

    def no_error(self):
        return "errors: 0\n" in self.text


class Histories(unittest.TestCase):
    def test_no_integer_is_given_twice_and_no_residue_has_two_owners(self):
        for name, settings in HISTORIES.items():
            with self.subTest(name, settings=settings):
                self.prove(Search(settings, optimise="-O1"))

    def test_no_integer_is_given_twice_below_a_restored_ceiling(self):
        self.prove(Search("", "ceilings.pml"))

    def prove(self, search):
        self.assertTrue(search.no_error(), search.text)
        self.assertTrue(search.complete(), search.text)

    def test_a_search_that_was_cut_short_proves_nothing(self):
        search = Search("ASKS=1", deep=20)
        self.assertTrue(search.no_error(), search.text)
        self.assertFalse(search.complete(), search.text)


class Breaks(unittest.TestCase):
    def test_a_model_without_one_of_the_rules_fails(self):
        for rule, settings, expected, *model in BREAKS:
            with self.subTest(rule, settings=settings):
                search = Search(f"BREAK_{rule} {settings}", *model)
                self.assertTrue(
                    any(e.replace(" ", "") in search.violated()
                        for e in expected), search.text)

    def test_every_rule_that_can_be_broken_is_broken_here(self):
        sources = "".join(p.read_text() for p in FOLDER.glob("*.pml"))
        known = {line.split("BREAK_")[1].strip()
                 for line in sources.splitlines()
                 if line.startswith(("#ifdef BREAK_", "#ifndef BREAK_"))}
        self.assertEqual(known, {rule for rule, *_ in BREAKS})


class Places(unittest.TestCase):
    def test_what_the_rules_are_for_happens_in_the_model(self):
        for place, settings, *model in PLACES:
            with self.subTest(place, settings=settings):
                search = Search(f"REACH={place} {settings}", *model)
                self.assertTrue(search.violated().endswith(
                    f"!={self.numbers()[place]})"), search.text)

    def test_every_place_is_looked_for_here(self):
        self.assertEqual(set(self.numbers()), {place for place, *_ in PLACES})

    @staticmethod
    def numbers():
        found = {}
        for path in FOLDER.glob("*.pml"):
            for line in path.read_text().partition(
                    "#define landmark(what) skip\n#endif\n")[2].splitlines():
                if not line.startswith("#define "):
                    break
                found[line.split()[1]] = line.split()[2]
        return found

if __name__ == "__main__":
    FOLDER = pathlib.Path(sys.argv[1]).resolve()
    del sys.argv[1]
    sys.argv[1:] = [word.capitalize() for word in sys.argv[1:]]
    unittest.main(verbosity=2)
