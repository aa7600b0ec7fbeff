"""The sheet on which every picture is drawn: measures, inks, marks, texts, and the finished document.

Pictures place everything themselves, in units of the viewBox downwards from the top left corner, and say at
the end how high they have become. So nothing overlaps by accident of an automatic layout.
"""

import io
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from types import ModuleType
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

WIDTH = 420
"""Units of the viewBox: a text of 12 units is 9 pixels high on a phone of 320 and can still be read."""

TEXT = 12
"""Size of every text."""

LEADING = 15
"""From one line of text to the next."""

EDGE = 6
"""White around the picture."""

RIGHT = WIDTH - EDGE

INK = "#1a1a1a"
"""Figures and names."""

QUIET = "#595959"
"""Intervals, borders, explanations: 7:1 on white, 6.2:1 on a zone."""

SOFT = "#8a8a8a"
"""Large areas that are not the main thing: 3.5:1 on white."""

HAIR = "#c4c4c4"
"""Lines that only guide the eye."""

ZONE = "#f2f2f2"
"""Every other grade, and the whole of which a bar is a part."""

PAPER = "#ffffff"

DOTTED = (0.0, (1.0, 2.0))
DASHED = (0.0, (4.0, 3.0))

Across = Literal["left", "center", "right"]
Form = Literal["o", "D"]
Dash = tuple[float, tuple[float, float]]

_NO_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
"""The characters that no XML document may contain."""

_BLANKS = re.compile("[ \\t\\r\\n]+")
"""Where a line may be broken; a no-break space stays."""

_FONT = "DejaVu Sans"
"""Comes with matplotlib: the same measures everywhere. Hardly any font of a reader is wider."""

_RIMMED = "rimmed-"
_SVG = "http://www.w3.org/2000/svg"


class Page:
    """A picture being drawn.

    Attributes:
        figure: the figure of matplotlib, for a picture that brings its own axes.
    """

    def __init__(self) -> None:
        drawing_library()
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        self.figure: Figure = Figure(figsize=(WIDTH / 72, 1), dpi=72)
        FigureCanvasSVG(self.figure)
        self._sheet = self.figure.add_axes((0, 0, 1, 1), zorder=1)
        self._sheet.set_axis_off()
        self._sheet.set_xlim(0, WIDTH)
        self._rimmed = 0

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        across: Across = "left",
        colour: str = INK,
        bold: bool = False,
        rim: bool = False,
    ) -> None:
        """Write one line. ``y`` is its baseline; a white rim keeps it readable where it crosses a mark."""
        self._sheet.text(
            x,
            y,
            _BLANKS.sub(" ", plain(text)),
            ha=across,
            va="baseline",
            fontsize=TEXT,
            fontweight="bold" if bold else "normal",
            color=colour,
            zorder=6,
            gid=self.rim() if rim else None,
        )

    def rim(self) -> str:
        """The next id of a text that gets a white rim."""
        self._rimmed += 1
        return f"{_RIMMED}{self._rimmed}"

    def lines(
        self, x: float, y: float, lines: Sequence[str], *, across: Across = "left", colour: str = INK
    ) -> float:
        """Write some lines, the first with its top at ``y``; returns where the next one would begin."""
        for position, line in enumerate(lines):
            self.text(x, y + TEXT - 1 + LEADING * position, line, across=across, colour=colour)
        return y + LEADING * len(lines)

    def paragraph(self, x: float, y: float, text: str, *, colour: str = QUIET, right: float = RIGHT) -> float:
        """Write a text as wide as there is room; returns where the next line would begin."""
        return self.lines(x, y, wrap(text, right - x), colour=colour)

    def line(
        self,
        across: tuple[float, float],
        down: tuple[float, float],
        *,
        colour: str = QUIET,
        width: float = 1.1,
        dash: Dash | None = None,
        order: float = 3,
    ) -> None:
        """Draw a straight line from the first of ``across`` and ``down`` to the second."""
        style: str | Dash = "-" if dash is None else dash
        self._sheet.plot(
            across,
            down,
            color=colour,
            linewidth=width,
            linestyle=style,
            solid_capstyle="butt",  # an interval ends where it ends
            zorder=order,
            clip_on=False,
        )

    def mark(self, x: float, y: float, *, form: Form = "o", hollow: bool = False, size: float = 7) -> None:
        """Draw a dot or a diamond, filled for the main figure, hollow for one beside it."""
        self._sheet.plot(
            [x],
            [y],
            linestyle="none",
            marker=form,
            markersize=size - 1 if hollow or form == "D" else size,
            markerfacecolor=PAPER if hollow else INK,
            markeredgecolor=INK if hollow else PAPER,
            markeredgewidth=1.3 if hollow else 0.8,
            zorder=5,
            clip_on=False,
        )

    def box(
        self,
        across: tuple[float, float],
        down: tuple[float, float],
        *,
        fill: str,
        edge: str | None = None,
        hatch: str | None = None,
        order: float = 2,
    ) -> None:
        """Fill a rectangle between two abscissae and two ordinates; a hatch is drawn in the edge's ink."""
        from matplotlib.patches import Rectangle

        self._sheet.add_patch(
            Rectangle(
                (across[0], down[0]),
                across[1] - across[0],
                down[1] - down[0],
                facecolor=fill,
                edgecolor="none" if edge is None else edge,
                linewidth=0 if edge is None else 0.8,
                hatch=hatch,
                zorder=order,
                clip_on=False,
            )
        )

    def svg(self, height: float, title: str, description: str) -> bytes:
        """Finish the picture: an SVG document in UTF-8, with its title and description.

        Args:
            height: in units.
            title: its name for assistive technology; not drawn.
            description: what it shows in words; not drawn.
        """
        self.figure.set_size_inches(WIDTH / 72, height / 72)
        self._sheet.set_ylim(height, 0)
        drawn = io.StringIO()
        self.figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
        return _document(drawn.getvalue(), title, description)


