"""The page of what was sent, in segments, made from costs. Pure."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence

from babel import dates

from survey.i18n import format_number, translator
from survey.messaging.costs import Cost
from survey.messaging.models import MESSAGE_KINDS
from survey.operations_texts import KINDS
from survey.operations_views import CostsPage, Counts, address, frame
from survey.results_texts import say
from survey.results_views import Link


def costs_page(costs: Sequence[Cost], months: Sequence[int], month: int, lang: str) -> CostsPage:
    """The segments of ``months`` (``yyyymm``, the latest first), and those of one of them by agency."""
    _ = translator(lang).gettext
    by_month: defaultdict[int, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    by_agency: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for cost in costs:
        by_month[cost.month][cost.kind] += cost.segments
        if cost.month == month and cost.agency is not None:
            by_agency[cost.agency][cost.kind] += cost.segments
    asked = tuple(kind for kind in MESSAGE_KINDS if kind != "reply")
    return CostsPage(
        frame=frame(_("Cost in segments"), "/costs", lang, month=str(month)),
        months=tuple(
            Link(month_name(one, lang), address("/costs", lang, month=str(one)))
            for one in months
            if by_month[one] and one != month
        ),
        totals=_counts(
            _("Segments by month"),
            _("Month"),
            MESSAGE_KINDS,
            [(month_name(one, lang), by_month[one]) for one in months],
            lang,
        ),
        agencies=_counts(
            _("%(month)s, by agency") % {"month": month_name(month, lang)},
            _("Agency"),
            asked,
            sorted(by_agency.items()),
            lang,
        )
        if by_agency
        else None,
    )


def _counts(
    caption: str,
    head: str,
    kinds: Sequence[str],
    rows: Sequence[tuple[str, defaultdict[str, int]]],
    lang: str,
) -> Counts:
    return Counts(
        caption,
        head,
        (*(say(KINDS[kind], lang) for kind in kinds), translator(lang).gettext("Together")),
        tuple(
            (
                name,
                tuple(
                    format_number(count, lang, 0)
                    for count in (*(found[kind] for kind in kinds), sum(found[kind] for kind in kinds))
                ),
            )
            for name, found in rows
        ),
    )


def month_name(month: int, lang: str) -> str:
    """A month ``yyyymm`` in words: November 2026."""
    return dates.format_date(datetime.date(month // 100, month % 100, 1), "MMMM y", locale=lang)
