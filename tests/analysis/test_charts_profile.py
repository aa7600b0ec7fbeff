"""The picture of the elements, lowest first."""

import pytest
from pictures import ELEMENTS, GRADES, WORDS, draw_profile, english, estimate, indonesian
from svg_reading import boxes, lines_of, marks, texts

from analysis.charts import Element, Estimate, Profile, Table, profile_svg
from analysis.charts.frame import INK
from analysis.errors import Malformed, NoFigure, NotACount


def element(name: str, value: float, *ends: float) -> Element:
    return Element(name, 50, estimate(name, value, *ends))


THREE = [element("Biaya", 90, 86, 94), element("Waktu", 72, 68, 76), element("Produk", 80, 76, 83)]
WITHHELD = Element("Pengaduan", 3, None, "kurang dari sepuluh jawaban")


def names(svg: bytes) -> list[str]:
    return [box.words for box in boxes(svg) if box.words in {"Biaya", "Waktu", "Produk", "Pengaduan"}]


def test_the_lowest_element_stands_first() -> None:
    svg = draw_profile(THREE)
    assert names(svg) == ["Waktu", "Produk", "Biaya"]
    down = {box.words: box.top for box in boxes(svg)}
    assert down["Waktu"] < down["Produk"] < down["Biaya"]


def test_equal_elements_keep_the_order_they_were_given_in() -> None:
    equal = [element(name, 80) for name in ("Produk", "Biaya", "Waktu")]
    assert names(draw_profile(equal)) == ["Produk", "Biaya", "Waktu"]


def test_a_lower_value_stands_to_the_left() -> None:
    dots = [x for x, _ in marks(draw_profile(THREE), INK)[:3]]
    assert dots == sorted(dots)
    # 72, 80, 90: the distances are as 8 to 10.
    assert (dots[1] - dots[0]) / (dots[2] - dots[1]) == pytest.approx(0.8, abs=0.001)


def test_the_line_through_a_dot_is_its_interval_on_the_same_scale() -> None:
    svg = draw_profile(THREE)
    dots = [x for x, _ in marks(svg, INK)[:3]]
    unit = (dots[2] - dots[0]) / (90 - 72)
    ends = [line[0::2] for line in lines_of(svg, width="1.6")]
    assert ends[0] == pytest.approx((dots[0] - 4 * unit, dots[0] + 4 * unit), abs=0.01)
    assert ends[1] == pytest.approx((dots[1] - 4 * unit, dots[1] + 3 * unit), abs=0.01)


def test_every_value_is_written_beside_its_dot() -> None:
    svg = draw_profile(THREE, english)
    written = [box for box in boxes(svg) if box.words in {"72.00", "80.00", "90.00"} and box.left > 350]
    assert [box.words for box in written] == ["72.00", "80.00", "90.00"]
    for box, (_, y) in zip(written, marks(svg, INK), strict=False):
        assert box.top < y < box.bottom


def test_the_axis_says_which_part_of_the_scale_it_shows() -> None:
    assert "Nilai unsur (60,00–100,00)" in texts(draw_profile(THREE))


def test_grades_in_sight_are_labelled_above() -> None:
    top = {box.words: box.top for box in boxes(draw_profile(THREE)) if box.words in "ABCD"}
    assert set(top) >= {"A", "B", "C"}
    assert max(top.values()) < min(box.top for box in boxes(draw_profile(THREE)) if box.words == "Waktu")


def test_the_long_name_of_an_element_is_broken_into_lines() -> None:
    found = texts(draw_profile([element(ELEMENTS[-1], 80)]))
    assert "Penanganan" in found
    assert " ".join(found).find(ELEMENTS[-1]) >= 0


def test_a_withheld_element_is_listed_last_with_its_reason() -> None:
    svg = draw_profile([WITHHELD, *THREE])
    assert names(svg)[-1] == "Pengaduan"
    assert "kurang dari sepuluh jawaban" in " ".join(texts(svg))
    assert len(marks(svg, INK)) == 4  # three elements and the explanation


def test_without_any_figure_there_is_no_axis() -> None:
    svg = draw_profile([WITHHELD])
    assert marks(svg, INK) == []
    assert not {"A", "B", "C", "D"} & set(texts(svg))


def test_the_axis_can_be_written_shorter_than_values() -> None:
    svg = profile_svg(
        Profile(tuple(THREE)),
        **WORDS,
        axis_label="Nilai",
        level_text="",
        number=indonesian,
        tick=lambda value: f"{value:.0f}",
    )
    assert "Nilai (60–100)" in texts(svg)
    assert "72,00" in texts(svg)


def test_the_table_holds_the_elements_in_the_order_of_the_picture() -> None:
    assert Profile((WITHHELD, *THREE)).table() == Table(
        ("element", "value", "low", "high", "n", "reason"),
        (
            ("Waktu", 72, 68, 76, 50, None),
            ("Produk", 80, 76, 83, 50, None),
            ("Biaya", 90, 86, 94, 50, None),
            ("Pengaduan", None, None, None, 3, "kurang dari sepuluh jawaban"),
        ),
    )


@pytest.mark.parametrize(
    ("elements", "error", "message"),
    [
        ([], NoFigure, "no elements"),
        ([Element("x", 0)], Malformed, "x: either a figure or a reason"),
        ([Element("x", 5, estimate("x", 80), "sedikit")], Malformed, "either"),
        ([Element("x", -1, estimate("x", 80))], NotACount, "x: -1"),
        ([Element("x", 5.0, estimate("x", 80))], NotACount, "5.0"),  # type: ignore[arg-type]
        ([Element("x", True, estimate("x", 80))], NotACount, "True"),
        ([element("x", 101)], Malformed, "x: 101 is outside 25.0 to 100.0"),
        ([Element("x", 5, Estimate("x", float("nan")))], Malformed, "nan"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    elements: list[Element], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        draw_profile(elements)


def test_zones_may_be_left_out() -> None:
    svg = profile_svg(Profile(tuple(THREE)), **WORDS, axis_label="x", level_text="", number=str)
    assert not {letter for _, _, letter in GRADES} & set(texts(svg))
