"""Reads pictures back: their texts with the room they take, their inks, and what they say of themselves."""

import re
from functools import cache
from itertools import combinations
from typing import NamedTuple
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
ASCENT, DESCENT = 9.2, 2.6  # of 12 units, measured on "Hg" in the font that all measures are taken from


class Text(NamedTuple):
    words: str
    left: float
    top: float
    right: float
    bottom: float
    bold: bool

    def meets(self, other: "Text") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def parsed(svg: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def size(svg: bytes) -> tuple[float, float]:
    _, _, width, height = map(float, str(parsed(svg).get("viewBox")).split())
    return width, height


def texts(svg: bytes) -> list[str]:
    return [text.words for text in boxes(svg)]


def boxes(svg: bytes) -> list[Text]:
    """The texts in the order of drawing, each with the rectangle that it fills."""
    found = []
    for element in parsed(svg).iter(f"{SVG}text"):
        words = "".join(element.itertext()).strip()
        if words:
            found.append(_box(element, words))
    return found


def overlaps(svg: bytes) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other."""
    return [(one.words, other.words) for one, other in combinations(boxes(svg), 2) if one.meets(other)]


def outside(svg: bytes) -> list[str]:
    """Texts that leave the page."""
    width, height = size(svg)
    return [
        text.words
        for text in boxes(svg)
        if text.left < 0 or text.top < 0 or text.right > width or text.bottom > height
    ]


def text_inks(svg: bytes) -> set[str]:
    return {
        ink
        for element in parsed(svg).iter(f"{SVG}text")
        for ink in re.findall(r"fill: (#[0-9a-f]{6})", element.get("style", ""))
    }


def mark_inks(svg: bytes) -> set[str]:
    return {
        ink
        for tag in ("path", "use")
        for element in parsed(svg).iter(f"{SVG}{tag}")
        for ink in re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", element.get("style", ""))
    }


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio of two colours written #rrggbb."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lines_of(svg: bytes, *, width: str) -> list[tuple[float, float, float, float]]:
    """The straight lines drawn with a pen of this width: from x, from y, to x, to y."""
    found = []
    for path in parsed(svg).iter(f"{SVG}path"):
        if f"stroke-width: {width}" in path.get("style", "").split("; "):
            numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
            if len(numbers) == 4:
                found.append((numbers[0], numbers[1], numbers[2], numbers[3]))
    return found


def marks(svg: bytes, fill: str) -> list[tuple[float, float]]:
    """Where dots and diamonds of this fill stand, in the order of drawing."""
    return [
        (float(use.get("x", "nan")), float(use.get("y", "nan")))
        for use in parsed(svg).iter(f"{SVG}use")
        if f"fill: {fill}" in use.get("style", "")
    ]


def rectangles(svg: bytes, fill: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of the rectangles of this fill, or of all hatched ones (``url``)."""
    found = []
    for path in parsed(svg).iter(f"{SVG}path"):
        if f"fill: {fill}" in path.get("style", ""):
            numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
            across, down = numbers[0::2], numbers[1::2]
            found.append((min(across), min(down), max(across), max(down)))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _box(element: ElementTree.Element, words: str) -> Text:
    style = dict(part.split(": ", 1) for part in element.get("style", "").split("; ") if ": " in part)
    assert style["font-size"] == "12px"
    bold = style.get("font-weight", "400") == "700"
    moved = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform", ""))
    x, y = moved.groups() if moved else (element.get("x", "nan"), element.get("y", "nan"))
    wide = _width(words, bold)
    left = float(x) - wide * {"start": 0, "middle": 0.5, "end": 1}[style.get("text-anchor", "start")]
    return Text(words, left, float(y) - ASCENT, left + wide, float(y) + DESCENT, bold)


@cache
def _width(words: str, bold: bool) -> float:
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=12, weight="bold" if bold else "normal")
    return float(text_to_path.get_text_width_height_descent(words, font, False)[0])
