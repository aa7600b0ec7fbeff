"""What reading comments costs: processor time beside cutting the same comments into words, and memory."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from analysis.masking import mask
from analysis.sentiment import lexicon_analyzer
from analysis.sentiment.labelled import Labelled
from analysis.sentiment.tokens import prepare, tokens
from analysis.sentiment.training import train
from analysis.themes import finder
from benchmarks.results import Goal, Result

LEARNED_FROM = 2_000
SHARES = 4
"""The comments are divided into so many parts: one to warm up, the others to be measured."""
WORK: dict[str, Goal] = {
    "labels": Goal(ratio=8, most=50),
    "readings": Goal(ratio=15),
    "themes": Goal(ratio=40),
    "masking": Goal(ratio=20),
    "labels, learned": Goal(ratio=20, most=200),
}
"""Upper bounds; labels of 20,000 comments a second, and 5,000 by what was learned."""
_ROOT = Path(__file__).resolve().parent.parent
_FRESH = """
import json, re, sys
from pathlib import Path
from time import process_time

def resident():  # of this program alone: what the system keeps of a process remembers its parent's
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

import app
found = {"import": process_time(), "memory": resident()}
heavy = ("textblob", "nltk", "numpy", "scipy", "sklearn", "matplotlib", "analysis.sentiment.engine")
found["loaded"] = [name for name in heavy if name in sys.modules]
from analysis.sentiment import lexicon_analyzer
from analysis.themes import finder
from analysis.masking import mask
for name, work in {
    "first": lambda: lexicon_analyzer().read("petugas ramah, antri lama"),
    "themes": lambda: finder().find("petugas ramah, antri lama"),
    "masking": lambda: mask("pak budi ramah"),
    "english": lambda: lexicon_analyzer().read("the service was good but it took too long"),
}.items():
    begun = process_time()
    work()
    found[name], found[name + " memory"] = process_time() - begun, resident()
print(json.dumps(found))
"""


class Fresh(NamedTuple):
    """A process that imported the application and then read its first comments.

    Attributes:
        loaded: which modules that only comments need the import loaded; there should be none.
        figures: seconds of processor time and MiB resident, by name.
    """

    loaded: list[str]
    figures: dict[str, float]


def measure(training: Sequence[Labelled], texts: Sequence[str], *, repeats: int) -> list[Result]:
    """µs of processor time per comment for each kind of reading, beside cutting it into words.

    What stands first among the repetitions is the time with words that were not met before; the best is that
    with all of them known, as after some thousands of comments.

    Args:
        training: comments to learn from; the first few thousand are taken, none leaves out the learned one.
        texts: comments to read.
        repeats: how often all is done.
    """
    lexicon = lexicon_analyzer()
    lexicon.complete()
    work: dict[str, Callable[[Sequence[str]], object]] = {
        "labels": lexicon.label_many,
        "readings": lexicon.read_many,
        "themes": lambda some: [finder().find(text) for text in some],
        "masking": lambda some: [mask(text) for text in some],
    }
    if training:
        step = max(1, len(training) // LEARNED_FROM)
        work["labels, learned"] = train(training[::step], lexicon).label_many
    parts = [texts[place::SHARES] for place in range(SHARES)]
    characters = sum(map(len, texts)) / len(texts)
    results = []
    for name, read in work.items():
        ours, floor = [], []
        for _ in range(repeats):
            read(parts[0])
            for part in parts[1:]:
                ours.append(_each(read, part))
                floor.append(_each(_cut, part))
        rate = {"comments a second": f"{1e6 / min(ours):,.0f}, of {characters:.0f} characters on average"}
        results.append(
            Result(f"comments: {name}", "cutting into words", "µs CPU", ours, floor, WORK[name], rate)
        )
    return results


def fresh(*, repeats: int) -> list[Result]:
    """What the first comment costs a process that has imported the application, beside that import."""
    runs = [_run() for _ in range(repeats)]
    imports = [1000 * run.figures["import"] for run in runs]
    firsts = [1000 * (run.figures["first"] + run.figures["themes"] + run.figures["masking"]) for run in runs]
    parts = {
        name: f"{1000 * _least(runs, key):.0f} ms, then {_least(runs, key + ' memory'):.0f} MiB"
        for name, key in (
            ("the words", "first"),
            ("the rules of themes", "themes"),
            ("the words of masking", "masking"),
            ("the first English comment", "english"),
        )
    }
    loaded = {
        "loaded by importing the application": ", ".join(runs[0].loaded) or "nothing that only comments need"
    }
    return [
        Result(
            "first comment of a process",
            "importing the application",
            "ms CPU",
            firsts,
            imports,
            Goal(ratio=1),
            parts,
        ),
        Result(
            "memory once Indonesian comments are read",
            "importing the application",
            "MiB at most",
            [run.figures["masking memory"] for run in runs],
            [run.figures["memory"] for run in runs],
            Goal(ratio=1.5),
            loaded,
        ),
    ]


def _cut(texts: Sequence[str]) -> object:
    return [tokens(prepare(text).lower) for text in texts]


def _each(work: Callable[[Sequence[str]], object], texts: Sequence[str]) -> float:
    begun = time.process_time()
    work(texts)
    return (time.process_time() - begun) / len(texts) * 1e6


def _least(runs: Sequence[Fresh], key: str) -> float:
    return min(run.figures[key] for run in runs)


def _run() -> Fresh:
    done = subprocess.run(
        [sys.executable, "-c", _FRESH], capture_output=True, text=True, cwd=_ROOT, check=True
    )
    found = json.loads(done.stdout)
    return Fresh(found.pop("loaded"), found)
