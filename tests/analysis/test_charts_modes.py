"""The picture of the mix of modes by month."""

import pytest
from pictures import draw_mix
from svg_reading import boxes, rectangles, texts

from analysis.charts import Mix, MixedMonth, Table
from analysis.charts.frame import PAPER, QUIET, SOFT
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount

THREE = ("Formulir web", "SMS", "Kios")
MONTHS = [
    MixedMonth("Jan 2026", 200, (0.5, 0.25, 0.25)),
    MixedMonth("Feb 2026", 3, (), "jawaban terlalu sedikit"),
    MixedMonth("Mar 2026", 1_050, (0.25, 0.75, 0.0)),
]
SAMPLE = 14


def parts(svg: bytes, fill: str) -> list[tuple[float, float]]:
    """Start and length of the parts of this fill, without the sample above them, in the order of drawing."""
    found = [(left, right - left) for left, top, right, bottom in rectangles(svg, fill) if bottom - top < 14]
    return [one for one in found if one[1] != pytest.approx(SAMPLE)]


def test_a_bar_is_parted_by_the_shares_in_the_order_of_the_modes() -> None:
    svg = draw_mix(THREE, MONTHS)
    (web, other), (first, second) = parts(svg, QUIET), [one for one in parts(svg, "url") if one[1] > 0]
    whole = 2 * web[1]
    assert web[1] == pytest.approx(2 * other[1], abs=0.01)
    assert first == pytest.approx((web[0] + whole / 2, whole / 4), abs=0.01)
    assert second == pytest.approx((web[0] + whole / 4, 3 * whole / 4), abs=0.01)


def test_a_mode_nobody_used_in_a_month_takes_no_room() -> None:
    plain = [one for one in parts(draw_mix(THREE, MONTHS), PAPER) if one[1] < 300]
    assert len(plain) == 1


def test_every_mode_has_its_name_beside_a_sample_and_every_month_its_number() -> None:
    found = texts(draw_mix(THREE, MONTHS))
    assert found[:3] == list(THREE)
    assert {"Jan 2026", "Feb 2026", "Mar 2026", "200", "3", "1.050", "Jawaban"} <= set(found)
    assert "0\u00a0%" in found
    assert "100\u00a0%" in found


def test_a_month_without_shares_says_why_in_place_of_its_bar() -> None:
    svg = draw_mix(THREE, MONTHS)
    (reason,) = [text for text in boxes(svg) if text.words == "jawaban terlalu sedikit"]
    (month,) = [text for text in boxes(svg) if text.words == "Feb 2026"]
    assert reason.top == pytest.approx(month.top)
    # The tile of the hatching is drawn nowhere; it begins left of the page.
    bars = [bar for bar in rectangles(svg, QUIET) if bar[0] >= 0]
    assert len(bars) == 3
    assert [bar for bar in bars if bar[1] < reason.bottom and reason.top < bar[3]] == []


def test_the_fourth_mode_is_told_from_the_first_without_colour() -> None:
    svg = draw_mix((*THREE, "Impor"), [MixedMonth("Jan", 9, (0.25, 0.25, 0.25, 0.25))])
    assert len(parts(svg, SOFT)) == len(parts(svg, QUIET)) == 1


def test_the_table_holds_every_share_and_every_reason() -> None:
    assert Mix(THREE, tuple(MONTHS)).table() == Table(
        ("month", "n", "share_of_1", "share_of_2", "share_of_3", "reason"),
        (
            ("Jan 2026", 200, 0.5, 0.25, 0.25, None),
            ("Feb 2026", 3, None, None, None, "jawaban terlalu sedikit"),
            ("Mar 2026", 1050, 0.25, 0.75, 0.0, None),
        ),
    )


@pytest.mark.parametrize(
    ("modes", "months", "error", "message"),
    [
        (THREE, [], NoFigure, "no month"),
        (THREE, [MONTHS[1]], NoFigure, "no month"),
        (THREE[:1], [MixedMonth("Jan", 9, (1.0,))], Malformed, "1 modes"),
        (THREE * 2, [MixedMonth("Jan", 9, (1.0, 0, 0, 0, 0, 0))], Malformed, "6 modes"),
        (THREE, [MixedMonth("Jan", 9, (0.5, 0.5))], Malformed, "Jan: 2 shares of 3 modes"),
        (THREE, [MixedMonth("Jan", 9, (0.5, 0.5, 0.0), "x")], Malformed, "either shares or a reason"),
        (THREE, [MONTHS[0], MixedMonth("Jan", 9)], Malformed, "either shares or a reason"),
        (THREE, [MixedMonth("Jan", 9, (1.5, -0.5, 0.0))], Malformed, "1.5"),
        (THREE, [MixedMonth("Jan", 9, (float("nan"), 0.5, 0.5))], Malformed, "nan"),
        (THREE, [MixedMonth("Jan", 9, (0.5, 0.2, 0.2))], Contradiction, "sum to 0.9"),
        (THREE, [MixedMonth("Jan", -1, (0.5, 0.25, 0.25))], NotACount, "Jan: -1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    modes: tuple[str, ...], months: list[MixedMonth], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw_mix(modes, months)
