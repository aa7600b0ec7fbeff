"""How people answered, in words: what the modes are called, and their mix by month."""

from __future__ import annotations

from analysis.charts import Mix, MixedMonth
from survey.modes import Modes
from survey.results_texts import N_, number, percent, say, short_month, short_reason

_NAMES = {
    "web": N_("Web form"),
    "sms": N_("SMS"),
    "kiosk": N_("Kiosk in the office"),
    "import": N_("Imported"),
}


def mode_name(mode: str, lang: str) -> str:
    """What a mode of answering is called."""
    return say(_NAMES[mode], lang)


def read_mix(modes: Modes, lang: str) -> tuple[Mix | None, str]:
    """The mix by month to be drawn, None when there is nothing to tell apart, and what it says in words."""
    total = sum(one.n for one in modes.figures)
    if not modes.several:
        name = mode_name(modes.figures[0].mode, lang) if modes.figures else "–"
        text = N_("All %(n)s answers of this period came one way: %(name)s.")
        return None, say(text, lang, n=number(total, lang), name=name)
    shares = ", ".join(
        f"{mode_name(one.mode, lang)} {number(one.n, lang)} ({percent(one.share, lang)})"
        for one in modes.figures
    )
    summary = say(N_("Of %(n)s answers: %(shares)s."), lang, n=number(total, lang), shares=shares)
    if not any(month.shares for month in modes.months):
        return None, summary + " " + say(N_("No month has enough answers to be parted."), lang)
    months = tuple(
        MixedMonth(
            short_month(one.month, lang),
            one.n,
            one.shares,
            short_reason(one.withheld, lang) if one.withheld else "",
        )
        for one in modes.months
    )
    return Mix(tuple(mode_name(one.mode, lang) for one in modes.figures), months), summary
