"""Scales, and the breaking of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.charts.axis import LEAST_SHOWN, Scale, readable_part
from analysis.charts.frame import plain, text_width, wrap

BOUNDS = (25.0, 100.0)
values = st.lists(st.floats(25, 100), min_size=1, max_size=20)


@given(values)
def test_the_part_shown_contains_every_value_and_stays_within_the_scale(shown: list[float]) -> None:
    part = readable_part(shown, BOUNDS)
    assert part.low <= min(shown)
    assert max(shown) <= part.high
    assert BOUNDS[0] <= part.low < part.high <= BOUNDS[1]


@given(values)
def test_at_least_a_fifth_of_the_scale_is_shown_also_at_its_ends(shown: list[float]) -> None:
    part = readable_part(shown, BOUNDS)
    assert part.high - part.low >= LEAST_SHOWN * 75 - 1e-9


@given(values)
def test_every_tick_is_in_sight(shown: list[float]) -> None:
    part = readable_part(shown, BOUNDS)
    assert 2 <= len(part.ticks) <= 7
    assert all(part.low <= tick <= part.high for tick in part.ticks)


def test_without_values_the_whole_scale_is_shown() -> None:
    assert readable_part([], BOUNDS)[:2] == BOUNDS


def test_a_scale_may_run_upwards() -> None:
    up = Scale(0, 10, 200, 100)
    assert [up(0), up(5), up(10)] == [200, 150, 100]


@given(st.text(st.sampled_from("abW MN\u00a0,é"), max_size=80), st.floats(40, 300))
def test_no_line_is_wider_than_the_room_and_nothing_is_lost(text: str, room: float) -> None:
    lines = wrap(text, room)
    assert all(text_width(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_line_is_broken_between_words_where_it_can_be() -> None:
    assert wrap("Produk Spesifikasi Jenis Pelayanan", 148) == ["Produk Spesifikasi Jenis", "Pelayanan"]


def test_a_no_break_space_keeps_a_number_and_its_unit_together() -> None:
    assert wrap("sebesar 78,74\u00a0% dari semua", 70)[1] == "78,74\u00a0%"


def test_bold_text_needs_more_room() -> None:
    assert text_width("Persyaratan", bold=True) > text_width("Persyaratan")


@pytest.mark.parametrize(("dirty", "clean"), [("a\x00b", "ab"), ("\ufffe", ""), ("tab\tkept", "tab\tkept")])
def test_characters_that_no_document_may_hold_are_dropped(dirty: str, clean: str) -> None:
    assert plain(dirty) == clean
