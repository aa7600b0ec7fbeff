"""The picture of one index against the grades."""

from dataclasses import replace

import pytest
from pictures import GRADES, WORDS, draw_index, english, estimate, indonesian
from svg_reading import boxes, lines_of, marks, size, texts

from analysis.charts import Estimate, IndexReading, Table, index_svg
from analysis.charts.frame import INK, PAPER
from analysis.errors import Contradiction, Malformed
from analysis.intervals import Interval

# Sekadau's published matrix: 78.74, and 77.30 without the element "cost".
SEKADAU = IndexReading(
    estimate("IKM resmi", 78.74, 75.9, 81.3),
    "B",
    adjusted=estimate("Disesuaikan", 77.9, 74.2, 81.0),
    without_cost=estimate("Tanpa unsur biaya", 77.3),
)
PLOT = (6, 414)


def across(value: float) -> float:
    """Where a value stands on the whole scale."""
    return PLOT[0] + (value - 25) / 75 * (PLOT[1] - PLOT[0])


def test_a_dot_stands_where_its_value_is_on_the_whole_scale() -> None:
    [dot, *_] = marks(draw_index(SEKADAU), INK)
    assert dot[0] == pytest.approx(across(78.74), abs=0.01)


def test_the_line_through_a_dot_reaches_from_end_to_end_of_its_interval() -> None:
    official, adjusted, _key = lines_of(draw_index(SEKADAU), width="1.6")
    assert official[0::2] == pytest.approx((across(75.9), across(81.3)), abs=0.01)
    assert adjusted[0::2] == pytest.approx((across(74.2), across(81.0)), abs=0.01)


def test_a_figure_beside_the_official_one_is_hollow() -> None:
    svg = draw_index(SEKADAU)
    hollow = [x for x, _ in marks(svg, PAPER)]
    assert hollow[:2] == pytest.approx([across(77.9), across(77.3)], abs=0.01)
    assert len(hollow) == 4  # two in the picture, two in the list


def test_without_figures_beside_it_nothing_is_hollow() -> None:
    assert marks(draw_index(IndexReading(SEKADAU.official, "B")), PAPER) == []


def test_a_figure_without_an_interval_has_no_line() -> None:
    svg = draw_index(IndexReading(estimate("IKM", 80)))
    assert len(lines_of(svg, width="1.6")) == 1  # that of the explanation


def test_the_figures_are_listed_with_their_intervals() -> None:
    found = texts(draw_index(SEKADAU))
    assert "78,74 (75,90–81,30)" in found
    assert "77,90 (74,20–81,00)" in found
    assert "77,30" in found


def test_the_value_is_written_in_bold_above_its_dot() -> None:
    svg = draw_index(SEKADAU)
    [value] = [box for box in boxes(svg) if box.words == "78,74"]
    [dot, *_] = marks(svg, INK)
    assert value.bold
    assert value.left < dot[0] < value.right
    assert value.bottom < dot[1]


def test_only_the_grade_of_the_index_is_written_in_bold() -> None:
    letters = {box.words: box.bold for box in boxes(draw_index(SEKADAU)) if box.words in "ABCD"}
    assert letters == {"A": False, "B": True, "C": False, "D": False}


def test_an_index_without_a_grade_has_no_letter_in_bold() -> None:
    letters = [box.bold for box in boxes(draw_index(IndexReading(SEKADAU.official))) if box.words in "ABCD"]
    assert letters == [False] * 4


def test_every_border_of_a_grade_is_written_below() -> None:
    found = texts(draw_index(SEKADAU))
    assert {"25,00", "65,00", "76,61", "88,31", "100,00"} <= set(found)


def test_borders_can_be_written_shorter_than_values() -> None:
    found = texts(
        index_svg(
            SEKADAU,
            **WORDS,
            heading="IKM",
            level_text="",
            number=indonesian,
            tick=lambda value: f"{value:g}",
            bands=GRADES,
        )
    )
    assert {"25", "65", "76.61", "88.31", "100", "78,74"} <= set(found)


def test_the_picture_of_one_figure_is_lower_than_200_units() -> None:
    assert size(draw_index(IndexReading(SEKADAU.official, "B")))[1] < 200


def test_the_table_holds_the_figures_of_the_picture() -> None:
    assert SEKADAU.table() == Table(
        ("figure", "value", "low", "high"),
        (
            ("IKM resmi", 78.74, 75.9, 81.3),
            ("Disesuaikan", 77.9, 74.2, 81.0),
            ("Tanpa unsur biaya", 77.3, None, None),
        ),
    )


def test_an_interval_may_lie_beside_its_value() -> None:
    # A bootstrap interval can.
    assert "80.00 (81.00–82.00)" in texts(draw_index(IndexReading(estimate("x", 80, 81, 82)), english))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (estimate("IKM", 100.01), Malformed, "IKM: 100.01 is outside 25.0 to 100.0"),
        (estimate("IKM", 24.99), Malformed, "outside"),
        (estimate("IKM", float("nan")), Malformed, "outside"),
        (estimate("IKM", float("inf")), Malformed, "outside"),
        (Estimate("IKM", True), Malformed, "True is not a number"),
        (Estimate("IKM", "80"), Malformed, "'80' is not a number"),  # type: ignore[arg-type]
        (estimate("IKM", 80, 24, 90), Malformed, "24 is outside"),
        (estimate("IKM", 80, 70, float("nan")), Malformed, "outside"),
        (Estimate("IKM", 80, Interval(90, 70, 0.95, "t")), Contradiction, "an interval from 90 to 70"),
    ],
)
@pytest.mark.parametrize("place", ["official", "adjusted", "without_cost"])
def test_a_figure_that_cannot_be_is_refused_wherever_it_stands(
    wrong: Estimate, error: type[Exception], message: str, place: str
) -> None:
    reading = replace(SEKADAU, **{place: wrong})  # type: ignore[arg-type]
    with pytest.raises(error, match=message):
        draw_index(reading)


@pytest.mark.parametrize(
    ("bands", "error"),
    [
        ([(25.0, 25.0, "D")], Malformed),
        ([(65.0, 25.0, "D")], Malformed),
        ([(25.0, float("nan"), "D")], Malformed),
        ([(25.0, 70.0, "D"), (65.0, 100.0, "C")], Contradiction),
    ],
)
def test_zones_that_cannot_be_are_refused(
    bands: list[tuple[float, float, str]], error: type[Exception]
) -> None:
    with pytest.raises(error, match="zone"):
        index_svg(SEKADAU, title="", description="", heading="", level_text="", number=str, bands=bands)
