import re
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from svg_reading import boxes, lines_of

from analysis.charts import Annotation, Table, trend_svg, trend_table
from analysis.errors import Contradiction, Malformed, NoFigure
from analysis.trends import Point

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
GRADES = [(25.0, 65.0, "D"), (65.0, 76.61, "C"), (76.61, 88.31, "B"), (88.31, 100.0, "A")]


def number(value):
    return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def point(period, value, low=None, high=None):
    return Point(period, value, low, high, 50, None if value is not None else "no answers")


YEAR = [point(202501 + i, 78 + i, 75 + i, 80.5 + i) for i in range(12)]


def draw(points=YEAR, **changes):
    arguments = {
        "title": "Indeks per bulan",
        "description": "Indeks naik dari 78 menjadi 89.",
        "y_label": "IKM",
        "level_text": "Selang kepercayaan 95 %",
        "month_names": MONTHS,
        "number": number,
    }
    return trend_svg(points, **arguments | changes)


def parsed(svg):
    return ElementTree.fromstring(svg)


def texts(svg):
    found = ("".join(element.itertext()).strip() for element in parsed(svg).iter(f"{SVG}text"))
    return [text for text in found if text]


def lines(svg):
    """The polylines of the values: the paths drawn with the widest pen."""
    return [
        re.findall(r"[ML] [-\d.]+ [-\d.]+", path.get("d"))
        for path in parsed(svg).iter(f"{SVG}path")
        if "stroke-width: 1.5" in path.get("style", "")
    ]


def test_the_same_input_gives_the_same_bytes():
    assert draw(bands=GRADES) == draw(bands=GRADES)


def test_the_order_of_the_points_does_not_matter():
    assert draw(YEAR[::-1]) == draw(YEAR)


def test_the_bytes_are_the_same_in_another_process():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import test_charts;"
        "sys.stdout.buffer.write(test_charts.draw(bands=test_charts.GRADES))"
    )
    command = [sys.executable, "-P", "-c", code, str(__file__).rpartition("/")[0]]
    assert subprocess.run(command, capture_output=True, check=True).stdout == draw(bands=GRADES)


def test_the_picture_has_a_role_a_title_and_a_description_first():
    root = parsed(draw())
    assert root.get("role") == "img"
    assert [(child.tag, child.text) for child in list(root)[:2]] == [
        (f"{SVG}title", "Indeks per bulan"),
        (f"{SVG}desc", "Indeks naik dari 78 menjadi 89."),
    ]


def test_the_picture_carries_no_date_and_no_address_of_its_maker():
    svg = draw().decode()
    assert "<metadata" not in svg
    assert "matplotlib.org" not in svg


def test_letters_stay_text_in_a_generic_font():
    svg = draw().decode()
    assert "sans-serif" in svg
    assert "DejaVu" not in svg
    assert "IKM (70–95)" in texts(draw())


@pytest.mark.parametrize(
    "hostile", ["</title><script>alert(1)</script>", "$\\frac{", "a & b < c", "{label}", "]]>"]
)
def test_hostile_text_is_shown_as_text(hostile):
    svg = draw(
        title=hostile,
        description=hostile,
        y_label=hostile,
        level_text=hostile,
        bands=[(25.0, 100.0, hostile)],
    )
    root = parsed(svg)
    assert root.find(f"{SVG}title").text == hostile
    assert root.find(f"{SVG}desc").text == hostile
    assert texts(svg).count(hostile) == 2
    assert f"{hostile} (70–95)" in texts(svg)
    assert not list(root.iter(f"{SVG}script"))


def test_characters_that_no_document_may_hold_are_dropped():
    assert parsed(draw(title="a\x00b\x1b\ud800\ufffec😀")).find(f"{SVG}title").text == "abc😀"
    assert "IKM (70–95)" in texts(draw(y_label="I\x00K\x08M"))


def test_the_axis_shows_a_readable_part_and_says_which():
    svg = draw(axis_text="{label}: bagian {low} sampai {high}")
    assert "IKM: bagian 70 sampai 95" in texts(svg)
    assert {"70", "75", "80", "85", "90", "95"} <= set(texts(svg))


