"""The picture of trust and its drivers."""

import pytest
from pictures import draw_trust, estimate, interval
from svg_reading import lines_of, marks, rectangles, texts

from analysis.charts import TrustGroup, TrustItem, TrustReading
from analysis.charts.frame import INK, PAPER, QUIET
from analysis.errors import Contradiction, Malformed, NoFigure, NotACount

AGREEMENT = ("Tidak setuju", "Netral", "Setuju")
# OECD Trust Survey 2021, national government: 41.4 % trust, 14.8 % neutral, 41.1 % do not, and the rest do
# not know; here the rest counts as neutral.
OECD = TrustItem("Pemerintah", 50_000, 0.411, 0.175, 0.414, interval(-0.6, 1.2))
DRIVER = TrustItem("Keandalan", 310, 0.10, 0.15, 0.75, interval(58, 72))
WITHHELD = TrustItem("Keadilan", 8, reason="kurang dari 10 jawaban")
READING = TrustReading(
    (
        TrustGroup("Tingkat", AGREEMENT, (OECD,)),
        TrustGroup(
            "Perubahan", ("Menurun", "Tetap", "Meningkat"), (TrustItem("Kini", 300, 0.05, 0.55, 0.4),)
        ),
        TrustGroup("Pendorong", AGREEMENT, (DRIVER, WITHHELD)),
    ),
    estimate("Indeks pendorong", 71.2, 68, 74.1),
)
MIDDLE = 210


def one(item: TrustItem) -> TrustReading:
    return TrustReading((TrustGroup("Tingkat", AGREEMENT, (item,)),))


def segments(svg: bytes, fill: str) -> list[tuple[float, float]]:
    """Ends of the parts of bars of this fill.

    Samples beside the words are narrower than 15, a hatch is drawn from below zero on, and the page is wider.
    """
    found = [(left, right) for left, _, right, _ in rectangles(svg, fill)]
    return [(left, right) for left, right in found if right - left > 15 and left > 0 and right < 410]


def test_the_net_is_agreement_minus_disagreement_in_points() -> None:
    assert OECD.net == pytest.approx(0.3)
    assert DRIVER.net == pytest.approx(65)


def test_the_neutral_answers_lie_astride_the_middle() -> None:
    [(left, right)] = segments(draw_trust(one(TrustItem("x", 9, 0.3, 0.4, 0.3))), PAPER)
    assert (left + right) / 2 == pytest.approx(MIDDLE)


def test_the_parts_of_a_bar_are_as_long_as_their_shares() -> None:
    svg = draw_trust(one(TrustItem("x", 9, 0.3, 0.2, 0.5)))
    [neutral] = segments(svg, PAPER)
    [agree] = segments(svg, QUIET)
    [disagree] = segments(svg, "url")
    unit = (neutral[1] - neutral[0]) / 0.2
    assert agree == pytest.approx((neutral[1], neutral[1] + 0.5 * unit), abs=0.01)
    assert disagree == pytest.approx((neutral[0] - 0.3 * unit, neutral[0]), abs=0.01)


def test_disagreement_is_hatched_and_agreement_is_filled() -> None:
    assert segments(draw_trust(one(TrustItem("x", 9, 1, 0, 0))), QUIET) == []
    assert segments(draw_trust(one(TrustItem("x", 9, 0, 0, 1))), "url") == []


def test_the_same_share_is_equally_long_in_every_picture() -> None:
    alone = segments(draw_trust(one(TrustItem("x", 9, 0, 0, 1))), QUIET)
    among = draw_trust(TrustReading((TrustGroup("a", AGREEMENT, (TrustItem("x", 9, 0, 0, 1), DRIVER)),)))
    assert segments(among, QUIET)[0] == pytest.approx(alone[0])


def test_the_net_is_written_with_its_interval_and_the_number_of_answers() -> None:
    assert "selisih +65 (+58 sampai +72), n = 310" in texts(draw_trust(READING))


def test_a_net_without_an_interval_is_written_alone() -> None:
    assert "+35" in texts(draw_trust(READING))


def test_the_shares_of_both_ends_are_written_beside_the_bar() -> None:
    found = texts(draw_trust(one(DRIVER)))
    assert {"10\u00a0%", "75\u00a0%"} <= set(found)
    assert "15\u00a0%" not in found


def test_every_group_names_its_own_answers() -> None:
    found = texts(draw_trust(READING))
    assert found.count("Tidak setuju") == 2
    assert {"Menurun", "Tetap", "Meningkat"} <= set(found)


def test_withheld_answers_give_their_reason_and_no_bar() -> None:
    svg = draw_trust(one(WITHHELD))
    assert "kurang dari 10 jawaban" in texts(svg)
    assert segments(svg, QUIET) == []


def test_the_driver_index_is_a_dot_with_its_interval_on_a_scale_of_its_own() -> None:
    svg = draw_trust(READING)
    assert "71,20 (68,00–74,10)" in texts(svg)
    [(x, y)] = marks(svg, INK)
    [line] = lines_of(svg, width="1.6")
    [ground] = [line for line in lines_of(svg, width="0.8") if line[1] == line[3] == pytest.approx(y)]
    unit = (ground[2] - ground[0]) / 100
    assert x == pytest.approx(ground[0] + 71.2 * unit, abs=0.01)
    assert line[0::2] == pytest.approx((ground[0] + 68 * unit, ground[0] + 74.1 * unit), abs=0.01)


def test_without_an_index_there_is_no_dot() -> None:
    assert marks(draw_trust(one(DRIVER)), INK) == []


def test_the_table_holds_every_item_and_the_index() -> None:
    table = READING.table()
    assert table.columns == (
        "group",
        "item",
        "disagree",
        "neutral",
        "agree",
        "net",
        "low",
        "high",
        "n",
        "reason",
    )
    assert table.rows[2] == ("Pendorong", "Keandalan", 0.10, 0.15, 0.75, 65.0, 58, 72, 310, None)
    assert table.rows[3] == ("Pendorong", "Keadilan", *[None] * 6, 8, "kurang dari 10 jawaban")
    assert table.rows[4] == (None, "Indeks pendorong", None, None, None, 71.2, 68, 74.1, None, None)
    assert {len(row) for row in table.rows} == {len(table.columns)}


@pytest.mark.parametrize(
    ("reading", "error", "message"),
    [
        (TrustReading(()), NoFigure, "without items"),
        (TrustReading((TrustGroup("a", AGREEMENT, ()),)), NoFigure, "without items"),
        (one(TrustItem("x", 9, 0.5, 0.1, 0.5)), Contradiction, "x: shares that sum to 1.1"),
        (one(TrustItem("x", 9, 0.5, 0.1, 0.3)), Contradiction, "sum to 0.9"),
        (one(TrustItem("x", 9, -0.1, 0.6, 0.5)), Malformed, "-0.1 is outside 0.0 to 1.0"),
        (one(TrustItem("x", 9, 0, float("nan"), 1)), Malformed, "nan"),
        (one(TrustItem("x", 9, 41.1, 14.8, 44.1)), Malformed, "41.1"),
        (one(TrustItem("x", 9, 0, 0, 1, interval(90, 101))), Malformed, "101"),
        (one(TrustItem("x", 9, 0, 0, 1, interval(90, 80))), Contradiction, "from 90 to 80"),
        (one(TrustItem("x", -9, 0, 0, 1)), NotACount, "-9"),
        (TrustReading(one(DRIVER).groups, estimate("i", 101)), Malformed, "i: 101 is outside 0.0 to 100.0"),
    ],
)
def test_what_cannot_be_drawn_is_refused(reading: TrustReading, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw_trust(reading)
