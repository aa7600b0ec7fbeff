"""The picture of the way from transactions to answers."""

import pytest
from pictures import draw_funnel
from svg_reading import rectangles, texts

from analysis.charts import Funnel, Stage, Table
from analysis.charts.frame import QUIET, SOFT, ZONE
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount

FIVE = [
    Stage("Transaksi", 12_480, "dari transaksi", "Semua layanan yang selesai."),
    Stage("Diundang", 11_320, "dari yang diundang", "Transaksi yang pelanggannya diundang."),
    Stage("Terkirim", 10_890),
    Stage("Dibuka", 5_210),
    Stage("Dijawab", 3_015, "", "Tanggapan yang sah."),
]


def widths(svg: bytes, fill: str) -> list[float]:
    return [right - left for left, _, right, bottom in rectangles(svg, fill) if bottom > 0]


def test_a_bar_is_as_long_as_its_share_of_all_transactions() -> None:
    svg = draw_funnel(FIVE)
    assert widths(svg, QUIET) == pytest.approx([408, 408 * 11320 / 12480, 408 * 3015 / 12480], abs=0.01)
    assert widths(svg, SOFT) == pytest.approx([408 * 10890 / 12480, 408 * 5210 / 12480], abs=0.01)


def test_what_was_lost_stays_in_sight() -> None:
    assert widths(draw_funnel(FIVE), ZONE) == [408] * 5


def test_every_stage_has_its_count() -> None:
    assert {"12.480", "11.320", "10.890", "5.210", "3.015"} <= set(texts(draw_funnel(FIVE)))


def test_every_share_says_what_it_is_a_share_of() -> None:
    found = texts(draw_funnel(FIVE))
    assert "91\u00a0% dari transaksi" in found
    assert "87\u00a0% dari transaksi · 96\u00a0% dari yang diundang" in found
    assert "24\u00a0% dari transaksi · 27\u00a0% dari yang diundang" in found


def test_the_three_denominators_are_told_in_words() -> None:
    found = texts(draw_funnel(FIVE))
    assert {stage.definition for stage in FIVE if stage.definition} <= set(found)


def test_stages_between_may_be_left_out() -> None:
    svg = draw_funnel([FIVE[0], FIVE[1], FIVE[-1]])
    assert widths(svg, SOFT) == []
    assert len(widths(svg, QUIET)) == 3


def test_nobody_answering_is_a_figure_and_not_an_error() -> None:
    svg = draw_funnel([*FIVE[:2], Stage("Dijawab", 0)])
    assert "0\u00a0% dari transaksi · 0\u00a0% dari yang diundang" in texts(svg)
    assert widths(svg, QUIET)[-1] == 0


def test_nothing_is_a_share_of_an_empty_stage() -> None:
    funnel = Funnel((Stage("a", 5, "of a"), Stage("b", 0, "of b"), Stage("c", 0)))
    assert funnel.shares(2) == (("of a", 0.0),)
    assert funnel.table().rows[2] == ("c", 0, 0.0, None, None)


def test_the_table_holds_every_share_of_every_denominator() -> None:
    table = Funnel((FIVE[0], FIVE[1], FIVE[2], FIVE[-1])).table()
    assert table == Table(
        ("stage", "count", "share_of_1", "share_of_2", "definition"),
        (
            ("Transaksi", 12480, None, None, "Semua layanan yang selesai."),
            ("Diundang", 11320, 11320 / 12480, None, "Transaksi yang pelanggannya diundang."),
            ("Terkirim", 10890, 10890 / 12480, 10890 / 11320, None),
            ("Dijawab", 3015, 3015 / 12480, 3015 / 11320, "Tanggapan yang sah."),
        ),
    )


@pytest.mark.parametrize(
    ("stages", "error", "message"),
    [
        ([], NoFigure, "no stages"),
        ([Stage("a", 0, "of a")], NoFigure, "no transactions"),
        ([Stage("a", 5)], Malformed, "a: the first stage"),
        ([Stage("a", 5, "of a"), Stage("b", 6)], Contradiction, "b: 6 of 5 in a"),
        ([Stage("a", -5, "of a")], NotACount, "a: -5"),
        ([Stage("a", True, "of a")], NotACount, "True"),
        ([Stage("a", 5.0, "of a")], NotACount, "5.0"),  # type: ignore[arg-type]
        ([Stage("a", "5", "of a")], NotACount, "'5'"),  # type: ignore[arg-type]
        ([Stage("a", 5, "of a"), Stage("b", float("nan"))], NotACount, "nan"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_drawn_is_refused(stages: list[Stage], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw_funnel(stages)
