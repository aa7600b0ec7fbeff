"""What the page of the comments and its API ask for, answered in one reading (see `survey.results`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.comments.central import representatives
from analysis.comments.contradictions import Kind, contradiction
from analysis.themes import ELEMENTS
from survey.comments.explaining import Explain, explainer_of
from survey.comments.findings import RATED, Findings, findings_of
from survey.comments.misjudged import confusion_of, error_of
from survey.comments.months import SHOWN_FROM
from survey.comments.readings import LABELS
from survey.comments.series import Series, list_series
from survey.comments.written import (
    TEXTS_FROM,
    Comments,
    Written,
    count_waiting,
    read_written,
    seed_of,
)
from survey.database import Tx
from survey.instruments import Instrument
from survey.monthly import Months, read_place
from survey.periods import Period, latest_year
from survey.places import Place, find_place

PER_THEME = 3
PER_CHOICE = 10


@dataclass(frozen=True)
class Chosen:
    """Which comments are to be read: about a theme, of a label, in a language; "" leaves it open."""

    theme: str = ""
    label: str = ""
    language: str = ""

    def __bool__(self) -> bool:
        return bool(self.theme or self.label or self.language)


NOTHING = Chosen()


@dataclass(frozen=True)
class CommentQuestion:
    """Whose comments: an agency's by its code, or a unit's; of a period, or the latest twelve months.

    ``words`` is the folder of the deployment's own words, or None. ``texts`` and ``corrected`` say whether
    comments are to be quoted, and the shares of each month corrected.
    """

    instruments: Mapping[str, Instrument]
    words: Path | None
    instrument: str
    period: Period | None = None
    agency: str = ""
    unit: str | None = None
    chosen: Chosen = NOTHING
    texts: bool = True
    corrected: bool = False


@dataclass(frozen=True)
class Quote:
    """A comment as it may be shown.

    Attributes:
        text: masked.
        language: its code, or ``und``.
        label: of what it says about the theme it is quoted for, else of the whole; one of ``LABELS``.
        words: those that decided, each with whether it speaks for the place; the strongest first.
        source: where it is kept, as (agency, number): for whoever may correct it, never to be shown.
    """

    text: str
    language: str
    label: str
    words: tuple[tuple[str, bool], ...]
    source: tuple[int, int]


@dataclass(frozen=True)
class Quotes:
    """Comments that say what many say, the most typical first.

    From how many they were chosen is not kept: the difference to how many there are would be those that
    allege something.

    Attributes:
        quotes: in the order of their centrality, which has nothing to do with time or scores.
        few: whether there are none because fewer than ``SHOWN_FROM`` could be shown.
    """

    quotes: tuple[Quote, ...]
    few: bool = False


@dataclass(frozen=True)
class Texts:
    """What people write. ``themes`` are the elements; ``chosen`` is there when something was chosen."""

    themes: Mapping[str, Quotes]
    contradictions: Mapping[Kind, Quotes]
    chosen: Quotes | None


@dataclass(frozen=True)
class CommentResults:
    """All that is known of the comments of a place and period.

    Attributes:
        place: whose.
        period: of when; None before there is anything.
        months: those there is anything of, to choose from.
        series: under which comments are read now; None before the first comment.
        others: every other series that is or was in use, or was tried, the latest first.
        findings: what the tallies say; None before the first comment was read.
        elsewhere: comments of the period that only other series have read.
        waiting: comments of the place that nobody has read yet.
        answers: of the place in the period.
        comments: those that were looked at, None when none was.
        texts: what may be shown of them; None where fewer than ``TEXTS_FROM`` have answered.
        unsealed: comments that are shown once the night has passed.
    """

    place: Place
    period: Period | None
    months: list[int]
    series: Series | None
    others: tuple[Series, ...]
    findings: Findings | None
    elsewhere: int
    waiting: int
    answers: int
    comments: Comments | None
    texts: Texts | None
    unsealed: int


def answer_comments(tx: Tx, questions: Sequence[CommentQuestion]) -> list[CommentResults]:
    """What is known of the comments of each place.

    Raises:
        NotFound: no such agency, or it has no such unit.
    """
    return [_answer(tx, question) for question in questions]


def _answer(tx: Tx, question: CommentQuestion) -> CommentResults:
    place = find_place(tx, question.agency, question.unit)
    layouts = {name: instrument.layout for name, instrument in question.instruments.items()}
    kept = read_place(tx, place, layouts)
    every = list_series(tx, [None])[0]
    series = next((one for one in every if one.state == "current"), None)
    months = sorted(set(kept.of("invited", question.instrument)) | set(kept.ledger))
    period = question.period or (latest_year(months[-1]) if months else None)
    findings, comments, texts, elsewhere = None, None, None, 0
    answers = _answers(kept, period)
    if series is not None and period is not None:
        seed = seed_of(place, period)
        findings = findings_of(
            kept.comments,
            series.id,
            confusion_of(series),
            period,
            error=error_of(series),
            seed=seed,
            months_corrected=question.corrected,
        )
        written = kept.comments.written(period)
        elsewhere = written - findings.overall.n
        if question.texts:
            comments = read_written(tx, place, period, series.id, layouts, written)
            if answers >= TEXTS_FROM:
                explain = explainer_of(tx, series, question.words)
                texts = _texts(comments.showable, question.chosen, explain, seed)
    return CommentResults(
        place=place,
        period=period,
        months=months,
        series=series,
        others=tuple(one for one in reversed(every) if one.state != "current"),
        findings=findings,
        elsewhere=elsewhere,
        waiting=count_waiting(tx, place),
        answers=answers,
        comments=comments,
        texts=texts,
        unsealed=sum(not one.sealed for one in comments.written) if comments else 0,
    )


def _answers(kept: Months, period: Period | None) -> int:
    """How many invited answers a place has in a period, to whatever instrument."""
    if period is None:
        return 0
    return sum(
        tally.count("n")
        for (source, _), tallies in kept.tallies.items()
        if source == "invited"
        for month, tally in tallies.items()
        if period.covers(month)
    )


def _texts(showable: Sequence[Written], chosen: Chosen, explain: Explain, seed: int) -> Texts:
    def quoted(of: Sequence[Written], count: int, theme: str = "") -> Quotes:
        if len(of) < SHOWN_FROM:
            return Quotes((), few=True)
        places = representatives([one.text for one in of], count, seed=seed)
        return Quotes(tuple(_quote(of[place], theme, explain) for place in places))

    return Texts(
        themes={
            key: quoted([one for one in showable if _label(one, key) is not None], PER_THEME, key)
            for key in ELEMENTS
        },
        contradictions={
            kind: quoted([one for one in showable if _contradicts(one) == kind], PER_THEME) for kind in RATED
        },
        chosen=quoted([one for one in showable if _matches(one, chosen)], PER_CHOICE, chosen.theme)
        if chosen
        else None,
    )


def _label(one: Written, theme: str) -> str | None:
    """What a comment says about a theme, or as a whole for none; None when it says nothing about it."""
    if not theme:
        return LABELS[one.entry.label + 1]
    return next((LABELS[found.label + 1] for found in one.entry.themes if found.key == theme), None)


def _matches(one: Written, chosen: Chosen) -> bool:
    label = _label(one, chosen.theme)
    return label is not None and chosen.label in ("", label) and chosen.language in ("", one.entry.language)


def _contradicts(one: Written) -> Kind | None:
    if one.scale is None:
        return None
    return contradiction(one.mean, one.scale, LABELS[one.entry.label + 1], one.entry.confidence / 1000)


def _quote(one: Written, theme: str, explain: Explain) -> Quote:
    words = tuple((word.text, word.contribution > 0) for word in explain(one.text))
    return Quote(
        one.text, one.entry.language, _label(one, theme) or LABELS[1], words, (one.agency_id, one.id)
    )
