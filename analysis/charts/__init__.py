"""Pictures as SVG: the only place that draws.

One visual language: the same input gives the same bytes, so a picture can be cached and compared. Text stays
text in the reader's own sans-serif font, ink is grey, and nothing depends on colour: what differs, differs in
place, form or hatching. A dot is a figure and the line through it its interval; a hollow mark is a second
figure beside the first; quiet zones with dotted borders are grades.

Every picture takes plain data, the texts and the writers of numbers in the reader's language. The data of a
picture give the same numbers as a ``Table``, to stand beside it.
"""

from analysis.charts.annotations import Annotation
from analysis.charts.comments import ThemeBar, ThemeBars, themes_svg
from analysis.charts.estimate import Band, Estimate, Table
from analysis.charts.funnel import Funnel, Stage, funnel_svg
from analysis.charts.index import IndexReading, index_svg
from analysis.charts.modes import Mix, MixedMonth, mix_svg
from analysis.charts.priority import Candidate, Priority, priority_svg
from analysis.charts.profile import Element, Profile, profile_svg
from analysis.charts.trend import trend_svg, trend_table
from analysis.charts.trust import TrustGroup, TrustItem, TrustReading, trust_svg

__all__ = [
    "Annotation",
    "Band",
    "Candidate",
    "Element",
    "Estimate",
    "Funnel",
    "IndexReading",
    "Mix",
    "MixedMonth",
    "Priority",
    "Profile",
    "Stage",
    "Table",
    "ThemeBar",
    "ThemeBars",
    "TrustGroup",
    "TrustItem",
    "TrustReading",
    "funnel_svg",
    "index_svg",
    "mix_svg",
    "priority_svg",
    "profile_svg",
    "themes_svg",
    "trend_svg",
    "trend_table",
    "trust_svg",
]