def test_the_axis_contains_every_interval():
    assert "IKM (20–100)" not in texts(draw([point(202501, 60.0, 25.0, 100.0)]))
    assert "IKM (25–100)" in texts(draw([point(202501, 60.0, 25.0, 100.0)]))


def test_a_narrow_range_is_not_blown_up():
    still = [point(202501 + i, 80 + i / 100, 79.9, 80.1) for i in range(6)]
    [label] = [text for text in texts(draw(still)) if text.startswith("IKM")]
    low, high = map(int, re.findall(r"\d+", label))
    assert high - low >= 15


def test_a_month_without_a_value_leaves_a_gap():
    gap = [*YEAR[:4], point(202505, None), *YEAR[5:]]
    assert [len(run) for run in lines(draw(YEAR))] == [12]
    assert [len(run) for run in lines(draw(gap))] == [4, 7]


def test_a_month_that_is_not_given_leaves_a_gap():
    assert [len(run) for run in lines(draw(YEAR[:4] + YEAR[5:]))] == [4, 7]


def test_december_and_january_are_neighbours():
    assert [len(run) for run in lines(draw([point(202412, 80.0), point(202501, 81.0)]))] == [2]


def test_the_latest_value_is_written_beside_its_point():
    svg = draw([*YEAR, point(202601, None)])
    assert "89" in texts(svg)


def test_months_are_named_with_the_year_at_the_first_and_at_each_january():
    found = texts(draw([point(202411 + i if i < 2 else 202499 + i, 80.0) for i in range(5)]))
    assert found[found.index("Nov") :][:7] == ["Nov", "2024", "Des", "Jan", "2025", "Feb", "Mar"]


def test_many_months_are_named_sparingly():
    decade = [point((2016 + i // 12) * 100 + i % 12 + 1, 80.0) for i in range(120)]
    found = texts(draw(decade))
    assert not set(MONTHS) & set(found)
    assert 4 <= sum(text in map(str, range(2016, 2026)) for text in found) <= 8


def test_only_bands_in_sight_are_labelled():
    labels = set(texts(draw(bands=GRADES))) & {"A", "B", "C", "D"}
    assert labels == {"A", "B", "C"}


def test_months_without_any_value_still_make_a_picture():
    svg = draw([point(202501, None), point(202502, None)], bands=GRADES)
    assert lines(svg) == []
    assert "IKM (25–100)" in texts(svg)


def test_sentiment_is_drawn_on_its_own_scale():
    svg = draw([point(202501, 0.1, -0.2, 0.4), point(202502, 0.2, 0.0, 0.4)], bounds=(-1.0, 1.0))
    assert "IKM (-0,4–0,6)" in texts(svg)


def test_long_explanations_are_broken_into_lines():
    words = "Garis tegak menunjukkan selang kepercayaan 95 persen untuk setiap bulan yang punya cukup jawaban"
    found = [text for text in texts(draw(level_text=words)) if text in words and " " in text]
    assert " ".join(found) == words
    assert len(found) == 2


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": []}, "no points"),
        ({"month_names": MONTHS[:11]}, "twelve month names"),
        ({"points": [point(202501, 101.0)]}, "202501: 101.0 is outside"),
        ({"points": [point(202501, 80.0, 20.0, 90.0)]}, "20.0 is outside"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        draw(**changes)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"points": []}, NoFigure),
        ({"month_names": MONTHS[:11]}, Malformed),
        ({"points": [point(202513, 80.0)]}, Malformed),
        ({"points": [point(202501, float("nan"))]}, Malformed),
        ({"points": [point(202501, 80.0, 82.0, 79.0)]}, Contradiction),
        ({"bands": [(65.0, 25.0, "D")]}, Malformed),
        ({"annotations": [(202412, "before the first month")]}, Malformed),
        ({"annotations": [(202601, "after the last month")]}, Malformed),
        ({"annotations": [(202500, "no month")]}, Malformed),
    ],
)
def test_every_refusal_has_a_name(changes, error):
    with pytest.raises(error):
        draw(**changes)


def annotation_lines(svg):
    """Where the dashed lines of the annotations stand."""
    return sorted(x for x, _, other, _ in lines_of(svg, width="0.9") if x == other)


