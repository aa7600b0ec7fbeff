"""The picture of importance and performance, and the places of its numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pictures import draw_priority, estimate, interval
from svg_reading import boxes, lines_of, marks, rectangles, texts

from analysis.charts import Candidate, Priority, Table
from analysis.charts.frame import INK, PAPER, ZONE
from analysis.charts.placing import Box, around, place
from analysis.errors import Contradiction, Malformed, TooFew

FOUR = [
    Candidate("Biaya", 0.10, 90, interval(0.05, 0.16)),
    Candidate("Waktu", 0.45, 70, interval(0.30, 0.60)),
    Candidate("Produk", 0.30, 88, interval(0.20, 0.42)),
    Candidate("Syarat", 0.15, 72, interval(0.08, 0.25)),
]
# Mean performance 80, an even share 0.25: only "Waktu" is important and does badly.


def test_what_is_important_and_does_badly_comes_first() -> None:
    priority = Priority(tuple(FOUR))
    assert priority.mean == 80
    assert priority.even_share == 0.25
    assert [one.name for one in priority.ordered if priority.first(one)] == ["Waktu"]


def test_an_element_on_a_line_does_not_come_first() -> None:
    priority = Priority((Candidate("a", 0.5, 70), Candidate("b", 0.5, 90)))
    assert not any(priority.first(one) for one in priority.ordered)
    level = Priority((Candidate("a", 0.9, 80), Candidate("b", 0.1, 80)))
    assert not any(level.first(one) for one in level.ordered)


def test_its_dot_is_filled_and_the_others_are_hollow() -> None:
    svg = draw_priority(FOUR)
    assert len(marks(svg, INK)) == 2  # in the picture and in the list
    assert len(marks(svg, PAPER)) == 6


def test_its_field_is_shaded_from_the_lines_to_the_corner() -> None:
    svg = draw_priority(FOUR)
    [(left, top, right, bottom)] = rectangles(svg, ZONE)
    dashed = [line for line in lines_of(svg, width="0.9") if line[3] - line[1] > 50]
    assert left == pytest.approx(dashed[0][0])
    assert right == 414
    [(x, y), _] = marks(svg, INK)
    assert left < x < right
    assert top < y < bottom
    hollow = marks(svg, PAPER)[:3]
    assert not any(left < x and top < y < bottom for x, y in hollow)


def test_its_field_is_named_inside_of_it() -> None:
    svg = draw_priority(FOUR)
    [(left, top, right, bottom)] = rectangles(svg, ZONE)
    [name, *_] = [box for box in boxes(svg) if box.words.startswith("Dahulukan")]
    assert left < name.left
    assert name.right < right
    assert top < name.top
    assert name.bottom < bottom


def test_importance_goes_to_the_right_and_performance_upwards() -> None:
    svg = draw_priority(FOUR)
    [(waktu, low), _] = marks(svg, INK)
    syarat, produk, biaya = marks(svg, PAPER)[:3]  # 72, 88, 90 from the lowest upwards
    assert biaya[0] < syarat[0] < produk[0] < waktu
    assert low > syarat[1] > produk[1] > biaya[1]
    # 0.10, 0.15, 0.30, 0.45: the distances are as 1 to 3 to 3.
    assert (produk[0] - syarat[0]) / (syarat[0] - biaya[0]) == pytest.approx(3, abs=0.01)


def test_the_line_through_a_dot_is_the_interval_of_its_importance() -> None:
    svg = draw_priority(FOUR)
    [(x, y), _] = marks(svg, INK)
    [line] = [line for line in lines_of(svg, width="1.1") if line[1] == pytest.approx(y)]
    unit = (line[2] - line[0]) / 0.30
    assert line[0] == pytest.approx(x - 0.15 * unit, abs=0.01)


def test_without_intervals_nothing_is_explained_about_them() -> None:
    svg = draw_priority([Candidate("a", 0.6, 70), Candidate("b", 0.4, 90)])
    assert not [text for text in texts(svg) if "selang" in text]
    assert lines_of(svg, width="1.1") == []


def test_the_numbers_go_from_the_lowest_performance_upwards() -> None:
    found = texts(draw_priority(FOUR))
    listed = [text for text in found if text in {"Biaya", "Waktu", "Produk", "Syarat"}]
    assert listed == ["Waktu", "Syarat", "Produk", "Biaya"]
    assert [found[found.index(name) - 1] for name in listed] == ["1", "2", "3", "4"]


def test_a_number_stands_near_its_dot() -> None:
    svg = draw_priority(FOUR)
    [(x, y), _] = marks(svg, INK)
    one = next(box for box in boxes(svg) if box.words == "1")
    assert abs((one.left + one.right) / 2 - x) < 14
    assert abs((one.top + one.bottom) / 2 - y) < 14


def test_the_table_holds_the_elements_by_number() -> None:
    table = Priority(tuple(FOUR)).table()
    assert table == Table(
        ("number", "element", "importance", "low", "high", "performance", "priority"),
        (
            (1, "Waktu", 0.45, 0.30, 0.60, 70, "first"),
            (2, "Syarat", 0.15, 0.08, 0.25, 72, None),
            (3, "Produk", 0.30, 0.20, 0.42, 88, None),
            (4, "Biaya", 0.10, 0.05, 0.16, 90, None),
        ),
    )


OTHER = Candidate("lain", 0.5, 80)


@pytest.mark.parametrize(
    ("candidates", "error", "message"),
    [
        ([], TooFew, "at least 2, there are 0"),
        ([OTHER], TooFew, "at least 2, there are 1"),
        ([OTHER, Candidate("x", 1.01, 80)], Malformed, "x: 1.01 is outside 0.0 to 1.0"),
        ([OTHER, Candidate("x", -0.01, 80)], Malformed, "outside"),
        ([OTHER, Candidate("x", 0.5, 24)], Malformed, "x: 24 is outside 25.0 to 100.0"),
        ([OTHER, Candidate("x", 0.5, float("nan"))], Malformed, "nan"),
        ([OTHER, Candidate("x", 0.5, 80, interval(-0.1, 0.6))], Malformed, "-0.1"),
        ([OTHER, Candidate("x", 0.5, 80, interval(0.6, 0.4))], Contradiction, "from 0.6 to 0.4"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    candidates: list[Candidate], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw_priority(candidates)


def test_a_share_knows_its_name() -> None:
    assert FOUR[0].share == estimate("Biaya", 0.10, 0.05, 0.16)


INSIDE = Box(0, 0, 400, 200)
DOT, LABEL = 7.0, (14.0, 12.0)


@given(st.lists(st.tuples(st.floats(10, 390), st.floats(10, 190)), min_size=1, max_size=16))
def test_no_number_covers_another_or_a_dot_or_leaves_the_plot(points: list[tuple[float, float]]) -> None:
    placed = [around(x, y, *LABEL) for x, y in place(points, [LABEL] * len(points), INSIDE, DOT)]
    dots = [around(x, y, DOT, DOT) for x, y in points]
    for position, box in enumerate(placed):
        assert box.within(INSIDE)
        assert not any(box.meets(dot) for dot in dots)
        assert not any(box.meets(other) for other in placed[:position])


def test_a_lonely_number_stands_right_above_its_dot() -> None:
    [(x, y)] = place([(200, 100)], [LABEL], INSIDE, DOT)
    assert x == 200
    assert 100 - y == pytest.approx((DOT + LABEL[1]) / 2 + 1)


def test_a_number_at_the_top_stands_below_its_dot() -> None:
    [(x, y)] = place([(200, 0)], [LABEL], INSIDE, DOT)
    assert x == pytest.approx(200)
    assert y > 0


def test_a_number_without_any_room_stands_right_above_its_dot() -> None:
    assert place([(5, 5)], [LABEL], Box(0, 0, 10, 10), DOT) == [(5, 5 - (DOT + LABEL[1]) / 2 - 1)]
