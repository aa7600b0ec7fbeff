"""Precision and recall of the masking on comments written for it; ``-s`` prints the table."""

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from analysis.masking import KINDS, MARKS, mask

EXAMPLES = Path(__file__).with_name("masking_examples.tsv")
MARKED = re.compile(r"⟦(\w+):([^⟧]*)⟧")
MARK = re.compile("|".join(re.escape(mark) for mark in MARKS.values()))
KIND_OF = {mark: kind for kind, mark in MARKS.items()}


class Found(NamedTuple):
    kind: str
    start: int
    end: int


class Example(NamedTuple):
    which: str
    text: str
    wanted: frozenset[Found]


def read_example(line):
    which, marked = line.split("\t")
    text, wanted, done = "", set(), 0
    for piece in MARKED.finditer(marked):
        text += marked[done : piece.start()]
        wanted.add(Found(piece[1], len(text), len(text) + len(piece[2])))
        text += piece[2]
        done = piece.end()
    return Example(which, text + marked[done:], frozenset(wanted))


def read_examples():
    lines = [line for line in EXAMPLES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    assert lines[0] == "set\ttext"
    return [read_example(line) for line in lines[1:]]


def found_in(text):
    """What was masked, by where it stood: the text between two marks stands there unchanged."""
    masked = mask(text).text
    marks = [mark for mark in MARK.finditer(masked) if mark[0] not in text]
    found, at, done = set(), 0, 0
    for place, mark in enumerate(marks):
        at += mark.start() - done
        done = mark.end()
        behind = marks[place + 1].start() if place + 1 < len(marks) else len(masked)
        rest = masked[done:behind]
        end = text.index(rest, at) if place + 1 < len(marks) and rest else len(text) - len(rest)
        found.add(Found(KIND_OF[mark[0]], at, end))
        at = end
    return found


def counted(examples):
    right, wrong, missed = Counter(), Counter(), Counter()
    for example in examples:
        found = found_in(example.text)
        right.update(one.kind for one in found & example.wanted)
        wrong.update(one.kind for one in found - example.wanted)
        missed.update(one.kind for one in example.wanted - found)
    return right, wrong, missed


def share(part, rest):
    return part / (part + rest) if part + rest else 1.0


ALL = read_examples()
NAMES = {"name"}
NUMBERS = set(KINDS) - NAMES


def test_the_examples_are_many_and_a_good_part_of_them_holds_nothing_to_mask():
    assert len(ALL) >= 300
    assert len({example.text for example in ALL}) == len(ALL)
    assert sum(not example.wanted for example in ALL) >= 120
    assert sum(example.which == "held_out" for example in ALL) >= 100
    assert {one.kind for example in ALL for one in example.wanted} == set(KINDS)


@pytest.mark.parametrize(
    ("kinds", "least"), [pytest.param(NUMBERS, 0.97, id="numbers"), pytest.param(NAMES, 0.93, id="names")]
)
def test_nearly_all_is_found_and_nearly_nothing_else(kinds, least):
    right, wrong, missed = (sum(one[kind] for kind in kinds) for one in counted(ALL))
    assert share(right, missed) >= least
    assert share(right, wrong) >= least


def test_precision_and_recall_are_printed_for_every_kind():
    print(f"\n{'':<18}{'right':>6}{'wrong':>6}{'missed':>7}{'precision':>10}{'recall':>8}")
    for which in ("written", "held_out"):
        right, wrong, missed = counted([example for example in ALL if example.which == which])
        for kind in (*KINDS, "all"):
            sums = [one.total() if kind == "all" else one[kind] for one in (right, wrong, missed)]
            precision, recall = share(sums[0], sums[1]), share(sums[0], sums[2])
            print(f"{which:<9}{kind:<9}{sums[0]:>6}{sums[1]:>6}{sums[2]:>7}{precision:>10.3f}{recall:>8.3f}")
        assert right.total() > 50


@pytest.mark.parametrize("example", [one for one in ALL if one.wanted], ids=lambda one: one.text[:40])
def test_masking_a_masked_example_changes_nothing(example):
    masked = mask(example.text)
    assert mask(masked.text) == (masked.text, {})
