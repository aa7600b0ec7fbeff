"""A trained model as bytes: it comes back as it was, and nothing else is taken for one."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learned_comments import comments, from_labels, from_ratings

from analysis.sentiment import archive, lexicon_analyzer
from analysis.sentiment.archive import BrokenArchive, Model, from_bytes, to_bytes
from analysis.sentiment.learned import LearnedAnalyzer


def small(**changes: object) -> Model:
    """A model of three words and two n-grams."""
    model = Model(
        lexicon="lexicon-1",
        words=("baik", "baik sekali", "buruk"),
        grams=(" b", "ba"),
        word_idf=np.ones(3, np.float32),
        word_weights=np.array([[1, 2, -1]], np.float32),
        gram_idf=np.ones(2, np.float32),
        gram_weights=np.zeros((1, 2), np.float32),
        centre=np.zeros(4, np.float32),
        scale=np.ones(4, np.float32),
        lowest=-np.ones(4, np.float32),
        highest=np.ones(4, np.float32),
        lexicon_weights=np.zeros((1, 4), np.float32),
        intercepts=np.zeros(1, np.float32),
        rated=3,
        labelled=4,
    )
    return replace(model, **changes)  # type: ignore[arg-type]


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in content.items():
            pack.writestr(name, data)
    return file.getvalue()


def array(value: "np.ndarray[tuple[int, ...], np.dtype[np.generic]]", allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, value, version=(1, 0), allow_pickle=allow_pickle)
    return file.getvalue()


def changed_header(change: Callable[[dict[str, object]], object]) -> bytes:
    content = parts(to_bytes(small()))
    header = json.loads(np.load(io.BytesIO(content["header.npy"])).tobytes())
    change(header)
    content["header.npy"] = array(np.frombuffer(json.dumps(header).encode(), np.uint8))
    return packed(content)


@pytest.mark.parametrize("learned", [from_labels, from_ratings])
def test_a_model_comes_back_as_it_was(learned: Callable[[], LearnedAnalyzer]) -> None:
    back = LearnedAnalyzer.from_bytes(learned().to_bytes(), lexicon_analyzer())
    texts = [text for text, _ in comments(90, seed=6)]
    assert back.version == learned().version
    assert back.read_many(texts) == learned().read_many(texts)
    assert (back.model.rated, back.model.labelled) == (learned().model.rated, learned().model.labelled)


def test_the_version_is_a_name_and_eight_digits_and_changes_with_what_was_learned() -> None:
    version = small().version
    assert version.startswith("learned-")
    assert len(version) == 16
    weights = np.array([[1, 2, -1.5]], np.float32)
    others = [small(word_weights=weights), small(lexicon="lexicon-2"), small(words=("baik", "x", "buruk"))]
    assert len({version, *(model.version for model in others)}) == 4
    assert from_bytes(to_bytes(small())).version == version


def test_an_archive_is_read_by_numpy_without_pickle() -> None:
    with np.load(io.BytesIO(to_bytes(small())), allow_pickle=False) as found:
        assert found["word_weights"].tolist() == [[1.0, 2.0, -1.0]]


def test_bytes_cut_short_anywhere_are_refused() -> None:
    data = to_bytes(small())
    for end in range(0, len(data) - 1, 7):
        with pytest.raises(BrokenArchive, match="train again"):
            from_bytes(data[:end])


@settings(max_examples=200, deadline=None)
@given(place=st.integers(0, 10_000), value=st.integers(0, 255))
def test_an_altered_byte_is_refused_or_changes_nothing(place: int, value: int) -> None:
    data = bytearray(to_bytes(small()))
    data[place % len(data)] = value
    try:
        model = from_bytes(bytes(data))
    except BrokenArchive:
        return
    assert model.version == small().version


@given(st.binary(max_size=200))
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BrokenArchive):
        from_bytes(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"word_idf": np.ones(2, np.float32)},
        {"word_weights": np.ones((2, 3), np.float32)},
        {"word_weights": np.ones(3, np.float32)},
        {"gram_weights": np.ones((1, 3), np.float32)},
        {"scale": np.ones(3, np.float32)},
        {"lowest": np.ones(5, np.float32)},
        {"highest": np.ones((4, 1), np.float32)},
        {"lexicon_weights": np.ones((1, 1), np.float32)},
        {"intercepts": np.zeros(3, np.float32)},
        {"intercepts": np.zeros((1, 1), np.float32)},
        {"words": ("baik",)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BrokenArchive, match="do not fit together"):
        from_bytes(to_bytes(small(**changes)))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused(number: float) -> None:
    with pytest.raises(BrokenArchive, match="finite"):
        from_bytes(to_bytes(small(word_weights=np.array([[1, number, 0]], np.float32))))


@pytest.mark.parametrize("name", ["word_idf", "gram_idf", "scale"])
@pytest.mark.parametrize("number", [0.0, -1.0])
def test_a_rarity_or_spread_that_is_not_positive_is_refused(name: str, number: float) -> None:
    broken = getattr(small(), name).copy()
    broken[0] = number
    with pytest.raises(BrokenArchive, match="positive"):
        from_bytes(to_bytes(small(**{name: broken})))


def test_a_range_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(BrokenArchive, match="range"):
        from_bytes(to_bytes(small(lowest=np.full(4, 2, np.float32))))


def test_a_pickled_object_is_refused_and_never_run(tmp_path: Path) -> None:
    victim = tmp_path / "run"

    class Bomb:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (victim,)

    content = parts(to_bytes(small()))
    content["word_idf.npy"] = array(np.array([Bomb()], object), allow_pickle=True)
    for data in (packed(content), packed({**content, "word_idf.npy": pickle.dumps(Bomb())})):
        with pytest.raises(BrokenArchive):
            from_bytes(data)
    with pytest.raises(BrokenArchive):
        from_bytes(pickle.dumps(Bomb()))
    assert not victim.exists()


@pytest.mark.parametrize("shape", ["(1000000000000,)", "(99999999999, 99999999999)", "(-3,)", "(2,)"])
def test_an_array_that_claims_another_size_than_it_has_is_refused(shape: str) -> None:
    content = parts(to_bytes(small()))
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    whole = b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode()
    content["word_idf.npy"] = whole + np.ones(3, np.float32).tobytes()
    with pytest.raises(BrokenArchive):
        from_bytes(packed(content))


def test_an_archive_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = parts(to_bytes(small()))
    content["word_idf.npy"] = array(np.ones(300_000, np.float32))
    data = packed(content)
    assert len(data) < 10_000
    monkeypatch.setattr(archive, "MOST_BYTES", 1_000_000)
    with pytest.raises(BrokenArchive, match="too large"):
        from_bytes(data)


def test_an_array_that_unpacks_to_more_than_the_archive_says_is_refused() -> None:
    content = parts(to_bytes(small()))
    data = packed({**content, "word_idf.npy": content["word_idf.npy"] + b"\0" * 40})
    with pytest.raises(BrokenArchive):
        from_bytes(data)


@pytest.mark.parametrize("name", ["more.npy", "../outside.npy"])
def test_an_archive_with_more_in_it_is_refused(name: str) -> None:
    with pytest.raises(BrokenArchive, match="other things"):
        from_bytes(packed({**parts(to_bytes(small())), name: b"x"}))


def test_an_archive_with_less_in_it_is_refused() -> None:
    content = parts(to_bytes(small()))
    del content["scale.npy"]
    with pytest.raises(BrokenArchive, match="other things"):
        from_bytes(packed(content))


@pytest.mark.parametrize(
    "change",
    [
        lambda header: header.update(format=99),
        lambda header: header.pop("lexicon"),
        lambda header: header.update(lexicon=3),
        lambda header: header.update(rated="many"),
        lambda header: header.update(words=[1, 2, 3]),
        lambda header: header.update(words="abc"),
        lambda header: header.update(grams={"a": 1}),
    ],
)
def test_a_header_that_says_something_else_is_refused(change: Callable[[dict[str, object]], object]) -> None:
    with pytest.raises(BrokenArchive):
        from_bytes(changed_header(change))


def test_a_header_that_says_the_same_is_taken() -> None:
    assert from_bytes(changed_header(lambda header: None)).version == small().version


def test_arrays_of_another_kind_are_refused() -> None:
    content = parts(to_bytes(small()))
    content["word_idf.npy"] = array(np.ones(3, np.float64))
    with pytest.raises(BrokenArchive, match="something else"):
        from_bytes(packed(content))


def test_a_column_first_array_is_not_read_row_first() -> None:
    weights = np.asfortranarray(np.array([[1, 2, -1], [3, 4, 5]], np.float32))
    others = {"gram_weights": np.zeros((2, 2), np.float32), "lexicon_weights": np.zeros((2, 4), np.float32)}
    model = small(word_weights=weights, intercepts=np.zeros(2, np.float32), **others)
    assert from_bytes(to_bytes(model)).word_weights.tolist() == weights.tolist()
