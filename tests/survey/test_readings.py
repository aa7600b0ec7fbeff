"""What was made of a comment is kept exactly, and what a person said outlives every series."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.themes import INTEGRITY, THEMES
from survey.comments.readings import (
    ALLEGATION,
    ALLEGED,
    Correction,
    Decision,
    Entry,
    Readings,
    Theme,
    corrected,
    decided,
    pack,
    unpack,
    with_entry,
)
from survey.database import Database
from tests.factories import connected

LABELS = st.sampled_from((-1, 0, 1))
DAYS = st.integers(19700101, 99991231)
THOUSANDTHS = st.integers(-1000, 1000)
themes = st.lists(
    st.builds(Theme, st.sampled_from(THEMES), LABELS, THOUSANDTHS), unique_by=lambda one: one.key
).map(tuple)
entries = st.builds(
    Entry, st.sampled_from(("id", "jv", "su", "en", "und")), LABELS, THOUSANDTHS, st.integers(0, 1000), themes
)
readings = st.builds(
    Readings,
    st.dictionaries(st.integers(1, 32_767), entries, max_size=4),
    st.none() | st.builds(Correction, DAYS, themes),
    st.none() | st.builds(Decision, DAYS, st.sampled_from(("referred", "no_grounds", "settled"))),
)


def read(*found: Theme) -> Entry:
    return Entry("id", -1, -400, 800, found)


PRAISE, ALLEGES, DENIES, ASKS = (
    read(Theme("behaviour", 1, 500)),
    read(Theme("bribery", -1, -500)),
    read(Theme("bribery", 1, 500)),
    read(Theme("brokers", 0, 0)),
)


@given(readings)
def test_what_is_stored_is_read_back_as_it_was(known: Readings) -> None:
    packed = pack(known)
    assert unpack(packed) == known
    assert pack(unpack(packed)) == packed


@given(readings)
def test_the_beginning_of_the_text_tells_whether_anything_was_alleged(known: Readings) -> None:
    said = [entry.themes for entry in known.entries.values()]
    said += [known.correction.themes] if known.correction else []
    alleged = any(theme.key in INTEGRITY and theme.label < 1 for themes in said for theme in themes)
    assert pack(known).startswith('{"allegation":') == (alleged or known.decision is not None)


@given(readings, st.integers(1, 32_767), entries)
def test_a_further_reading_takes_nothing_away(known: Readings, series: int, entry: Entry) -> None:
    after = with_entry(known, series, entry)
    assert after.entries == {**known.entries, series: entry}
    assert (after.correction, after.decision) == (known.correction, known.decision)


@given(readings, st.builds(Correction, DAYS, themes))
def test_a_correction_counts_in_every_series_and_leaves_the_rest(known: Readings, said: Correction) -> None:
    after = corrected(known, said)
    assert (after.entries, after.decision) == (known.entries, known.decision)
    for series, entry in known.entries.items():
        assert after.of(series) == replace(entry, themes=said.themes)
    assert corrected(after, known.correction) == known


@given(readings, st.builds(Decision, DAYS, st.just("settled")))
def test_an_outcome_changes_no_figure(known: Readings, decision: Decision) -> None:
    after = decided(known, decision)
    assert [after.of(series) for series in known.entries] == [known.of(series) for series in known.entries]
    assert decided(after, known.decision) == known


@pytest.mark.parametrize(
    ("entry", "alleges"), [(PRAISE, False), (ALLEGES, True), (DENIES, False), (ASKS, True)]
)
def test_what_is_spoken_of_as_absent_is_no_allegation(entry: Entry, alleges: bool) -> None:
    assert entry.alleges is alleges
    assert (ALLEGATION in json.loads(pack(Readings({1: entry})))) is alleges


KEPT: Mapping[str, tuple[Readings, bool]] = {
    "praise": (Readings({1: PRAISE}), False),
    "alleged": (Readings({1: PRAISE, 2: ALLEGES}), True),
    "by a person": (Readings({1: PRAISE}, Correction(20261124, ALLEGES.themes)), True),
    "decided": (Readings({1: PRAISE}, None, Decision(20261124, "no_grounds")), True),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_database_tells_an_allegation_by_the_text(database: Database, name: str) -> None:
    known, marked = KEPT[name]
    quoted = pack(known).replace("'", "''")
    with connected(database) as connection:
        found = connection.execute(
            f"SELECT count(*) FROM (SELECT '{quoted}' AS reading) AS r WHERE {ALLEGED}"
        )
        assert bool(found.fetchone()[0]) is marked
