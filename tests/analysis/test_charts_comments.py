"""The picture of themes: what is drawn where, what is written beside it, and what is refused."""

import pytest
from pictures import ELEMENTS, LONG, UNBROKEN, WORDS
from svg_reading import (
    boxes,
    contrast,
    mark_inks,
    outside,
    overlaps,
    parsed,
    rectangles,
    size,
    text_inks,
    texts,
)

from analysis.charts import Table, ThemeBar, ThemeBars, themes_svg
from analysis.charts.frame import QUIET
from analysis.errors import Contradiction, NoFigure, NotACount

BARS = [
    ThemeBar("Waktu Penyelesaian", 120, 80, 30),
    ThemeBar("Perilaku Pelaksana", 60, 10, 40),
    ThemeBar("Biaya/Tarif", 12, reason="terlalu sedikit"),
]
SAMPLE = 14


def draw(*bars: ThemeBar) -> bytes:
    return themes_svg(
        ThemeBars(bars),
        **WORDS,
        ends=("negatif", "positif"),
        count_label="Komentar tentangnya",
        count=lambda count: f"{count:,}".replace(",", "."),
        remark="Yang netral hanya termasuk dalam angka di kanan.",
    )


def parts(svg: bytes, fill: str) -> list[tuple[float, float]]:
    """From where to where the parts of bars reach, without the samples and the tile of the hatching."""
    found = [(left, right) for left, _, right, _ in rectangles(svg, fill) if left >= 0]
    return [(left, right) for left, right in found if right - left != pytest.approx(SAMPLE)]


def test_unfavourable_comments_reach_left_of_the_middle_and_favourable_ones_right_on_one_scale() -> None:
    svg = draw(*BARS)
    bad, good = parts(svg, "url"), parts(svg, QUIET)
    middle = size(svg)[0] / 2
    assert [right for _, right in bad] == pytest.approx([middle, middle], abs=0.01)
    assert [left for left, _ in good] == pytest.approx([middle, middle], abs=0.01)
    unit = (middle - bad[0][0]) / 80
    assert [middle - left for left, _ in bad] == pytest.approx([80 * unit, 10 * unit], abs=0.01)
    assert [right - middle for _, right in good] == pytest.approx([30 * unit, 40 * unit], abs=0.01)
    assert unit > 1.5


def test_every_number_is_written_at_the_end_of_what_it_counts() -> None:
    svg = draw(*BARS)
    found = {text.words: text for text in boxes(svg)}
    (left, _), (_, right) = parts(svg, "url")[0], parts(svg, QUIET)[0]
    assert 0 < left - found["80"].right < 8
    assert 0 < found["30"].left - right < 8
    assert found["120"].right > found["30"].right


def test_a_theme_of_few_comments_says_why_it_has_no_bar() -> None:
    svg = draw(*BARS)
    assert len(parts(svg, "url")) == len(parts(svg, QUIET)) == 2
    assert "terlalu sedikit" in texts(svg)
    assert "12" in texts(svg)


def test_nothing_of_a_kind_is_written_as_nothing_and_takes_no_room() -> None:
    svg = draw(ThemeBar("Waktu", 40, 0, 40))
    assert parts(svg, "url") == []
    assert "0" in texts(svg)


@pytest.mark.parametrize("n", [1, 999, 1_234_567])
def test_texts_neither_leave_the_page_nor_cover_each_other(n: int) -> None:
    bars = [ThemeBar(name, n, n // 2, n - n // 2) for name in (*ELEMENTS, LONG * 2, UNBROKEN)]
    svg = draw(*bars, ThemeBar(LONG, n, reason=LONG * 3))
    assert outside(svg) == []
    assert overlaps(svg) == []


def test_it_can_be_read_in_black_and_white() -> None:
    svg = draw(*BARS)
    assert all(contrast(ink, "#ffffff") >= 7 for ink in text_inks(svg))
    assert {ink for ink in mark_inks(svg) if ink[1:3] != ink[3:5]} == set()


def test_it_says_of_itself_what_it_shows_and_is_the_same_at_every_drawing() -> None:
    svg = draw(*BARS)
    assert svg == draw(*BARS)
    assert [child.text for child in parsed(svg)][:2] == [WORDS["title"], WORDS["description"]]


def test_the_table_holds_every_number_and_every_reason() -> None:
    assert ThemeBars(tuple(BARS)).table() == Table(
        ("theme", "n", "negative", "positive", "reason"),
        (
            ("Waktu Penyelesaian", 120, 80, 30, None),
            ("Perilaku Pelaksana", 60, 10, 40, None),
            ("Biaya/Tarif", 12, None, None, "terlalu sedikit"),
        ),
    )


@pytest.mark.parametrize(
    ("bars", "error", "message"),
    [
        ([], NoFigure, "no theme"),
        ([BARS[2]], NoFigure, "no theme"),
        ([ThemeBar("Waktu", 10, 6, 5)], Contradiction, "Waktu: 6 and 5 of 10"),
        ([ThemeBar("Waktu", -1)], NotACount, "Waktu: -1"),
        ([ThemeBar("Waktu", 10, 2.5, 1)], NotACount, "Waktu: 2.5"),
        ([*BARS, ThemeBar("Waktu", 10, -2, 1)], NotACount, "Waktu: -2"),
    ],
)
def test_what_cannot_be_drawn_is_refused(bars: list[ThemeBar], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw(*bars)
