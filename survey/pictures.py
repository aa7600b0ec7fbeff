"""Pictures of trends: drawn off the event loop, one at a time, and kept by what they show."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from anyio import to_thread

from analysis.charts import trend_svg
from analysis.trends import Point
from survey.i18n import translator
from survey.results_texts import grade_bands, month_name, number, short_months

Subject = Literal["trend", "sentiment"]
SUBJECTS: tuple[Subject, ...] = ("trend", "sentiment")
MOST_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class Drawing:
    """Everything a picture depends on: what it shows, of whom, in which language."""

    subject: Subject
    place: str
    points: tuple[Point, ...]
    lang: str

    @property
    def empty(self) -> bool:
        """Whether no month has a value, so that there is nothing to draw."""
        return all(point.value is None for point in self.points)


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


def draw(drawing: Drawing) -> bytes:
    """The SVG of a drawing.

    Raises:
        ValueError: the drawing is empty.
    """
    if drawing.empty:
        raise ValueError("no month has a value")
    _ = translator(drawing.lang).gettext
    trend = drawing.subject == "trend"
    return trend_svg(
        drawing.points,
        title=f"{title(drawing)}: {drawing.place}",
        description=summary(drawing),
        y_label=_("IKM") if trend else _("Mean sentiment, −1 to 1"),
        level_text=_("The line through a point is its 95 % interval"),
        month_names=short_months(drawing.lang),
        number=lambda value: _tick(value, drawing.lang, whole=trend),
        bounds=(25.0, 100.0) if trend else (-1.0, 1.0),
        bands=grade_bands() if trend else (),
        axis_text=_("{label} (here from {low} to {high})"),
    )


def title(drawing: Drawing) -> str:
    """What the picture is called."""
    _ = translator(drawing.lang).gettext
    return _("IKM by month") if drawing.subject == "trend" else _("Sentiment of comments by month")


def summary(drawing: Drawing) -> str:
    """The picture in words: from when to when, the latest, the highest and the lowest value."""
    _ = translator(drawing.lang).gettext
    valued = [(point.value, point.period) for point in drawing.points if point.value is not None]
    if not valued:
        return _("No month has a value yet.")
    (latest, when), (highest, top), (lowest, bottom) = valued[-1], max(valued), min(valued)
    return _(
        "%(title)s, %(first)s to %(last)s. Latest: %(latest)s in %(when)s. Highest: %(highest)s in %(top)s."
        " Lowest: %(lowest)s in %(bottom)s. Months without a value: %(gaps)s."
    ) % {
        "title": title(drawing),
        "first": month_name(drawing.points[0].period, drawing.lang),
        "last": month_name(drawing.points[-1].period, drawing.lang),
        "latest": number(latest, drawing.lang, 2),
        "when": month_name(when, drawing.lang),
        "highest": number(highest, drawing.lang, 2),
        "top": month_name(top, drawing.lang),
        "lowest": number(lowest, drawing.lang, 2),
        "bottom": month_name(bottom, drawing.lang),
        "gaps": str(len(drawing.points) - len(valued)),
    }


def _tick(value: float, lang: str, *, whole: bool) -> str:
    return number(value, lang, 0 if whole and value == int(value) else 2)


PICTURES = Pictures(draw)