def whiskers(svg):
    """Where the intervals of the months stand: all of a run are one path."""
    return sorted(
        {
            float(x)
            for path in parsed(svg).iter(f"{SVG}path")
            if "stroke-width: 1.1" in path.get("style", "") and path.get("d", "").count("M") > 1
            for x in re.findall(r"M ([-\d.]+)", path.get("d"))
        }
    )


def test_an_annotation_is_a_line_before_the_first_month_it_holds_for():
    svg = draw(annotations=[(202503, "kios dipasang")])
    [line] = annotation_lines(svg)
    months = whiskers(svg)
    assert len(months) == 12
    assert line == pytest.approx((months[1] + months[2]) / 2, abs=0.01)


def test_an_annotation_is_told_beneath_with_its_month():
    found = texts(draw(annotations=[(202505, "kios dipasang")]))
    assert found[found.index("Mei 2025: kios dipasang") - 1] == "1"


def test_annotations_are_numbered_in_the_order_of_time():
    found = texts(draw(annotations=[(202509, "kemudian"), (202502, "dahulu")]))
    assert found[found.index("Feb 2025: dahulu") - 1] == "1"
    assert found[found.index("Sep 2025: kemudian") - 1] == "2"


def test_annotations_of_one_month_stand_above_each_other():
    svg = draw(annotations=[(202503, "satu"), (202503, "dua")])
    numbers = {box.words: box for box in boxes(svg) if box.words in {"1", "2"} and box.top < 60}
    assert numbers["2"].bottom <= numbers["1"].top


def test_distant_annotations_stand_side_by_side():
    svg = draw(annotations=[(202503, "satu"), (202509, "dua")])
    first, second = [box for box in boxes(svg) if box.words in {"1", "2"} and box.top < 60]
    assert first.top == second.top


def test_an_annotation_does_not_interrupt_the_line():
    assert [len(run) for run in lines(draw(annotations=[(202505, "kios dipasang")]))] == [12]


def test_a_new_series_interrupts_the_line_before_its_first_month():
    change = Annotation(202505, "instrumen skm-2017.2", new_series=True)
    assert [len(run) for run in lines(draw(annotations=[change]))] == [4, 8]


def test_several_new_series_interrupt_it_each():
    changes = [Annotation(month, "instrumen baru", new_series=True) for month in (202503, 202510)]
    assert [len(run) for run in lines(draw(annotations=changes))] == [2, 7, 3]


def test_without_annotations_there_is_no_room_for_them():
    height = float(parsed(draw()).get("height"))
    assert annotation_lines(draw()) == []
    assert float(parsed(draw(annotations=[(202503, "satu")])).get("height")) > height


def test_an_axis_at_the_end_of_the_scale_is_not_blown_up():
    full = [point(202501 + i, 100.0, 99.5, 100.0) for i in range(6)]
    [label] = [text for text in texts(draw(full)) if text.startswith("IKM")]
    low, high = map(int, re.findall(r"\d+", label))
    assert high - low >= 15


def test_the_table_holds_the_months_in_order_with_the_reason_why_one_is_missing():
    points = [point(202502, None), point(202501, 80.0, 75.0, 84.0)]
    assert trend_table(points) == Table(
        ("month", "value", "low", "high", "n", "reason"),
        ((202501, 80.0, 75.0, 84.0, 50, None), (202502, None, None, None, 50, "no answers")),
    )


def test_drawing_leaves_pyplot_alone():
    draw()
    assert "matplotlib.pyplot" not in sys.modules


@settings(deadline=None, max_examples=10)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.none() | st.floats(min_value=25, max_value=100)),
        min_size=1,
        max_size=10,
        unique_by=lambda pair: pair[0],
    )
)
def test_any_trend_becomes_a_well_formed_picture(pairs):
    points = [
        Point((2020 + m // 12) * 100 + m % 12 + 1, v, v and max(25, v - 5), v and min(100, v + 5), 9, None)
        for m, v in pairs
    ]
    assert parsed(draw(points, bands=GRADES)).tag == f"{SVG}svg"
