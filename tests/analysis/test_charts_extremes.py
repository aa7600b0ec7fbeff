"""Every picture, with data that are hard to place: nothing overlaps, nothing depends on colour."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pictures import (
    ELEMENTS,
    LONG,
    MONTHS,
    UNBROKEN,
    agreement,
    draw_funnel,
    draw_index,
    draw_mix,
    draw_priority,
    draw_profile,
    draw_trend,
    draw_trust,
    english,
    estimate,
    indonesian,
    interval,
    stages,
    year,
)
from svg_reading import SVG, boxes, contrast, mark_inks, outside, overlaps, parsed, text_inks, texts

from analysis.charts import (
    Annotation,
    Candidate,
    Element,
    IndexReading,
    MixedMonth,
    Stage,
    TrustGroup,
    TrustItem,
    TrustReading,
)
from analysis.charts.frame import HAIR, INK, PAPER, QUIET, SOFT, ZONE
from analysis.trends import Point

WRITERS = {"id": indonesian, "en": english}

PICTURES: dict[str, Callable[[Callable[[float], str]], bytes]] = {
    "an index with everything beside it": lambda number: draw_index(
        IndexReading(
            estimate("IKM resmi", 78.74, 75.9, 81.3),
            "B",
            estimate(LONG, 77.9, 74.2, 81.0),
            estimate(UNBROKEN, 77.3),
        ),
        number,
    ),
    "an index at the top with the widest interval": lambda number: draw_index(
        IndexReading(estimate("IKM", 100, 25, 100), "A"), number
    ),
    "an index at the bottom with no width": lambda number: draw_index(
        IndexReading(estimate("IKM", 25, 25, 25), "D", estimate("Adj", 25, 25, 25)), number
    ),
    "an index on a border": lambda number: draw_index(
        IndexReading(estimate("IKM", 76.61, 60, 88.31), "B"), number
    ),
    "a profile of nine": lambda number: draw_profile(
        [
            Element(name, 50, estimate(name, 70 + 3 * i, 66 + 3 * i, 72 + 3 * i))
            for i, name in enumerate(ELEMENTS)
        ],
        number,
    ),
    "a profile of sixteen with the longest names at both ends": lambda number: draw_profile(
        [
            Element(LONG if i % 3 else UNBROKEN, 1, estimate(LONG, 25 if i % 2 else 100, 25, 100))
            for i in range(16)
        ],
        number,
    ),
    "a profile of one": lambda number: draw_profile(
        [Element("Satu", 1, estimate("Satu", 100, 100, 100))], number
    ),
    "a profile of equal ones, some withheld": lambda number: draw_profile(
        [Element(name, 9, estimate(name, 80, 80, 80)) for name in ELEMENTS]
        + [
            Element(LONG, 3, None, "kurang dari sepuluh jawaban"),
            Element(UNBROKEN, 0, None, f"tidak ada: {LONG}"),
        ],
        number,
    ),
    "a profile of withheld ones only": lambda number: draw_profile(
        [Element(name, 0, None, "tidak ada jawaban") for name in ELEMENTS], number
    ),
    "a trend at both ends with many annotations": lambda number: draw_trend(
        year(lambda i: 25 if i % 2 else 100, lambda i: (25, 100)),
        [Annotation(202501 + i // 2, LONG, i % 2 == 0) for i in range(12)],
        number,
    ),
    "a trend of one month": lambda number: draw_trend(
        [Point(202501, 100.0, 100.0, 100.0, 1, None)], [Annotation(202501, "awal")], number
    ),
    "a flat trend at the top": lambda number: draw_trend(
        year(lambda i: 100, lambda i: (78.4, 100)), [], number
    ),
    "ten years of a trend": lambda number: draw_trend(
        [Point((2016 + i // 12) * 100 + i % 12 + 1, 80 + i % 7 / 3, 78, 84, 50, None) for i in range(120)],
        [Annotation(201801 + i, "perubahan") for i in range(12)],
        number,
    ),
    "priorities of nine": lambda number: draw_priority(
        [
            Candidate(name, (i + 1) / 45, 90 - 2.5 * (i * 4 % 9), interval(i / 45, (i + 4) / 45))
            for i, name in enumerate(ELEMENTS)
        ],
        number,
    ),
    "sixteen equal priorities at the top": lambda number: draw_priority(
        [Candidate(LONG, 1 / 16, 100, interval(0, 1)) for _ in range(16)], number
    ),
    "nine equal priorities in the middle": lambda number: draw_priority(
        [Candidate(name, 1 / 9, 62.5, interval(0.1, 0.1)) for name in ELEMENTS], number
    ),
    "sixteen equal priorities at the bottom": lambda number: draw_priority(
        [Candidate(UNBROKEN, 0.0, 25, interval(0, 0)) for _ in range(16)], number
    ),
    "two opposite priorities": lambda number: draw_priority(
        [Candidate("Satu", 1.0, 25, interval(0.5, 1)), Candidate("Dua", 0.0, 100, interval(0, 0.5))], number
    ),
    "a funnel of five stages": lambda number: draw_funnel(
        stages(1_234_567, 1_100_000, 900_000, 300_000, 12_345), number
    ),
    "a funnel of one transaction": lambda number: draw_funnel(stages(1, 1, 1, 0, 0), number),
    "a mix of four modes in a year": lambda number: draw_mix(
        ("Formulir web", "SMS", LONG, UNBROKEN),
        [
            MixedMonth(f"{month} 2026", 12_345_678, (0.4, 0.3, 0.2, 0.1))
            if month != "Apr"
            else MixedMonth(f"{month} 2026", 3, (), f"jawaban terlalu sedikit: {LONG}")
            for month in MONTHS
        ],
        number,
    ),
    "a mix of two modes in months with long names": lambda number: draw_mix(
        ("a", "b"),
        [
            MixedMonth(UNBROKEN, 1, (0.0, 1.0)),
            MixedMonth(LONG, 0, (), UNBROKEN),
            MixedMonth("x", 9, (1.0, 0.0)),
        ],
        number,
    ),
    "trust at its ends": lambda number: draw_trust(
        TrustReading(
            (
                agreement("Kepercayaan", LONG, UNBROKEN, shares=(0, 0, 1), ends=(75, 100)),
                agreement("Kepercayaan", LONG, shares=(1, 0, 0), ends=(-100, -100)),
                TrustGroup(
                    LONG,
                    ("Sangat tidak setuju atau tidak setuju", LONG, "Sangat setuju atau setuju sekali"),
                    (
                        TrustItem("Netral", 1, 0, 1, 0, interval(-100, 100)),
                        TrustItem(LONG, 3, reason="kurang dari 10 jawaban"),
                    ),
                ),
            ),
            estimate(LONG, 100, 0, 100),
        ),
        number,
    ),
    "trust with an index at the bottom": lambda number: draw_trust(
        TrustReading((agreement("Satu", shares=(0.3, 0.4, 0.3), ends=(-5, 5)),), estimate("TDI", 0, 0, 0)),
        number,
    ),
}


@pytest.fixture(scope="module", params=[(name, lang) for name in PICTURES for lang in WRITERS], ids=str)
def picture(request: pytest.FixtureRequest) -> bytes:
    name, lang = request.param
    return PICTURES[name](WRITERS[lang])


def test_no_text_covers_another(picture: bytes) -> None:
    assert overlaps(picture) == []


def test_no_text_leaves_the_page(picture: bytes) -> None:
    assert len(boxes(picture)) > 1
    assert outside(picture) == []


def test_every_picture_weighs_less_than_40_kilobytes(picture: bytes) -> None:
    assert len(picture) < 40_000


def test_every_picture_has_a_role_a_title_and_a_description_first(picture: bytes) -> None:
    root = parsed(picture)
    assert root.get("role") == "img"
    assert [(child.tag, child.text) for child in list(root)[:2]] == [
        (f"{SVG}title", "Judul"),
        (f"{SVG}desc", "Uraian"),
    ]


def test_text_can_be_read_on_paper_and_on_zones(picture: bytes) -> None:
    for ink in text_inks(picture):
        assert min(contrast(ink, PAPER), contrast(ink, ZONE)) >= 4.5  # WCAG 2.2, 1.4.3


def test_every_mark_can_be_seen_except_what_only_guides_the_eye(picture: bytes) -> None:
    for ink in mark_inks(picture) - {PAPER, ZONE, HAIR}:
        assert min(contrast(ink, PAPER), contrast(ink, ZONE)) >= 3  # WCAG 2.2, 1.4.11


def test_every_ink_is_grey(picture: bytes) -> None:
    inks = mark_inks(picture) | text_inks(picture)
    assert inks <= {INK, QUIET, SOFT, HAIR, ZONE, PAPER}
    assert all(ink[1:3] == ink[3:5] == ink[5:7] for ink in inks)


def test_the_same_input_gives_the_same_bytes_in_another_process() -> None:
    names = [
        next(name for name in PICTURES if kind in name)
        for kind in ("index", "profile", "flat trend", "priorities", "funnel", "mix", "trust")
    ]
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_charts_extremes as it;"
        "sys.stdout.buffer.write(b''.join(it.PICTURES[name](it.english) for name in sys.argv[2:]))"
    )
    command = [sys.executable, "-P", "-c", code, str(Path(__file__).parent), *names]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout == b"".join(PICTURES[name](english) for name in names)


def test_numbers_are_written_as_the_language_writes_them() -> None:
    name = "an index with everything beside it"
    assert "78,74 (75,90–81,30)" in texts(PICTURES[name](indonesian))
    assert "78.74 (75.90–81.30)" in texts(PICTURES[name](english))
    funnel = "a funnel of five stages"
    assert "1.234.567" in texts(PICTURES[funnel](indonesian))
    assert "1,234,567" in texts(PICTURES[funnel](english))


HOSTILE = "</title><script>$x$ & {label} a\x00b"


def test_hostile_text_is_shown_as_text() -> None:
    shown = HOSTILE.replace("\x00", "")
    svgs = [
        draw_index(IndexReading(estimate(HOSTILE, 80))),
        draw_profile([Element(HOSTILE, 1, estimate("x", 80))]),
        draw_priority([Candidate(HOSTILE, 0.5, 80), Candidate("b", 0.5, 70)]),
        draw_funnel([Stage(HOSTILE, 1, "x")]),
        draw_trust(TrustReading((agreement(HOSTILE, shares=(0, 0, 1), ends=(0, 1)),))),
        draw_trend([Point(202501, 80.0, None, None, 1, None)], [Annotation(202501, HOSTILE)]),
        draw_mix((HOSTILE, "b"), [MixedMonth("x", 1, (0.5, 0.5))]),
    ]
    for svg in svgs:
        assert shown.replace(" ", "") in "".join(texts(svg)).replace(" ", "")
        assert not list(parsed(svg).iter(f"{SVG}script"))