@cache
def drawing_library() -> ModuleType:
    """Import matplotlib and set its parameters, once for the process."""
    import matplotlib

    matplotlib.rcParams.update(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "percaya",
            "text.parse_math": False,
            "font.family": "sans-serif",
            "font.sans-serif": [_FONT],
            "hatch.linewidth": 1.2,
        }
    )
    return matplotlib


@lru_cache(maxsize=4096)
def text_width(text: str, *, bold: bool = False) -> float:
    """How wide a line of text is, in units."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(plain(text), _font(bold), False)[0])


@cache
def _font(bold: bool) -> "FontProperties":
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=_FONT, size=TEXT, weight="bold" if bold else "normal")


def wrap(text: str, width: float, *, bold: bool = False) -> list[str]:
    """Break a text into lines not wider than ``width``; a word that is too long is broken as well."""
    lines: list[str] = []
    for word in _BLANKS.split(plain(text)):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, bold=bold) <= width:
            lines[-1] = longer
            continue
        while len(word) > 1 and text_width(word, bold=bold) > width:
            fits = (end for end in range(len(word) - 1, 1, -1) if text_width(word[:end], bold=bold) <= width)
            fitting = next(fits, 1)
            lines.append(word[:fitting])
            word = word[fitting:]
        lines.append(word)
    return [line for line in (line.strip(" ") for line in lines) if line]


def plain(text: str) -> str:
    """A text without the characters that no document may contain."""
    return _NO_XML.sub("", text)


def _document(drawn: str, title: str, description: str) -> bytes:
    """Give the drawing a title and a description, and leave the choice of the font to the reader."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(drawn)  # noqa: S314 - written by ourselves a moment ago
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for element in root.iter():
        # Indentation is a tenth of the bytes.
        element.tail = None
        element.text = element.text if element.text and element.text.strip() else None
    root.set("role", "img")
    for side in ("width", "height"):
        root.set(side, root.get(side, "").removesuffix("pt"))
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(f"{{{_SVG}}}{tag}")
        element.text = plain(text)
        root.insert(position, element)
    for group in root.iter(f"{{{_SVG}}}g"):
        if group.get("id", "").startswith(_RIMMED):
            for element in group.iter(f"{{{_SVG}}}text"):
                element.set("paint-order", "stroke")
                element.set("stroke", "white")
                element.set("stroke-width", "3")
    for element in root.iter(f"{{{_SVG}}}text"):
        element.set("style", element.get("style", "").replace(f"'{_FONT}', ", ""))
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
