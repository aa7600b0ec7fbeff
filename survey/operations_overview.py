"""The page of the messages, made from an overview. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from survey.i18n import format_number, translator
from survey.messaging.models import MESSAGE_KINDS
from survey.messaging.overview import Condition, Overview, ProviderView
from survey.messaging.provider_states import EVERYTHING
from survey.messaging.routing import Breaker
from survey.messaging.troubled import Retried, Troubled
from survey.operations_texts import (
    AGAINST,
    BREAKERS,
    CONDITIONS,
    KINDS,
    STATES,
    STUCK,
    VERDICTS,
    clock,
    counted,
    lasted,
    percent,
)
from survey.operations_views import (
    Button,
    ConfirmPage,
    Counts,
    Fact,
    Problem,
    Provider,
    SmsPage,
    address,
    frame,
)
from survey.results_texts import N_, say
from survey.results_views import Link


def sms_page(
    overview: Overview, listed: Sequence[Troubled], lang: str, *, still: bool, notice: str
) -> SmsPage:
    """How the messages are; ``still``: the page does not refresh itself."""
    _ = translator(lang).gettext
    condition, backlog = overview.condition, overview.backlog
    sentence, advice = (say(text, lang) if text else "" for text in CONDITIONS[condition])
    paused = overview.everything_paused
    asked = {"still": "1"} if still else {}
    toggle = (
        Link(_("Refresh by itself again"), address("", lang))
        if still
        else Link(_("Stop refreshing"), address("", lang, still="1"))
    )
    return SmsPage(
        frame=frame(_("Messages"), "", lang, notice, **asked),
        condition=condition.value,
        well=condition is Condition.WELL,
        sentence=sentence,
        advice=advice,
        as_of=_("As of %(time)s") % {"time": clock(backlog.now)},
        refresh="" if still else address("", lang),
        toggle=toggle,
        everything=_switch(EVERYTHING, _("everything"), paused, lang),
        facts=tuple(_facts(overview, lang)),
        providers=tuple(_provider(one, backlog.now, paused, lang) for one in overview.providers),
        problems=tuple(_problem(one, backlog.now, lang) for one in listed),
        ended=_ended(overview, lang),
        costs=Link(_("Cost in segments"), address("/costs", lang)),
    )


def confirm_page(one: Troubled, now: int, lang: str) -> ConfirmPage:
    """Whether a message that may have arrived is to be sent again."""
    _ = translator(lang).gettext
    path = f"/retry/{one.ref}"
    fields = (("ref", one.ref), ("twice", "yes"))
    return ConfirmPage(
        frame=frame(_("Send message %(ref)s again?") % {"ref": one.ref}, path, lang),
        cells=_cells(one, now, lang),
        button=Button("retry", address("/retry", lang), fields, _("Send it again"), one.ref, quiet=False),
        back=Link(_("Leave it as it is"), address("", lang)),
    )


def _facts(overview: Overview, lang: str) -> list[Fact]:
    _ = translator(lang).gettext
    backlog = overview.backlog

    def number(count: int) -> str:
        return counted(count, lang, backlog.most)

    def by_kind(counts: Mapping[str, int]) -> str:
        text = _("replies: %(replies)s; invitations and reminders: %(invitations)s")
        return text % {"replies": number(counts["reply"]), "invitations": number(counts["invitation"])}

    oldest = backlog.oldest_due
    unmatched = _("%(n)s of messages not known yet") % {"n": number(backlog.callbacks["unmatched"])}
    way = backlog.on_their_way
    return [
        Fact(
            _("Waiting to be sent"),
            by_kind(backlog.due),
            "" if oldest is None else _("the oldest for %(time)s") % {"time": lasted(oldest, lang)},
        ),
        Fact(_("In doubt"), number(backlog.in_doubt), _("reports are waited for; none is sent on a guess")),
        Fact(_("Stuck"), number(backlog.stuck), _("held by a worker that is gone")),
        Fact(_("Told by providers, not dealt with"), number(backlog.callbacks["waiting"]), unmatched),
        Fact(_("Being sent"), number(way["claimed"] + way["sending"])),
        Fact(
            _("Handed over, not reported"),
            number(way["submitted"]),
            _("%(n)s reports are late") % {"n": number(backlog.unreported)},
        ),
        Fact(_("For later"), by_kind(backlog.later), _("quiet hours, reminders, further tries")),
        Fact(_("Numbers that opted out"), number(overview.opted_out)),
    ]


def _switch(name: str, shown: str, paused: bool, lang: str) -> Button:
    _ = translator(lang).gettext
    action, text = ("resume", _("Resume %(what)s")) if paused else ("pause", _("Pause %(what)s"))
    id_ = f"switch-{'everything' if name == EVERYTHING else name}"
    text = text % {"what": shown}
    return Button(id_, address(f"/{action}", lang), (("provider", name),), text, quiet=not paused)


def _provider(one: ProviderView, now: int, all_paused: bool, lang: str) -> Provider:
    _ = translator(lang).gettext
    if one.paused:
        state = _("paused")
    elif one.breaker is Breaker.OPEN:
        until = {"time": clock(one.open_until)}
        state = _("fails, and is not asked until %(time)s") % until
    else:
        state = say(BREAKERS[one.breaker], lang)
    return Provider(
        name=one.name,
        state=state,
        ill=not one.asked,
        facts=tuple(_provider_facts(one, now, lang)),
        # Resuming also forgets its failures, so that is what one that is not asked needs.
        button=_switch(one.name, one.name, (one.paused and not all_paused) or not one.asked, lang),
    )


def _provider_facts(one: ProviderView, now: int, lang: str) -> list[Fact]:
    _ = translator(lang).gettext
    facts = []
    if one.trouble:
        facts.append(Fact(_("Trouble"), one.trouble))
    if one.tried:
        verdicts = "; ".join(
            f"{say(text, lang)}: {whole(one.tries[verdict], lang)}"
            for verdict, text in VERDICTS.items()
            if one.tries.get(verdict)
        )
        facts.append(
            Fact(_("Taken, of the tries of 24 hours"), percent(one.accepted / one.tried, lang), verdicts)
        )
    if one.delivery is not None:
        delivery = one.delivery
        remark = _("95 %% interval %(low)s to %(high)s; of the latest %(n)s of seven days") % {
            "low": percent(delivery.low, lang),
            "high": percent(delivery.high, lang),
            "n": whole(delivery.taken, lang),
        }
        if delivery.open:
            remark += "; " + _("%(n)s without a report") % {"n": whole(delivery.open, lang)}
        facts.append(Fact(_("Delivered, of those handed over"), percent(delivery.share, lang), remark))
    if one.median is not None:
        remark = _("95 %% within %(ms)s ms") % {"ms": whole(one.p95 or 0, lang)}
        facts.append(Fact(_("Answers within"), f"{whole(one.median, lang)} ms", remark))
    tried = _("never") if one.last_try is None else _ago(now - one.last_try, lang)
    facts.append(Fact(_("Last asked"), tried))
    facts.append(
        Fact(
            _("Weight"),
            f"{one.weight}",
            "" if one.weight == one.resting else _("%(n)s when well") % {"n": str(one.resting)},
        )
    )
    return facts


def whole(count: int, lang: str) -> str:
    """A whole number as its language writes it."""
    return format_number(count, lang, 0)


def _ago(seconds: int, lang: str) -> str:
    return say(N_("%(time)s ago"), lang, time=lasted(max(0, seconds), lang))


def _problem(one: Troubled, now: int, lang: str) -> Problem:
    _ = translator(lang).gettext
    cells = _cells(one, now, lang)
    if one.verdict is Retried.CONFIRM:
        link = Link(_("Send again …"), address(f"/retry/{one.ref}", lang))
        return Problem(one.ref, cells, link=link)
    if one.verdict is Retried.QUEUED:
        fields = (("ref", one.ref),)
        button = Button(f"retry-{one.ref}", address("/retry", lang), fields, _("Send again"), one.ref)
        return Problem(one.ref, cells, button=button)
    against = AGAINST[one.verdict]
    return Problem(one.ref, cells, against=say(against, lang) if against else "")


def _cells(one: Troubled, now: int, lang: str) -> tuple[tuple[str, str], ...]:
    _ = translator(lang).gettext
    return (
        (_("State"), say(STUCK if one.stuck else STATES[one.state], lang)),
        (_("Reason"), one.reason or "–"),
        (_("Since"), _ago(now - one.since, lang)),
        (_("Kind"), say(KINDS[one.kind], lang)),
        (_("Agency"), one.agency or "–"),
        (_("Provider"), one.provider or "–"),
        (_("Tries"), whole(one.attempts, lang)),
    )


def _ended(overview: Overview, lang: str) -> Counts:
    _ = translator(lang).gettext
    most = overview.backlog.most
    return Counts(
        _("Ended in the last 24 hours"),
        _("State"),
        tuple(say(KINDS[kind], lang) for kind in MESSAGE_KINDS),
        tuple(
            (say(STATES[state], lang), tuple(counted(kinds[kind], lang, most) for kind in MESSAGE_KINDS))
            for state, kinds in overview.ended.items()
        ),
    )
