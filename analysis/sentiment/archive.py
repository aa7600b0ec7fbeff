"""A trained model, and its form as bytes: arrays and JSON, in which nothing can be executed.

The bytes are a NumPy ``.npz`` without any pickled object. Nothing is ever unpickled: the head of each array
is read and checked against what is really there, before anything is set aside for it.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FORMAT = 1
"""Of the bytes and of the features; other formats are refused."""
MOST_BYTES = 400_000_000
"""Unpacked; a larger archive is refused."""
MOST_TERMS = 1_000_000
"""Words and pairs, or n-grams, that one model may know."""

_ARRAYS = (
    "word_idf",
    "word_weights",
    "gram_idf",
    "gram_weights",
    "centre",
    "scale",
    "lowest",
    "highest",
    "lexicon_weights",
    "intercepts",
)
_HEADER = "header"


class BrokenArchive(ValueError):
    """The bytes hold no model that can be used; it must be trained again."""


@dataclass(frozen=True, slots=True)
class Model:
    """What was learned. All arrays are float32 and finite.

    There are one or two heads: the first judges favourable (positive) against unfavourable, the second, if
    there is one, neutral (positive) against either. L is the number of the lexicon's numbers, expanded.

    Attributes:
        lexicon: version of the lexicon analyser whose numbers were learned with.
        words: words and pairs of words.
        grams: character n-grams.
        word_idf: rarity of each of the words, positive, shape (words,).
        word_weights: log-odds per unit, shape (heads, words).
        gram_idf: rarity of each of the n-grams, positive, shape (grams,).
        gram_weights: shape (heads, grams).
        centre: mean of each lexicon feature, shape (L,).
        scale: standard deviation of each, positive, shape (L,).
        lowest: of each, as many deviations from the mean as count at most downwards, shape (L,).
        highest: the same upwards, not below `lowest`, shape (L,).
        lexicon_weights: log-odds per standard deviation, shape (heads, L).
        intercepts: shape (heads,).
        rated: number of rated comments learned from.
        labelled: number of labelled comments learned from.
    """

    lexicon: str
    words: tuple[str, ...]
    grams: tuple[str, ...]
    word_idf: "Floats"
    word_weights: "Floats"
    gram_idf: "Floats"
    gram_weights: "Floats"
    centre: "Floats"
    scale: "Floats"
    lowest: "Floats"
    highest: "Floats"
    lexicon_weights: "Floats"
    intercepts: "Floats"
    rated: int
    labelled: int

    @property
    def version(self) -> str:
        """``learned-`` and eight hexadecimal digits of all that decides a score."""
        seen = hashlib.sha256(_header(self))
        for name in _ARRAYS:
            seen.update(getattr(self, name).astype("<f4").tobytes())
        return f"learned-{seen.hexdigest()[:8]}"


def to_bytes(model: Model) -> bytes:
    """The archive of a model."""
    import numpy as np

    file = io.BytesIO()
    arrays: dict[str, Any] = {name: getattr(model, name).astype("<f4") for name in _ARRAYS}
    np.savez_compressed(file, allow_pickle=False, header=np.frombuffer(_header(model), np.uint8), **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> Model:
    """The model of an archive.

    Raises:
        BrokenArchive: cut short, altered, of another format, too large, or with numbers that cannot be.
    """
    try:
        found = _members(data)
        header = json.loads(found.pop(_HEADER).tobytes())
        model = _model(header, found)
    except BrokenArchive:
        raise
    # Whatever a library says of bytes that somebody altered, the answer is the same; `from None` because its
    # message may show a part of them.
    except (ValueError, KeyError, TypeError, RecursionError, MemoryError, OverflowError) as error:
        raise BrokenArchive(_mend(f"it cannot be read ({type(error).__name__})")) from None
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise BrokenArchive(_mend(f"it cannot be unpacked ({type(error).__name__})")) from None
    _check(model)
    return model


def _mend(why: str) -> str:
    return f"this is no trained model: {why}; train again"


def _header(model: Model) -> bytes:
    content = {
        "format": FORMAT,
        "lexicon": model.lexicon,
        "words": model.words,
        "grams": model.grams,
        "rated": model.rated,
        "labelled": model.labelled,
    }
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def _members(data: bytes) -> "dict[str, NDArray[Any]]":
    """The arrays of the archive by name, each looked at before it is unpacked."""
    import zlib

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        if sorted(entry.filename for entry in entries) != sorted(
            f"{name}.npy" for name in (_HEADER, *_ARRAYS)
        ):
            raise BrokenArchive(_mend("other things are in it than belong there"))
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise BrokenArchive(_mend("it is too large"))
        try:
            return {entry.filename.removesuffix(".npy"): _array(archive, entry) for entry in entries}
        except zlib.error:
            raise BrokenArchive(_mend("it is damaged")) from None


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> "NDArray[Any]":
    import numpy as np
    from numpy.lib import format as npy

    with archive.open(entry) as file:
        if npy.read_magic(file) != (1, 0):
            raise BrokenArchive(_mend("an array of it has another format"))
        shape, by_column, kind = npy.read_array_header_1_0(file)
        wanted = np.dtype(np.uint8 if entry.filename == f"{_HEADER}.npy" else "<f4")
        if kind != wanted or len(shape) > 2:
            raise BrokenArchive(_mend("an array of it holds something else than numbers"))
        # What is there decides, never what the head claims; one more byte shows whether there is too much.
        content = file.read(entry.file_size + 1)
    if any(side < 0 for side in shape) or len(content) != kind.itemsize * _product(shape):
        raise BrokenArchive(_mend("an array of it is cut short"))
    return np.frombuffer(content, kind).reshape(shape, order="F" if by_column else "C")


def _product(shape: tuple[int, ...]) -> int:
    size = 1
    for side in shape:
        size *= side
    return size


def _model(header: Any, arrays: "dict[str, NDArray[Any]]") -> Model:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise BrokenArchive(_mend("it was made by another version of this software"))
    for name in ("words", "grams"):
        if not isinstance(header[name], list) or not all(type(term) is str for term in header[name]):
            raise BrokenArchive(_mend("its words are no words"))
        if len(header[name]) > MOST_TERMS:
            raise BrokenArchive(_mend("it knows too many words"))
    if type(header["lexicon"]) is not str or not all(type(header[n]) is int for n in ("rated", "labelled")):
        raise BrokenArchive(_mend("what it says of itself is no text and no numbers"))
    return Model(
        lexicon=header["lexicon"],
        words=tuple(header["words"]),
        grams=tuple(header["grams"]),
        rated=header["rated"],
        labelled=header["labelled"],
        **arrays,
    )


def _check(model: Model) -> None:
    import numpy as np

    heads, features = model.intercepts.size, model.centre.size
    shapes = {
        "word_idf": (len(model.words),),
        "word_weights": (heads, len(model.words)),
        "gram_idf": (len(model.grams),),
        "gram_weights": (heads, len(model.grams)),
        "centre": (features,),
        "scale": (features,),
        "lowest": (features,),
        "highest": (features,),
        "lexicon_weights": (heads, features),
        "intercepts": (heads,),
    }
    if heads not in (1, 2) or any(getattr(model, name).shape != shape for name, shape in shapes.items()):
        raise BrokenArchive(_mend("its arrays do not fit together"))
    if not all(np.isfinite(getattr(model, name)).all() for name in shapes):
        raise BrokenArchive(_mend("a number of it is not finite"))
    if not all((getattr(model, name) > 0).all() for name in ("word_idf", "gram_idf", "scale")):
        raise BrokenArchive(_mend("a rarity or a spread of it is not positive"))
    if (model.lowest > model.highest).any():
        raise BrokenArchive(_mend("a range of it ends before it begins"))
