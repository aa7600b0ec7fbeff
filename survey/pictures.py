"""Pictures of figures: drawn off the event loop, one at a time, and kept by what they show."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

from anyio import to_thread

CommentSubject = Literal["negative", "positive", "themes"]
Subject = (
    Literal["index", "elements", "funnel", "trend", "modes", "trust", "priority", "sentiment"]
    | CommentSubject
)
SUBJECTS: tuple[Subject, ...] = (
    "index",
    "elements",
    "funnel",
    "trend",
    "modes",
    "trust",
    "priority",
    "sentiment",
)
COMMENT_SUBJECTS: tuple[CommentSubject, ...] = ("negative", "positive", "themes")
"""Pictures on the pages of the comments; ``SUBJECTS`` are those of the results."""
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Drawing:
    """Everything a picture depends on: what it shows, of whom, in which language.

    ``data`` is what the drawing function of the subject takes, None when there is nothing to draw; ``ends``
    are those of the scale. ``summary`` is the picture in words, or why there is none.
    """

    subject: Subject
    place: str
    data: Hashable
    lang: str
    title: str = ""
    summary: str = ""
    ends: tuple[float, float] = (25.0, 100.0)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.data is None


@dataclass(frozen=True)
class Picture:
    """An SVG document in UTF-8 and its strong ETag."""

    svg: bytes
    etag: str


class Pictures:
    """Pictures kept by their drawings, the least used dropped beyond a number of bytes; thread-safe.

    Drawing is serial: the drawing library keeps its parameters for the whole process.
    """

    def __init__(self, draw: Callable[[Drawing], bytes], most_bytes: int = MOST_BYTES) -> None:
        self._draw = draw
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Drawing, Picture] = OrderedDict()
        self._bytes = 0
        self._keeping = threading.Lock()
        self._drawing = threading.Lock()

    async def get(self, drawing: Drawing) -> Picture:
        """The picture of a drawing, drawn in a thread when it is not kept.

        Raises:
            ValueError: the drawing is empty.
        """
        found = self._find(drawing)
        return found if found is not None else await to_thread.run_sync(self._make, drawing)

    def _find(self, drawing: Drawing) -> Picture | None:
        with self._keeping:
            found = self._kept.get(drawing)
            if found is not None:
                self._kept.move_to_end(drawing)
            return found

    def _make(self, drawing: Drawing) -> Picture:
        with self._drawing:
            # Somebody else may have drawn it while this one waited for its turn.
            found = self._find(drawing)
            if found is not None:
                return found
            svg = self._draw(drawing)
            picture = Picture(svg, f'"{hashlib.blake2b(svg, digest_size=12).hexdigest()}"')
            self._keep(drawing, picture)
            return picture

    def _keep(self, drawing: Drawing, picture: Picture) -> None:
        with self._keeping:
            self._kept[drawing] = picture
            self._bytes += len(picture.svg)
            while self._bytes > self._most_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= len(dropped.svg)
